"""Paths that stand for what this process has open: `/dev/stdin`, `/dev/fd/63`, a shell's `<(...)` and `>(...)`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

_NUMBERED: Final = r"/(?:dev|proc/(?:self|thread-self))/fd/(\d{1,9})"
STANDARD_INPUT: Final = "/dev/stdin"
_STANDARD: Final = {STANDARD_INPUT: 0, "/dev/stdout": 1, "/dev/stderr": 2}


def descriptor_of(path: Path) -> int | None:
    """The descriptor that `path` stands for, open or not; None for any other path."""
    text = os.path.normpath(path.absolute())
    if text in _STANDARD:
        return _STANDARD[text]
    match = re.fullmatch(_NUMBERED, text)
    return int(match[1]) if match else None


def is_stream(name: str) -> bool:
    """Whether the name of a file stands for what this process was handed, and so says nothing of what is in it."""
    return name.startswith(("/dev/", "/proc/")) and descriptor_of(Path(name)) is not None
