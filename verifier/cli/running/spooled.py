"""A stream read to its end, within a bound, into a file without a name that takes its place."""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import IO, Final

from verifier.cli import output
from verifier.core.errors import ConfigurationError

_AT_ONCE_BYTES: Final = 1024 * 1024


def told(descriptor: int) -> str:
    """What a descriptor is called in messages."""
    return "standard input" if descriptor == 0 else f"/dev/fd/{descriptor}"


def spool(descriptor: int, called: str, most: int) -> None:
    """Put a file in the place of a stream, of at most `most` bytes; what is a file already stays. Raises
    `ConfigurationError`."""
    from tempfile import TemporaryFile  # noqa: PLC0415 - only for a stream

    try:
        if _is_whole_file(descriptor):
            return
        if os.isatty(descriptor):
            output.hint(f"verify: {called} is read from the terminal: end it with Ctrl-D on a line of its own")
        with TemporaryFile() as file:
            _copy(descriptor, file, called, most)
            file.flush()
            os.dup2(file.fileno(), descriptor, inheritable=descriptor < 3)
    except OSError as error:
        seen = "it is closed, or not open for reading" if error.errno == errno.EBADF else error.strerror
        raise ConfigurationError(f"{told(descriptor)} cannot be read: {seen}", where=called) from None


def _is_whole_file(descriptor: int) -> bool:
    """Whether it is a regular file of which nothing was read, and which is read anew by its name."""
    if descriptor == 0 and sys.stdin is None:  # the number may be another file's by now
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or not found.st_size or os.lseek(descriptor, 0, os.SEEK_CUR):
        return False
    return os.access(f"/dev/fd/{descriptor}", os.R_OK)


def _copy(descriptor: int, file: IO[bytes], called: str, most: int) -> None:
    size = 0
    while piece := os.read(descriptor, _AT_ONCE_BYTES):
        size += len(piece)
        if size > most:
            hint = "Write it to a file, and name that."
            message = f"{told(descriptor)} has more than the {most} bytes that are read of a stream"
            raise ConfigurationError(message, where=called, hint=hint)
        file.write(piece)
    if not size:
        output.hint(f"verify: {called}: {told(descriptor)} is empty")
