"""The command in a process of its own, halted within a function of this project until somebody lets it go or ends it.

Which function that is, is said as module:name. The process says that it is there; nobody waits for a time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.running.surroundings import surroundings

_PROGRAM = """
import os, signal, sys
from importlib import import_module
place, ready, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.argv = ["verify", *sys.argv[4:]]
module, _, name = place.partition(":")
owner = import_module(module)
*above, name = name.split(".")
for each in above:
    owner = getattr(owner, each)
real = getattr(owner, name)
def halted(*given, **named):
    global calls
    calls -= 1
    if calls == 0:
        os.write(ready, b"!")
        while True:
            signal.pause()
    return real(*given, **named)
setattr(owner, name, halted)
from verifier.cli.main import run
run()
"""


@contextmanager
def halted(place: str, *arguments: object, call: int = 1) -> Iterator[subprocess.Popen]:
    """The command once it has come to its `call`th call of the function; it is killed at the end of the block."""
    come, ready = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, place, str(ready), str(call), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=(ready,),
        env=surroundings(),
    )
    os.close(ready)
    try:
        there = os.read(come, 1)
        os.close(come)
        assert there == b"!", process.communicate()
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen, number: signal.Signals) -> tuple[int, str, str]:
    """The status of a process that is sent a signal, and what it has written where."""
    process.send_signal(number)
    out, err = process.communicate()
    return process.returncode, out, err
