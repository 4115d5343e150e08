"""One entry of what an artifact consists of, wherever that lies: a folder, an image, memory."""

from __future__ import annotations

from typing import Literal, NamedTuple

FileType = Literal["file", "directory", "symlink", "other"]
"""A hard link is the file that it names."""


class FileFact(NamedTuple):
    """One entry: its permission bits, the bytes of a file, a symbolic link's target as written, and the number of the
    layer (from 0) that it comes from, None where there are no layers."""

    path: str
    type: FileType
    size: int = 0
    mode: int = 0
    target: str = ""
    layer: int | None = None
