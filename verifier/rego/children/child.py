"""A child process that hostile input may crash, hang or flood: `run_child`, and `fed` for what is longer than memory.

* it has hard limits before its program's first byte (`confined`): memory, CPU, size and number of files, tasks, no core
* it ends by the deadline, one way or another, with all that it started: they share a session of their own
* no more than `MAX_OUTPUT` of its output is read, and `MAX_ERRORS` of its complaints, where they are not its answer
* it sees an empty environment but for what the caller writes, and no file descriptor of ours
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import IO, cast
from weakref import WeakKeyDictionary

from verifier.core.value import Value, field
from verifier.rego.children.confined import NOT_STARTED

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes read from a child: the syntax trees of some thousand modules."""
MAX_ERRORS = 64 * 1024
"""Bytes kept of what a child complains of; the rest is read and dropped."""
_PART = 64 * 1024
_LAUNCHER = str(Path(__file__).with_name("confined.py"))
_NO_MEMORY = (b"cannot allocate memory", b"out of memory", b"MemoryError", b"failed to reserve")


_RUNNING: WeakKeyDictionary[subprocess.Popen[bytes], int] = WeakKeyDictionary()
"""Children that somebody holds, ended or not, by the thread that started them."""


class Limits(Value):
    """What a child may use: each is a hard limit of the kernel's.

    `memory_bytes` is of memory that it may write to (RLIMIT_DATA), None where a program reserves more than it uses and
    watches over itself. `cpu_s` are seconds of all its threads, `file_bytes` what one file that it writes may hold.
    `tasks` counts all processes and threads of the user, so that it only bounds a flood of them, and does not bind
    root.
    """

    memory_bytes: int | None = 1024 * 1024 * 1024
    cpu_s: int = 60
    files: int = 64
    file_bytes: int = 0
    tasks: int = 4_096

    def named(self) -> dict[str, int]:
        """By the names that the system has for them."""
        named = {
            "RLIMIT_CORE": 0,
            "RLIMIT_CPU": self.cpu_s,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.files,
            "RLIMIT_NPROC": self.tasks,
        }
        return named if self.memory_bytes is None else {**named, "RLIMIT_DATA": self.memory_bytes}


class Ended(Value):
    """How a child ended: `status` is its exit status, negative for a signal; `output` what it wrote until then."""

    status: int
    output: bytes = field(repr=False)
    errors: bytes = field(repr=False, default=b"")
    late: bool = False
    flooded: bool = False
    unstarted: str = ""

    @property
    def out_of_memory(self) -> bool:
        """Whether it said so, last of all, and failed."""
        return self.status != 0 and any(said in self.errors for said in _NO_MEMORY)

    @property
    def how(self) -> str:
        """A few words for a message."""
        causes = {
            f"could not be started ({self.unstarted})": bool(self.unstarted),
            "did not end in time": self.late,
            "wrote too much": self.flooded,
            "needed more memory than it may have": self.out_of_memory,
            "used up its CPU time": self._out_of_cpu_time,
        }
        if cause := next((said for said, holds in causes.items() if holds), ""):
            return cause
        return (
            f"was ended by {signal.Signals(-self.status).name}"
            if self.status < 0
            else f"ended with status {self.status}"
        )

    @property
    def _out_of_cpu_time(self) -> bool:
        # Go says so itself, and ends otherwise.
        return self.status == -signal.SIGXCPU or (self.status != 0 and b"SIGXCPU" in self.errors)


class Command(Value):
    """A program, what it may use, and what it finds itself in.

    A program in Python (`….py`) is run by this interpreter with `flags`. With `complaints`, what it writes to standard
    error counts as output, behind the rest.
    """

    arguments: Sequence[str]
    limits: Limits = Limits()
    folder: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=dict)
    complaints: bool = False
    flags: Sequence[str] = ("-I", "-S", "-B")


class Heard:
    """What came out of a child."""

    def __init__(self, most_errors: int) -> None:
        self.output, self.errors, self.most_errors = bytearray(), bytearray(), most_errors
        self.late = self.flooded = False


