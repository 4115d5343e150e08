"""Reading a local file that may be anything.

* only regular files are read; a FIFO or a device neither blocks nor is read from
* the size is checked on the descriptor that is read, before anything is read
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from verifier.core.errors import Refused, refuse


def read_regular_file(path: Path, *, max_bytes: int, follow: bool = True) -> bytes:
    """The whole content; `Refused` (`input.*`) where it is not a regular file, unreadable or larger than allowed."""
    subject = str(path)
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        raise unreadable(subject, error) from None
    with open(descriptor, "rb") as file:  # noqa: PTH123
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise refuse("input.unreadable", subject, f"a regular file was expected, seen: {kind(status.st_mode)}")
            content = file.read(max_bytes + 1) if status.st_size <= max_bytes else b""
        except OSError as error:
            raise unreadable(subject, error) from None
    if max(status.st_size, len(content)) > max_bytes:
        message = f"{max(status.st_size, len(content))} bytes; at most {max_bytes} are allowed"
        raise refuse("input.too-large", subject, message)
    return content


def unreadable(subject: str, error: OSError | ValueError) -> Refused:
    """The refusal for what the operating system would not let us read."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return refuse("input.unreadable", subject, f"cannot be read: {reason}")


def kind(mode: int) -> str:
    """What a file mode stands for, in words."""
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a character device",
        stat.S_IFBLK: "a block device",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")
