"""One tar header, one meaning.

* a header is POSIX ustar or GNU tar, its checksum holds, and every field is what the format says
* layers of images have more in theirs (links, devices): `archives.layers.header` reads that, with what is here
* of GNU's and PAX's extensions, those are read that name a member; those that change its size are refused
* what Go's `archive/tar` and Python's `tarfile` would read differently is refused
* a header that differs from one that was judged in its name, size and time only is read quickly, and to the same
  effect (`similar_files`)

Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format";
Go `archive/tar/reader.go`.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from verifier.archives.block import BLOCK
from verifier.archives.reserve import Buffer
from verifier.core.limits import Limits

ZERO_BLOCK = bytes(BLOCK)

REGULAR = frozenset(b"0\0")
DIRECTORY = ord("5")
PAX, PAX_GLOBAL, GNU_LONG_NAME = ord("x"), ord("g"), ord("L")
EXTENSIONS = frozenset((PAX, PAX_GLOBAL, GNU_LONG_NAME))
UNREADABLE = frozenset(b"SK")
"""Types after which even the next header's place is disputed (sparse), or that name a link."""
HEADER_ONLY = frozenset(b"123456")
"""Types without content, whatever their size field says."""
MAX_EXTENSION_BYTES = 64 * 1024
"""Bytes of one extended header; Go allows 1 MiB. The largest that writers make holds a path and a few attributes."""

NO_SEGMENT = frozenset(("", ".", ".."))
"""What no segment of a path may be."""
PLAIN_BYTES, PLAIN_SEGMENTS = 100, 50
"""The most that a name has which `similar_files` reads."""

Span: TypeAlias = tuple[str, int, int, int, int]
"""A regular file: its path, the start of its headers, the start and the end of its content, the end of its padding."""

_PARTS = struct.Struct("148s8s356s")
"""All before the checksum, the checksum, the type and all behind it."""
_PLAIN = re.compile(
    rb"(?s)(/?+\.?+[\w-][\w.-]*+(?:/\.?+[\w-][\w.-]*+)*)\0*+"  # what is left of 100 bytes
    rb".{24}([0-7]{11})[ \0][0-7]{11}[ \0]\Z"
)
"""All before the checksum: a name (no segment empty or beginning with two dots), its ownership, its size and time."""
_OCTAL = re.compile(rb" *([0-7]+)[ \0]*\Z")
_OWNERSHIP = re.compile(rb"(?: *[0-7]*[ \0]*)\Z")
_PAX_LENGTH = re.compile(rb"([1-9][0-9]{0,5}) ")
_PAX_TIME = re.compile(r"-?[0-9]+(?:\.[0-9]*)?\Z", re.ASCII)
_PAX_NUMBER = re.compile(r"[0-9]+\Z", re.ASCII)
_PAX_TIMES = frozenset({"mtime", "atime", "ctime"})
_PAX_NUMBERS = frozenset({"uid", "gid", "size"})
_PAX_HARMLESS = frozenset({"path", "comment", "uname", "gname"})
_PAX_HARMLESS_PREFIXES = ("SCHILY.", "LIBARCHIVE.", "RHT.security.")
_PAX_RESIZING = ("size", "GNU.sparse.", "SCHILY.realsize", "SCHILY.filetype")


