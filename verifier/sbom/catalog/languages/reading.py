"""Reading the record of a package where it lies, or where a link in its place leads."""

from __future__ import annotations

from typing import Final

from verifier.core.errors import refuse
from verifier.evidence.contents import Files

MAX_NAME: Final = 1_000
"""Characters of a name or a version: npm allows 214, the longest in Python's index have 80."""


def read_at(files: Files, path: str, *, max_bytes: int) -> bytes:
    """The content of the record at `path`; `Refused` where a link in its place leads to nothing, or it is no file."""
    fact = files.find(path)
    if fact is None or fact.type != "symlink":
        return files.read(path, max_bytes=max_bytes)
    found = files.resolve(path)
    if found is None:
        raise refuse("input.unreadable", path, f"a link to {fact.target}, which is not there or outside")
    return files.read(found.path, max_bytes=max_bytes)
