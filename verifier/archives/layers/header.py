"""What a tar header says of a member of a layer: a profile of `archives.tar_header` with links and devices.

* owners, modes and sizes may be base-256 numbers, as GNU writes large ones; none is negative
* what has no content by its type declares none: readers differ on what follows otherwise
* a character device 0:0 is overlay's own form of a whiteout, and refused; sparse files and unknown types are

Source: POSIX.1-2017 pax; GNU tar manual, "Basic Tar Format"; Go `archive/tar/reader.go`; formats/images.md section 2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from verifier.archives.layers.table import EntryType
from verifier.archives.tar_header import (
    EXTENSIONS,
    MalformedHeader,
    check_magic,
    check_sum,
    name_prefix,
    plain_prefix,
)

GNU_LONG_LINK: Final = ord("K")
LAYER_EXTENSIONS: Final = EXTENSIONS | {GNU_LONG_LINK}
TYPES: Final[dict[int, EntryType]] = {
    0: "file",
    ord("0"): "file",
    ord("1"): "hardlink",
    ord("2"): "symlink",
    ord("3"): "character",
    ord("4"): "block",
    ord("5"): "directory",
    ord("6"): "fifo",
}
_MAX_OWNER = (1 << 32) - 1
"""The kernel has 32 bits: more of them would be root's again."""
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*\Z")


class LayerHeader(NamedTuple):
    """`type` is None for an extended header, whose `kind` is its type flag. `link` is as it is written."""

    kind: int
    type: EntryType | None
    name: bytes
    link: bytes
    mode: int
    uid: int
    gid: int
    size: int


def parse_layer_header(block: bytes) -> LayerHeader:
    """Read one block of 512 bytes that is not all zeros; raises `MalformedHeader`."""
    rest = block[156:]
    check_sum(block, rest)
    # Most members share everything behind the checksum, and mode and owner: judged once, remembered.
    kind, entry_type, link, prefix = _shared_part(rest)
    mode, uid, gid = _ownership(block[100:124])
    _check_time(block[136:148])
    name = block[:100].rstrip(b"\0")
    if b"\0" in name:
        raise MalformedHeader("archive.malformed", "bytes follow the end of the name")
    if prefix:
        name = prefix + b"/" + name
    return LayerHeader(kind, entry_type, name, link, mode, uid, gid, _size(block[124:136]))


@lru_cache(maxsize=1024)
def _shared_part(rest: bytes) -> tuple[int, EntryType | None, bytes, bytes]:
    """Type flag, what that means, link and name prefix out of bytes 156 to 512."""
    kind = rest[0]
    check_magic(rest)
    entry_type = TYPES.get(kind)
    if entry_type is None and kind not in LAYER_EXTENSIONS:
        what = "a sparse file" if kind == ord("S") else f"a member of type {chr(kind)!r}"
        raise MalformedHeader("archive.special-member", f"{what}; files, directories, links and devices are expected")
    if entry_type in {"symlink", "hardlink"}:
        link = rest[1:101].rstrip(b"\0")
        if b"\0" in link:
            raise MalformedHeader("archive.malformed", "bytes follow the end of the link's target")
        return kind, entry_type, link, name_prefix(rest)
    if entry_type in {"character", "block"}:
        device = _number(rest[173:181], "device number"), _number(rest[181:189], "device number")
        if entry_type == "character" and device == (0, 0):
            message = "a character device 0:0, which is overlay's form of a whiteout, and not that of images"
            raise MalformedHeader("archive.special-member", message)
        return kind, entry_type, b"", name_prefix(rest)
    return kind, entry_type, b"", plain_prefix(rest)


@lru_cache(maxsize=1024)
def _ownership(fields: bytes) -> tuple[int, int, int]:
    """Mode (its twelve bits; some writers put the file's type above them), owner and group."""
    uid, gid = _number(fields[8:16], "owner"), _number(fields[16:24], "group")
    check_owner(uid)
    check_owner(gid)
    return _number(fields[:8], "mode") & 0o7777, uid, gid


def check_owner(number: int) -> None:
    """Refuse an owner or group that the kernel has no bits for."""
    if number > _MAX_OWNER:
        raise MalformedHeader("archive.malformed", f"the owner or group {number} has more than 32 bits")


def _check_time(field: bytes) -> None:
    if not (field[0] & 0x80 or _OCTAL.match(field)):
        raise MalformedHeader("archive.malformed", "a time is not a number")


def _size(field: bytes) -> int:
    digits = field[:11]
    if digits.isdigit() and b"8" not in digits and b"9" not in digits and field[11] in b" \0":
        return int(digits, 8)
    if not field.strip(b" \0"):
        raise MalformedHeader("archive.malformed", "the size is missing")
    return _number(field, "size")


def _number(field: bytes, what: str) -> int:
    """An octal number, or a base-256 one; nothing is zero."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            raise MalformedHeader("archive.malformed", f"a negative {what}")
        return int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
    octal = _OCTAL.match(field)
    if octal is None:
        raise MalformedHeader("archive.malformed", f"the {what} is not an octal number")
    return int(octal[1] or b"0", 8)