class MalformedHeader(Exception):
    """A header that cannot be read; `code` is a reason code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


Header: TypeAlias = tuple[int, bytes, int]
"""What a header says of its member: type flag, name as bytes, size of its content."""


def parse_header(block: bytes) -> Header:
    """Read one block of 512 bytes that is not all zeros."""
    rest = block[156:]
    check_sum(block, rest)
    # Whole trees share everything behind the checksum, and mostly owner and time: judged once, remembered.
    kind, prefix = _shared_part(rest)
    _check_ownership(block[100:124] + block[136:148])
    name = block[:100].rstrip(b"\0")
    if b"\0" in name:
        raise MalformedHeader("archive.malformed", "bytes follow the end of the name")
    return kind, prefix + b"/" + name if prefix else name, _size(block[124:136])


class JudgedHeader(NamedTuple):
    """What a header of a regular file, found to be sound, had in the fields that most headers of an archive share."""

    ownership: bytes
    rest: bytes
    total: int  # the sum of `rest` and the eight spaces that stand for the checksum, less one


def judged(block: bytes) -> JudgedHeader | None:
    """What to compare further headers with, from one that `parse_header` has read; None for other than plain files."""
    head, _, rest = _PARTS.unpack(block)
    kind, prefix = _shared_part(rest)
    if kind not in REGULAR or prefix:
        return None
    return JudgedHeader(head[100:124], rest, sum(rest) + 256 - 1)


def similar_files(
    tar: Buffer, base: int, position: int, padding: int, filled: int, like: JudgedHeader, limits: Limits
) -> Iterator[Span]:
    """The files from `position` on, as long as their headers are like one that was judged and nothing is in doubt.

    All are offsets in the stream: `tar` begins at `base` and is there up to `filled`; the content before the first
    header ended at `padding`.
    """
    ownership, shared, total = like
    member_bytes, total_bytes = limits.member_bytes, limits.total_bytes
    while position + BLOCK <= filled:
        head, checksum, rest = _PARTS.unpack_from(tar, position - base)
        if rest != shared or head[100:124] != ownership:
            return
        # The sum of so few bytes (148 * 255 < 65521) is one less than the lower half of their Adler-32.
        if checksum != b"%06o\0 " % (total + (zlib.adler32(head) & 0xFFFF)):
            return
        plain = _PLAIN.match(head)
        if plain is None or tar[padding - base : position - base] != ZERO_BLOCK[: position - padding]:
            return
        path, size = plain.groups()
        body = position + BLOCK
        stop = body + int(size, 8)
        if stop - body > member_bytes or stop > total_bytes:
            return
        end = (stop + 511) & ~511
        yield path.decode("ascii"), position, body, stop, end
        position, padding = end, stop


def parse_pax(content: bytes, *, sized: bool = False) -> tuple[dict[str, str], list[str]]:
    """The records of an extended header, and the keywords among them that no reader needs.

    Raises `MalformedHeader` for what is not a sequence of records and for records that change a member's extent; where
    it may be `sized`, `size` is a record like another.
    """
    records: dict[str, str] = {}
    position = 0
    while position < len(content):
        length = _PAX_LENGTH.match(content, position)
        end = position + int(length[1]) if length else 0
        if length is None or end > len(content) or end <= length.end() or content[end - 1] != 0x0A:
            raise MalformedHeader("archive.malformed", f"an extended header is broken at its byte {position}")
        keyword, value = _pax_record(content[length.end() : end - 1], sized=sized)
        if keyword in records:
            raise MalformedHeader("archive.malformed", f"an extended header has {keyword!r} twice")
        records[keyword] = value
        position = end
    return records, [keyword for keyword in records if not _is_harmless(keyword)]


def parse_long_name(content: bytes) -> bytes:
    """GNU's long name: text and at most one NUL behind it."""
    name = content.removesuffix(b"\0")
    if not name or b"\0" in name:
        raise MalformedHeader("archive.malformed", "a GNU long name is empty or holds a NUL")
    return name


def padded(size: int) -> int:
    """`size` rounded up to whole blocks."""
    return (size + 511) & ~511


def _size(field: bytes) -> int:
    octal = _OCTAL.match(field)
    if octal is None:
        raise MalformedHeader("archive.malformed", "the size is not an octal number")
    return int(octal[1], 8)


def check_sum(block: bytes, rest: bytes) -> None:
    """Refuse a header whose checksum is another; `rest` is what stands behind that."""
    # Adler-32's lower half is one more than the sum of the bytes modulo 65521, and far faster than `sum`. It is the
    # sum itself where at most 256 bytes are not zero (256 * 255 + 256 < 65521). The checksum counts as eight spaces.
    if block.count(0) >= 256:
        total = (zlib.adler32(rest, zlib.adler32(block[:148])) & 0xFFFF) - 1 + 256
    else:
        total = sum(block[:148]) + sum(rest) + 256
    if block[148:156] == b"%06o\0 " % total:
        return
    declared = _OCTAL.match(block, 148, 156)
    if declared is None:
        raise MalformedHeader("archive.bad-checksum", "a header's checksum is not an octal number")
    if int(declared[1], 8) != total:
        raise MalformedHeader("archive.bad-checksum", "a header's checksum is wrong")


