"""Reading the record of a package where it lies, or where a link in its place leads; and what it may be called.

* a name or a version that no document could say again (control characters, a slash, a megabyte) is refused by the path
"""

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


def require_nameable(name: str, version: str | None, path: str) -> None:
    """`Refused` where what the record at `path` says is no name or no version that can be passed on."""
    for what, text in (("name", name), ("version", version or "")):
        if len(text) > MAX_NAME:
            raise refuse(
                "input.unreadable", path, f"its {what} has {len(text)} characters; at most {MAX_NAME} are read"
            )
        if "/" in text or text in {".", ".."} or not text.isprintable():
            raise refuse("input.unreadable", path, f"its {what} is {text[:80]!r}, which is none")
