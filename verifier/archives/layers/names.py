"""The names of a layer's members: one path of the image each, or a whiteout of one.

* one leading `/` or `./` is stripped, as ko, bazel, umoci and Docker write them; `.` is the root
* a name is UTF-8, has no empty, `.` or `..` segment, and no control or bidirectional character
* a whiteout removes one name, never `.` or `..`; what AUFS leaves behind is no whiteout

Source: OCI image specification 1.1, layer.md; formats/images.md section 2.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.archives.tar_header import NO_SEGMENT

WHITEOUT: Final = ".wh."
OPAQUE: Final = ".wh..wh..opq"
AUFS: Final = frozenset({".wh..wh.plnk", ".wh..wh.aufs", ".wh..wh.orph"})
"""What AUFS keeps in the root of a layer for itself."""

_PLAIN = re.compile(rb"(?:\./|/)?([\w+@~,=:%#-][\w.+@~,=:%#-]*(?:/[\w+@~,=:%#-][\w.+@~,=:%#-]*)*)(/?)\Z")
"""Names that need no further look: no segment is empty or begins with a dot."""
_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


class UnsafeName(Exception):
    """A name that is none; the message says why, and holds the name as far as it is shown."""


def clean_name(raw: bytes, *, is_directory: bool, most: int) -> str:
    """The path in the image that `raw` stands for, "" for the root; raises `UnsafeName`."""
    if len(raw) > most:
        raise UnsafeName(f"a name of {len(raw)} bytes; at most {most} are allowed: {_shown(raw[:80])}...")
    if plain := _PLAIN.match(raw):
        if plain[2] and not is_directory:
            raise UnsafeName(f"{_shown(raw)} ends in '/' and is no directory")
        return plain[1].decode("ascii")
    return _cleaned(raw, is_directory=is_directory)


def _cleaned(raw: bytes, *, is_directory: bool) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsafeName(f"{_shown(raw)} is not UTF-8 at its byte {error.start}") from None
    if character := _UNSAFE.search(name):
        raise UnsafeName(f"{_shown(raw)} has the character U+{ord(character[0]):04X}")
    if is_directory and name in {".", "./", "/"}:
        return ""
    path = name.removeprefix("/") if name.startswith("/") else name.removeprefix("./")
    if is_directory:
        path = path.removesuffix("/")
    if not NO_SEGMENT.isdisjoint(path.split("/")):
        raise UnsafeName(f"{_shown(raw)} has an empty, '.' or '..' segment")
    return path


def clean_target(raw: bytes, *, most: int) -> str:
    """The target of a symbolic link, as it is written; raises `UnsafeName` for what no path can be."""
    if not raw or len(raw) > most:
        raise UnsafeName(f"a link to a path of {len(raw)} bytes; 1 to {most} are allowed")
    try:
        target = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsafeName(f"a link to {_shown(raw)}, which is not UTF-8 at its byte {error.start}") from None
    if character := _UNSAFE.search(target):
        raise UnsafeName(f"a link to {_shown(raw)}, which has the character U+{ord(character[0]):04X}")
    return target


def is_aufs(path: str) -> bool:
    """Whether it is what AUFS keeps for itself."""
    return path.partition("/")[0] in AUFS


def whiteout_of(path: str) -> tuple[str, bool] | None:
    """What a path removes, and whether that is the lower content of a directory rather than one name; None where it
    removes nothing. Raises `UnsafeName` for a whiteout of nothing that can be named."""
    folder, _, name = path.rpartition("/")
    if f"/{WHITEOUT}" in f"/{folder}":
        raise UnsafeName(f"{path!r} lies below a whiteout")
    if not name.startswith(WHITEOUT):
        return None
    if name == OPAQUE:
        return folder, True
    removed = name.removeprefix(WHITEOUT)
    if removed in NO_SEGMENT or removed.startswith(WHITEOUT):
        raise UnsafeName(f"{path!r} is a whiteout of {removed!r}, which is no name")
    return f"{folder}/{removed}" if folder else removed, False


def _shown(raw: bytes) -> str:
    return repr(raw[:256].decode("utf-8", "backslashreplace"))
