"""One header of rpm's database: an index of tags and the bytes that they point into.

* every count, offset and length is held against the header before anything is read by it
* the part that came with the package must have the SHA-256 (or SHA-1) that stands beside it: a header in which bytes
  were overwritten is `Refused`, wherever they were
* a tag that is asked for and is of another type than rpm gives it is `Refused`

Source: rpm 4.18, lib/header.c, include/rpm/rpmtag.h; https://rpm.org/docs/4.20.x/manual/format_header.html
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from verifier.core.errors import Refused
from verifier.sbom.databases.opening import unreadable

MAX_HEADER: Final = 256 * 1024 * 1024
"""rpm's own bound of a header's data."""
MAX_TAGS: Final = 65_535
MAX_COUNT: Final = 4_000_000
"""Values of one tag: a package with so many files is none."""
_REGION, _SHA1, _SHA256 = 63, 269, 273
_MAGIC: Final = b"\x8e\xad\xe8\x01\0\0\0\0"
_CHAR, _INT8, _INT16, _INT32, _INT64, _STRING, _BINARY, _STRINGS, _I18N = 1, 2, 3, 4, 5, 6, 7, 8, 9
_WIDTHS: Final = {_CHAR: 1, _INT8: 1, _INT16: 2, _INT32: 4, _INT64: 8, _BINARY: 1}
_LETTERS: Final = {_CHAR: "B", _INT8: "B", _INT16: "H", _INT32: "I", _INT64: "Q"}


class _Entry(NamedTuple):
    type: int
    offset: int
    values: int


class Header:
    """The tags of one package: `where` names it in what is refused, `path` is the database's."""

    def __init__(self, blob: bytes, *, path: str, where: str) -> None:
        self._blob, self._path, self._where = blob, path, where
        if not 8 <= len(blob) <= MAX_HEADER:
            raise self._wrong(f"has {len(blob)} bytes, expected 8 to {MAX_HEADER}")
        self._tags, self._size = struct.unpack_from(">II", blob)
        self._start = 8 + 16 * self._tags
        if not 0 < self._tags <= MAX_TAGS or self._start + self._size != len(blob):
            raise self._wrong(
                f"says {self._tags} tags and {self._size} bytes of data, and has {len(blob)} bytes in all"
            )
        self._entries = dict(self._index())
        self._hold_digest()

    def text(self, tag: int) -> str:
        """The text of a tag, the first of its translations; "" where it has none."""
        entry = self._entries.get(tag)
        if entry is None:
            return ""
        if entry.type not in {_STRING, _I18N}:
            raise self._wrong(f"has tag {tag} as type {entry.type}, expected a text")
        return next(self._strings(tag, entry))

    def texts(self, tag: int) -> list[str]:
        """The texts of a tag."""
        entry = self._entries.get(tag)
        if entry is None:
            return []
        if entry.type not in {_STRINGS, _STRING, _I18N}:
            raise self._wrong(f"has tag {tag} as type {entry.type}, expected texts")
        return list(self._strings(tag, entry))

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The numbers of a tag."""
        entry = self._entries.get(tag)
        if entry is None:
            return ()
        letter = _LETTERS.get(entry.type)
        if letter is None:
            raise self._wrong(f"has tag {tag} as type {entry.type}, expected numbers")
        return struct.unpack_from(f">{entry.values}{letter}", self._blob, self._start + entry.offset)

    def _index(self) -> Iterator[tuple[int, _Entry]]:
        seen = set[int]()
        for at in range(8, self._start, 16):
            tag, kind, offset, count = struct.unpack_from(">IIiI", self._blob, at)
            entry = _Entry(kind, offset, count)
            if kind == 0 or kind > _I18N or not 0 < count <= MAX_COUNT or not 0 <= offset <= self._size:
                raise self._wrong(f"has tag {tag} of type {kind} with {count} values at {offset}")
            width = _WIDTHS.get(kind, 1)
            if offset + width * count > self._size or (kind == _STRING and count != 1):
                raise self._wrong(f"has tag {tag} with {count} values at {offset}, which end beyond its data")
            if tag in seen:
                raise self._wrong(f"has tag {tag} twice")
            seen.add(tag)
            yield tag, entry

    def _strings(self, tag: int, entry: _Entry) -> Iterator[str]:
        at = self._start + entry.offset
        for _ in range(entry.values):
            end = self._blob.find(b"\0", at)
            if end < 0:
                raise self._wrong(f"has a text of tag {tag} that does not end")
            yield self._blob[at:end].decode("utf-8", "surrogateescape")
            at = end + 1

    def _hold_digest(self) -> None:
        """The region's trailer, a tag 63 that points back, says how many tags came with the package; its data ends
        with it."""
        region = self._entries.get(_REGION)
        if region is None:
            return
        trailer = self._start + region.offset
        if region.type != _BINARY or region.values != 16 or next(iter(self._entries)) != _REGION:
            raise self._wrong(
                f"has a region of type {region.type} with {region.values} bytes, expected 16 at its start"
            )
        tag, kind, back, count = struct.unpack_from(">IIiI", self._blob, trailer)
        inside = -back // 16
        if (tag, kind, count) != (_REGION, _BINARY, 16) or back != -16 * inside or not 0 < inside <= self._tags:
            raise self._wrong("has a region whose end does not point back to its beginning")
        size = region.offset + 16
        came = (_MAGIC, struct.pack(">II", inside, size), self._blob[8 : 8 + 16 * inside])
        data = self._blob[self._start : self._start + size]
        for said, algorithm in ((_SHA256, "sha256"), (_SHA1, "sha1")):
            if expected := self.text(said):
                found = hashlib.new(algorithm, b"".join((*came, data)), usedforsecurity=False).hexdigest()
                if found != expected.lower():
                    raise self._wrong(f"has the {algorithm} {found}, expected {expected[:80]} as stands in it")
                return

    def _wrong(self, message: str) -> Refused:
        return unreadable(self._path, f"the header {self._where} {message}")
