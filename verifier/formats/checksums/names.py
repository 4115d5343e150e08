"""What a list of checksums may call a file: a path below its own folder, and one way to write each.

* no name is absolute, leads upwards, is of another system, or stands for standard input
* a `./` in front says nothing, and is taken away: two spellings of one file are one name
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.limits import MAX_PATH_BYTES, MAX_PATH_DEPTH

_HERE: Final = re.compile(r"\A(?:\./)+")
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def plain_name(name: str) -> str:
    """The name without `./` in front; raises `ValueError` saying what is wrong with it."""
    if len(name.encode()) > MAX_PATH_BYTES:
        raise ValueError(f"it is longer than {MAX_PATH_BYTES} bytes")
    name = _HERE.sub("", name)
    if name in {"", "-"}:
        raise ValueError("it names no file")
    if "\0" in name:
        raise ValueError("it holds a NUL character")
    if name.startswith("/") or "\\" in name or _DRIVE.match(name):
        raise ValueError("it is absolute, or of another system")
    segments = name.split("/")
    if {"", ".", ".."}.intersection(segments):
        raise ValueError("it has an empty or dotted segment")
    if len(segments) > MAX_PATH_DEPTH:
        raise ValueError(f"it is deeper than {MAX_PATH_DEPTH} folders")
    return name