@lru_cache(maxsize=1024)
def _shared_part(rest: bytes) -> tuple[int, bytes]:
    """Type flag and name prefix out of bytes 156 to 512, once these are what the format says."""
    kind = rest[0]
    check_magic(rest)
    if kind not in REGULAR and kind != DIRECTORY and kind not in EXTENSIONS:
        return kind, b""
    return kind, plain_prefix(rest)


def check_magic(rest: bytes) -> None:
    """Refuse what is neither a POSIX nor a GNU header, by its bytes 156 to 512."""
    if (magic := rest[101:109]) not in (b"ustar\x0000", b"ustar  \0"):
        raise MalformedHeader("archive.malformed", f"neither a POSIX nor a GNU header: {magic!r}")


def plain_prefix(rest: bytes) -> bytes:
    """The name prefix out of bytes 156 to 512, which have no link."""
    if any(rest[1:101]):
        raise MalformedHeader("archive.malformed", "a link target where there is no link")
    devices = rest[173:189]
    if not (_OWNERSHIP.match(devices[:8]) and _OWNERSHIP.match(devices[8:])):
        raise MalformedHeader("archive.malformed", "a device number is not an octal number")
    return name_prefix(rest)


def name_prefix(rest: bytes) -> bytes:
    """The name prefix out of bytes 156 to 512."""
    extra = rest[189:]
    # GNU keeps times and sparse maps where POSIX has the prefix, and Python takes them for one.
    prefix = extra[:155].rstrip(b"\0") if rest[101:109].endswith(b"00") else b""
    if b"\0" in prefix or any(extra[155:] if prefix else extra):
        raise MalformedHeader("archive.malformed", "bytes where the header has no field")
    return prefix


@lru_cache(maxsize=1024)
def _check_ownership(fields: bytes) -> None:
    """Mode, owner and group (eight bytes each), and a time (twelve)."""
    if not all(map(_OWNERSHIP.match, (fields[:8], fields[8:16], fields[16:24], fields[24:]))):
        raise MalformedHeader("archive.malformed", "a mode, owner, group or time is not an octal number")


def _pax_record(record: bytes, *, sized: bool) -> tuple[str, str]:
    try:
        keyword, separator, value = record.decode("utf-8").partition("=")
    except UnicodeDecodeError:
        # Attributes may hold any bytes; their keywords are text.
        head, separator, _ = record.decode("utf-8", "replace").partition("=")
        keyword, value = head, ""
        if not head.startswith("SCHILY.xattr."):
            raise MalformedHeader("archive.malformed", "an extended header is not UTF-8") from None
    if not (keyword and separator) or "\0" in keyword:
        raise MalformedHeader("archive.malformed", "a record of an extended header has no keyword")
    _check_pax_value(keyword, value, sized=sized)
    return keyword, value


def _check_pax_value(keyword: str, value: str, *, sized: bool) -> None:
    if keyword.startswith(_PAX_RESIZING) and not (sized and keyword == "size"):
        raise MalformedHeader("archive.malformed", f"an extended header changes the member's extent ({keyword})")
    wrong = (
        (keyword in _PAX_TIMES and not _PAX_TIME.match(value))
        or (keyword in _PAX_NUMBERS and not _PAX_NUMBER.match(value))
        or (keyword in _PAX_HARMLESS and keyword != "comment" and (not value or "\0" in value))
    )
    if wrong:
        raise MalformedHeader("archive.malformed", f"the value of {keyword!r} in an extended header is malformed")


def _is_harmless(keyword: str) -> bool:
    known = keyword in _PAX_HARMLESS or keyword in _PAX_TIMES or keyword in _PAX_NUMBERS
    return known or keyword.startswith(_PAX_HARMLESS_PREFIXES)
