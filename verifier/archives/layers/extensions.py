"""Extended headers of a layer: what they say of the one member that follows.

* PAX `path`, `linkpath`, `size`, `uid`, `gid` and extended attributes; GNU's long name and long link
* PAX and GNU for one member, or one of them twice, are refused: readers differ on which counts
* a size stands in the header, or in its place where the header has none: never two different ones
* overlay's own attributes that change what a directory or file means are refused

Source: POSIX.1-2017 pax; GNU tar manual; Go `archive/tar`, which container runtimes read layers with.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from verifier.archives.layers.header import GNU_LONG_LINK, LayerHeader, check_owner
from verifier.archives.tar_header import (
    GNU_LONG_NAME,
    PAX,
    MalformedHeader,
    parse_long_name,
    parse_pax,
)

MAX_LAYER_EXTENSION_BYTES: Final = 1024 * 1024
"""Bytes of one extended header, as Go allows: attributes may be of 64 KiB each."""
_ATTRIBUTES: Final = ("SCHILY.xattr.", "LIBARCHIVE.xattr.")
_CAPABILITY: Final = "security.capability"
_OVERLAY = re.compile(r"(?:trusted|user)\.overlay\.(?:overlay\.)*(?:opaque|whiteouts?|redirect|metacopy)\Z")
_UNHEEDED = re.compile(r"(?:[A-Z][A-Za-z0-9_-]*\.|linkpath\Z|size\Z)")
"""Vendors' keywords, which others read past (POSIX), and those that are read here."""


class Extensions:
    """What stands before a member and belongs to it."""

    def __init__(self) -> None:
        self.capability = False
        self.unknown: list[str] = []
        self._name: bytes | None = None
        self._link: bytes | None = None
        self._numbers: dict[str, int] = {}
        self._kinds: set[int] = set()

    def add(self, kind: int, content: bytes) -> int:
        """One more extended header, and how many records it has; raises `MalformedHeader`."""
        if kind in self._kinds or (self._kinds and PAX in {kind, *self._kinds}):
            raise MalformedHeader("archive.malformed", "an extended header follows another that it may contradict")
        self._kinds.add(kind)
        if kind == GNU_LONG_NAME:
            self._name = parse_long_name(content)
        elif kind == GNU_LONG_LINK:
            self._link = parse_long_name(content)
        else:
            return self._records(content)
        return 1

    def applied(self, header: LayerHeader) -> LayerHeader:
        """The header with what the extended ones say in its stead; raises `MalformedHeader`."""
        if self._link is not None and header.type not in {"symlink", "hardlink"}:
            raise MalformedHeader("archive.malformed", "a link target where there is no link")
        size = self._numbers.get("size", header.size)
        if header.size not in {0, size}:
            raise MalformedHeader("archive.malformed", f"a size of {header.size} in the header, of {size} before it")
        return header._replace(
            name=header.name if self._name is None else self._name,
            link=header.link if self._link is None else self._link,
            uid=self._numbers.get("uid", header.uid),
            gid=self._numbers.get("gid", header.gid),
            size=size,
        )

    def _records(self, content: bytes) -> int:
        records, unknown = parse_pax(content, sized=True)
        self.unknown = [keyword for keyword in unknown if not _UNHEEDED.match(keyword)]
        if "hdrcharset" in records:
            raise MalformedHeader("archive.malformed", "an extended header in another character set ('hdrcharset')")
        if "path" in records:
            self._name = records["path"].encode("utf-8")
        if "linkpath" in records:
            self._link = records["linkpath"].encode("utf-8")
        self._numbers = {name: _number(name, records[name]) for name in ("size", "uid", "gid") if name in records}
        for keyword in records:
            if keyword.startswith(_ATTRIBUTES):
                # libarchive writes its own in the encoding of URLs, and reads them so.
                vendor, _, name = keyword.partition(".xattr.")
                self._attribute(unquote(name) if vendor == "LIBARCHIVE" else name)
        return len(records)

    def _attribute(self, name: str) -> None:
        if _OVERLAY.match(name):
            message = f"the attribute {name!r}, which means something to overlay and nothing to images"
            raise MalformedHeader("archive.special-member", message)
        self.capability = self.capability or name == _CAPABILITY


def check_global(content: bytes) -> None:
    """Refuse a global extended header with more than a comment (`git archive` writes one): Go applies none of its
    records to members, Python and GNU tar do."""
    records, _ = parse_pax(content, sized=True)
    if records.keys() - {"comment"}:
        message = f"a global extended header ({', '.join(sorted(records))}), which readers apply differently"
        raise MalformedHeader("archive.special-member", message)


def _number(name: str, text: str) -> int:
    if len(text) > 20:
        raise MalformedHeader("archive.malformed", f"{name!r} has {len(text)} digits")
    number = int(text)
    if name != "size":
        check_owner(number)
    return number
