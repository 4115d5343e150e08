"""A file of somebody else that is appended to, as the summary of a workflow's step: what stands there stays.

* nothing is appended through a link, nor to what has another name, nor to what is no file
* a file that is not there is made
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


def size_to_append(path: Path) -> int:
    """Bytes that stand there; raises `OSError` where nothing may be appended."""
    descriptor = _opened(path)
    try:
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def append(path: Path, content: bytes) -> None:
    """Append `content`; raises `OSError`."""
    with os.fdopen(_opened(path), "ab") as stream:
        stream.write(content)


def _opened(path: Path) -> int:
    if path.is_symlink():
        raise OSError("it is a link")
    descriptor = os.open(path, _FLAGS, 0o644)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        os.close(descriptor)
        raise OSError("it is no file of its own")
    return descriptor
