"""Memory files that nobody can change any more (Linux: `memfd_create`, sealed).

* what is sealed is neither written to, grown nor shrunk, by nobody, not even by whoever has made it; no seal comes off
* what is read from a descriptor is read once, to its end, within a bound
* a file that only looks alike is none: the kernel is asked for its seals (`fcntl(2)`, F_GET_SEALS)

Whoever asks an agent loads this and little else: nothing here imports what Python has not loaded already.
"""

import fcntl
import os

_ADD_SEALS, _GET_SEALS = 1033, 1034
"""F_ADD_SEALS and F_GET_SEALS, linux/fcntl.h; `fcntl` has the names on Linux alone."""
SEALS = 0x1 | 0x2 | 0x4 | 0x8
"""F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE."""
AT_ONCE = 256 * 1024
"""Bytes: what is read stays in the processor's cache until it is written, and no new memory is asked for."""


class UnsealedError(Exception):
    """What was handed over is no sealed memory file, or holds more than it may."""


def can_seal() -> bool:
    """Whether this system has such files."""
    return hasattr(os, "memfd_create")


def unsealed() -> int:
    """An empty memory file that can be sealed, closed on exec; raises `OSError`."""
    return os.memfd_create("verified", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def seal(made: int) -> None:
    """From now on it holds what it holds; raises `OSError`."""
    fcntl.fcntl(made, _ADD_SEALS, SEALS)


def append_copy(made: int, source: int, *, most: int) -> int:
    """Add to a memory file what is left to read of `source`, and say how many bytes that was; `OSError`, or
    `UnsealedError` where they are more than `most`."""
    size = 0
    while piece := os.read(source, AT_ONCE):
        size += len(piece)
        if size > most:
            raise UnsealedError(f"more than {most} bytes")
        write_all(made, piece)
    return size


def sealed(content: bytes) -> int:
    """A sealed memory file that holds `content`, closed on exec; raises `OSError`."""
    made = unsealed()
    try:
        write_all(made, content)
        seal(made)
    except BaseException:
        os.close(made)
        raise
    return made


def require_sealed(descriptor: int) -> int:
    """The size of a sealed memory file, which is the same for ever; `UnsealedError` for everything else."""
    try:
        held = fcntl.fcntl(descriptor, _GET_SEALS)
    except OSError:
        raise UnsealedError("it is no memory file") from None
    if held & SEALS != SEALS:
        raise UnsealedError(f"its seals are {held:#x}, expected {SEALS:#x}")
    return os.fstat(descriptor).st_size


def content_of(descriptor: int, *, most: int) -> bytes:
    """What a sealed memory file holds; `UnsealedError` for another file, or one of more than `most` bytes."""
    size = require_sealed(descriptor)
    if size > most:
        raise UnsealedError(f"{size} bytes, at most {most} are allowed")
    return part_of(descriptor, 0, size)


def part_of(descriptor: int, begins: int, size: int) -> bytes:
    """So many bytes of a sealed memory file, from there on; `UnsealedError` where it has fewer, or cannot be read."""
    pieces, at, ends = [], begins, begins + size
    try:
        while at < ends:
            piece = os.pread(descriptor, ends - at, at)
            if not piece:
                raise UnsealedError(f"it ends after {at} of {ends} bytes")
            pieces.append(piece)
            at += len(piece)
    except OSError as error:  # handed over for writing alone
        raise UnsealedError(f"it cannot be read: {error.strerror}") from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def write_all(descriptor: int, content: bytes) -> None:
    """Write the whole of it; raises `OSError`."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
