"""`verify serve` in processes of its own that start within milliseconds: forked from one that has imported everything.

* `ForkServer` is a process with one thread, which forks for every order and is told to by a socket
* the child runs what the command runs, `verifier.cli.commands.serve`, and logs to the pipe that came with the order
* only how often upstream is asked is not what a configuration file may say: there are 200 lives to be led
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT

_PROGRAM = "from tests.support.loading.forking import obey; obey()"
_QUICK = {"poll": timedelta(milliseconds=15), "spacing": timedelta(milliseconds=5)}


def obey() -> None:
    """Fork a gateway for every order on standard input, which is a socket, until there are no more."""
    from verifier.cli.commands import serve  # noqa: PLC0415 - in the process that forks
    from verifier.gateway import server  # noqa: F401, PLC0415
    from verifier.gateway.settings import configuration  # noqa: F401, PLC0415

    orders = socket.socket(fileno=0)
    while True:
        order, descriptors, *_ = socket.recv_fds(orders, 65_536, 1)
        if not order:
            return
        if not descriptors:
            orders.send(str(os.waitpid(int(order), 0)[1]).encode())
            continue
        child = os.fork()
        if child == 0:
            os.dup2(descriptors[0], 2)
            orders.close()
            _serve(serve, json.loads(order))
        os.close(descriptors[0])
        orders.send(str(child).encode())


def _serve(serve, configuration: str) -> None:
    from verifier.core.value import replace  # noqa: PLC0415
    from verifier.gateway.settings.configuration import load_settings  # noqa: PLC0415

    def load():
        settings = load_settings(Path(configuration))
        return replace(settings, bundles=tuple(replace(each, **_QUICK) for each in settings.bundles))

    try:
        serve._run(load, "json", None, None)
    finally:  # whatever is wrong with it, it never goes on as the process that forks
        os._exit(3)


class ForkServer:
    """Starts gateways; each is a child of the process that was forked from."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-c", _PROGRAM], stdin=theirs, env=environment, cwd=ROOT)
        self._orders.settimeout(PATIENCE_S)

    def start(self, configuration: Path) -> Gateway:
        """A gateway by this file, which may not listen yet."""
        log, theirs = os.pipe()
        try:
            socket.send_fds(self._orders, [json.dumps(str(configuration)).encode()], [theirs])
        finally:
            os.close(theirs)
        return Gateway(self, int(self._orders.recv(64)), log)

    def reap(self, pid: int) -> int:
        """The status of a child that has ended or ends now, as `os.waitpid` has it."""
        self._orders.send(str(pid).encode())
        return int(self._orders.recv(64))

    def close(self) -> None:
        self._orders.close()
        self._process.wait(PATIENCE_S)


class Gateway:
    """One process, and its log."""

    def __init__(self, server: ForkServer, pid: int, log: int) -> None:
        self._server, self.pid, self._log, self._rest = server, pid, log, b""
        self.events: list[dict] = []

    def saw(self, name: str, *, seconds: float = PATIENCE_S, **facts) -> dict | None:
        """The next event of this name with these facts; None where there is none in this time, or none any more."""
        deadline = time.monotonic() + seconds
        while True:
            line, newline, rest = self._rest.partition(b"\n")
            if newline:
                self._rest = rest
                self.events.append(json.loads(line))
                if self.events[-1]["event"] == name and facts.items() <= self.events[-1].items():
                    return self.events[-1]
                continue
            if not select.select([self._log], [], [], max(deadline - time.monotonic(), 0))[0]:
                return None
            more = os.read(self._log, 65_536)
            if not more:
                return None
            self._rest += more

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """End it, read its log to the end, and its status as `os.waitpid` has it."""
        self.send(number)
        status = self._server.reap(self.pid)
        self.saw("nothing that is ever said")
        os.close(self._log)
        return status
