"""A child process that hostile Rego may crash, hang or flood.

* it ends by the deadline, one way or another, and nothing of it is left behind
* no more than `MAX_OUTPUT` of its output is read
* it sees an empty environment but for what the caller writes, and no file descriptor of ours
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from verifier.core.value import Value, field

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes read from a child: the syntax trees of some thousand modules."""


class Ended(Value):
    """How a child ended: `status` is its exit status, negative for a signal; `output` what it wrote until then."""

    status: int
    output: bytes = field(repr=False)
    late: bool = False
    flooded: bool = False
    unstarted: str = ""

    @property
    def how(self) -> str:
        """A few words for a message."""
        if self.unstarted:
            return f"could not be started ({self.unstarted})"
        if self.late:
            return "did not end in time"
        if self.flooded:
            return "wrote too much"
        if self.status < 0:
            return f"was ended by {signal.Signals(-self.status).name}"
        return f"ended with status {self.status}"


class Command(Value):
    """A program and what it finds itself in; with `complaints`, its standard error counts as output."""

    arguments: Sequence[str]
    folder: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=dict)
    complaints: bool = False


def run_child(command: Command, *, request: bytes = b"", timeout_s: float) -> Ended:
    """Run `command`, give it `request` on standard input, and read its output."""
    try:
        child = _start(command)
    except OSError as error:
        return Ended(status=127, output=b"", unstarted=error.strerror or "unknown error")
    late = threading.Event()
    timer = threading.Timer(max(timeout_s, 0.0), _end, args=(child, late))
    feeder = threading.Thread(target=_feed, args=(child, request), daemon=True)
    with child:
        timer.start()
        feeder.start()
        try:
            assert child.stdout is not None  # noqa: S101 - a pipe was asked for
            output = child.stdout.read(MAX_OUTPUT + 1)
            flooded = len(output) > MAX_OUTPUT
            if flooded:
                _kill(child)
            status = child.wait()
        finally:
            timer.cancel()
            _kill(child)
            feeder.join()
    return Ended(status=status, output=output[:MAX_OUTPUT], late=late.is_set(), flooded=flooded)


def _start(command: Command) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - an argument list without a shell; the caller names the program
        command.arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if command.complaints else subprocess.DEVNULL,
        cwd=command.folder,
        env=dict(command.environment),
        start_new_session=True,
    )


def _feed(child: subprocess.Popen[bytes], request: bytes) -> None:
    """Write the request beside the reading, so that neither side waits for the other."""
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    with contextlib.suppress(OSError):  # the child may end before it has read everything
        child.stdin.write(request)
    with contextlib.suppress(OSError):
        child.stdin.close()


def _end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started: they share a session of their own."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