def run_child(command: Command, *, request: bytes = b"", timeout_s: float) -> Ended:
    """Run `command`, give it `request` on standard input, and read its output."""
    deadline = time.monotonic() + timeout_s
    try:
        child = start(command)
    except OSError as error:
        return Ended(status=127, output=b"", unstarted=error.strerror or "unknown error")
    heard = Heard(MAX_OUTPUT if command.complaints else MAX_ERRORS)
    with child:
        try:
            _converse(child, request, deadline, heard)
            if not (heard.flooded or heard.late):
                heard.late = not ended_by(child, deadline)
        finally:
            kill(child)
        status = child.wait()
    errors = bytes(heard.errors)
    if status == NOT_STARTED:
        return Ended(status=status, output=b"", unstarted=errors.decode("utf-8", "replace"))
    output = bytes(heard.output) + (errors if command.complaints else b"")
    return Ended(status=status, output=output, errors=errors, late=heard.late, flooded=heard.flooded)


def start(command: Command) -> subprocess.Popen[bytes]:
    """A process that is going to be the command; raises `OSError`."""
    asked = {"limits": command.limits.named(), "environment": dict(command.environment)}
    child = subprocess.Popen(  # noqa: S603 - an argument list without a shell; the caller names the program
        [sys.executable, *command.flags, _LAUNCHER, json.dumps(asked), *command.arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=command.folder,
        env={},
        start_new_session=True,
    )
    _RUNNING[child] = threading.get_ident()
    return child


def _converse(child: subprocess.Popen[bytes], request: bytes, deadline: float, heard: Heard) -> None:
    """Write and read side by side, so that nobody waits for the other, until it has closed what it writes to."""
    rest = memoryview(request)
    with selectors.DefaultSelector() as waiting:
        for source in (child.stdout, child.stderr):
            waiting.register(unblocked(source), selectors.EVENT_READ)
        waiting.register(unblocked(child.stdin), selectors.EVENT_WRITE)
        open_to_read = 2
        while open_to_read and not heard.flooded:
            left = deadline - time.monotonic()
            if left <= 0:
                heard.late = True
                return
            for key, _ in waiting.select(left):
                pipe = cast("IO[bytes]", key.fileobj)
                if pipe is child.stdin:
                    rest = feed(pipe, rest)
                    if not rest:
                        waiting.unregister(pipe)
                        pipe.close()
                elif not hear(pipe.fileno(), heard, output=pipe is child.stdout):
                    waiting.unregister(pipe)
                    open_to_read -= 1


def unblocked(pipe: IO[bytes] | None) -> IO[bytes]:
    """A pipe at whose other end nobody is waited for."""
    assert pipe is not None  # noqa: S101 - a pipe was asked for
    os.set_blocking(pipe.fileno(), False)
    return pipe


def feed(pipe: IO[bytes], rest: memoryview) -> memoryview:
    """What is left to write: nothing, too, where the child does not read on."""
    try:
        return rest[os.write(pipe.fileno(), rest[:_PART]) :]
    except BlockingIOError:
        return rest
    except OSError:
        return rest[:0]


def hear(descriptor: int, heard: Heard, *, output: bool) -> bool:
    """Read a part; whether more may come."""
    try:
        part = os.read(descriptor, _PART)
    except BlockingIOError:
        return True
    kept, most = (heard.output, MAX_OUTPUT) if output else (heard.errors, heard.most_errors)
    heard.flooded = heard.flooded or (output and len(kept) + len(part) > most)
    kept += part[: most - len(kept)]
    return bool(part)


def ended_by(child: subprocess.Popen[bytes], deadline: float) -> bool:
    """Wait for its end without taking note of it: until then, its number and its group's are nobody else's."""
    pause = 0.0005
    while not _has_ended(child):
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return True


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return child.poll() is not None
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


def end_all(threads: Collection[int] | None = None) -> None:
    """End every child that is running, or those of these `threads`: whoever waited for them does so no longer."""
    for child, thread in tuple(_RUNNING.items()):
        if threads is None or thread in threads:
            kill(child)
