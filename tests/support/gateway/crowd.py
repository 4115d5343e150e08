"""A crowd in a process of its own, whose open files are not the gateway's: `python -m tests.support.gateway.crowd`.

It connects as often as it is told, sends to each connection what it is told, says so, and holds them until its standard
input ends. With `again` it starts anew whenever it is through.
"""

from __future__ import annotations

import json
import resource
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.patience import PATIENCE_S

_ITS_OWN = 64
"""Files that a process has open anyway."""


@contextmanager
def crowd(gateway, count, *, says=b"", resets=False, again=False, source="127.0.0.1") -> Iterator[int]:
    """So many connections to the gateway, held until the end of the block; yields how many were made."""
    told = {"address": [gateway.host, gateway.port], "count": count, "says": says.hex(), "source": source}
    command = [
        sys.executable,
        "-m",
        "tests.support.gateway.crowd",
        json.dumps(told | {"resets": resets, "again": again}),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(PATIENCE_S)


def main(told) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = min(told["count"], hard - _ITS_OWN)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + _ITS_OWN, hard))
    held = _connected(told, count)
    print(len(held), flush=True)  # noqa: T201
    while told["again"] and not select.select([sys.stdin], [], [], 0)[0]:
        for each in held:
            each.close()
        held = _connected(told, count)
    sys.stdin.read()


def _connected(told, count) -> list[socket.socket]:
    held = []
    for _ in range(count):
        connection = socket.socket()
        held.append(connection)
        with suppress(ConnectionError, TimeoutError):  # the gateway has had enough of us
            connection.settimeout(PATIENCE_S)
            connection.bind((told["source"], 0))
            connection.connect(tuple(told["address"]))
            connection.sendall(bytes.fromhex(told["says"]))
        if told["resets"]:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
    return held


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
