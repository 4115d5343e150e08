"""Processes of another user, as far as this one may make any; and agents that are none."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def open_files() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def listening(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.bind(str(path))
    made.listen()
    return made


@contextmanager
def answering(path: Path, answer: Callable[[socket.socket], None]) -> Iterator[None]:
    """Something that listens at `path`, and does `answer` with the first that connects."""
    made = listening(path)

    def serve() -> None:
        connection, _ = made.accept()
        with connection:
            answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        made.close()
        thread.join()


def listening_as_somebody_else(path: Path) -> socket.socket:
    """A socket on which another user has listened, where this process may become one; its own elsewhere.

    The kernel remembers who called listen(2).
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.bind(str(path))
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        made.listen()
    finally:
        os.seteuid(before)
    return made
