"""A child that is given more than memory holds, a piece at a time, by as many threads as like to.

* it is confined as every other (`child`), and nobody waits for it longer than it may stand still
* what it says meanwhile is heard while it is fed, so that neither waits for the other for ever
* one that has ended, stands still or says too much takes nothing any more: its end says which
"""

from __future__ import annotations

import contextlib
import fcntl
import selectors
import subprocess
import threading
import time
from typing import IO, Final

from verifier.rego.children.child import (
    MAX_ERRORS,
    Command,
    Ended,
    Heard,
    ended_by,
    feed,
    hear,
    kill,
    start,
    unblocked,
)
from verifier.rego.children.confined import NOT_STARTED

PIPE_BYTES: Final = 1024 * 1024
"""What Linux lets anybody have in one pipe."""


class FedChild:
    """`command`, fed until `end`. It is late where it takes nothing for `still_s` seconds."""

    def __init__(self, command: Command, *, still_s: float) -> None:
        self._still_s = still_s
        self._turn = threading.Lock()
        self._heard = Heard(MAX_ERRORS)
        self._unstarted = ""
        self._ended: Ended | None = None
        self._child: subprocess.Popen[bytes] | None = None
        try:
            self._child = start(command)
        except OSError as error:
            self._unstarted = error.strerror or "unknown error"
            return
        self._waiting = selectors.DefaultSelector()
        for source in (self._child.stdout, self._child.stderr):
            self._waiting.register(unblocked(source), selectors.EVENT_READ)
        _widened(unblocked(self._child.stdin))

    def give(self, piece: bytes) -> None:
        """Write all of `piece`, unless the child takes nothing any more."""
        with self._turn:
            if self._child is None or self._ended is not None or self._is_over():
                return
            rest = memoryview(piece)
            stdin = self._child.stdin
            assert stdin is not None  # noqa: S101 - a pipe was asked for
            deadline = time.monotonic() + self._still_s
            self._waiting.register(stdin, selectors.EVENT_WRITE)
            try:
                while rest and not self._is_over():
                    before = len(rest)
                    rest = self._step(self._child, rest, deadline)
                    if len(rest) < before:
                        deadline = time.monotonic() + self._still_s
            finally:
                self._waiting.unregister(stdin)

    def end(self) -> Ended:
        """Tell it that this was all, hear the rest, and how it ended; the same again whenever it is asked."""
        with self._turn:
            if self._ended is None:
                self._ended = self._end()
            return self._ended

    def close(self) -> None:
        """End it, whatever it is at."""
        with self._turn:
            if self._child is not None and self._ended is None:
                self._heard.late = True
                self._ended = self._end()

    def _is_over(self) -> bool:
        return self._heard.late or self._heard.flooded

    def _step(self, child: subprocess.Popen[bytes], rest: memoryview, deadline: float) -> memoryview:
        """Wait until something can be written or heard, or it stood still for too long; what is left to write."""
        left = deadline - time.monotonic()
        ready = self._waiting.select(left) if left > 0 else []
        if not ready:
            self._heard.late = self._heard.late or left <= 0
        for key, _ in ready:
            pipe = key.fileobj
            assert not isinstance(pipe, int)  # noqa: S101 - pipes were registered
            if pipe is child.stdin:
                rest = feed(child.stdin, rest)
            elif not hear(pipe.fileno(), self._heard, output=pipe is child.stdout):
                self._waiting.unregister(pipe)
        return rest

    def _end(self) -> Ended:
        child = self._child
        if child is None:
            return Ended(status=127, output=b"", unstarted=self._unstarted)
        with child, self._waiting:
            try:
                if child.stdin is not None and not self._is_over():
                    child.stdin.close()
                deadline = time.monotonic() + self._still_s
                while len(self._waiting.get_map()) and not self._is_over():
                    self._step(child, memoryview(b""), deadline)
                if not self._is_over():
                    self._heard.late = not ended_by(child, deadline)
            finally:
                kill(child)
            status = child.wait()
        heard = self._heard
        if status == NOT_STARTED:
            return Ended(status=status, output=b"", unstarted=bytes(heard.errors).decode("utf-8", "replace"))
        return Ended(
            status=status,
            output=bytes(heard.output),
            errors=bytes(heard.errors),
            late=heard.late,
            flooded=heard.flooded,
        )


def _widened(pipe: IO[bytes]) -> None:
    """Let a pipe hold more, where the system can: fewer turns for what is large."""
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
