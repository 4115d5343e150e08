"""What was given instead of what is read: recognised by its first bytes, or by the names in one bounded JSON document.

* it is asked only once something was refused, and never accepts anything
* it looks at the first bytes, and reads at most one JSON document of bounded size, strictly: hostile input costs no
  more than its refusal did
* what is cut short is recognised by the names at its beginning, and said to be damaged
* what the place at hand does read is not foreign there
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import Final

from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.formats.foreign.attesting import ATTESTING
from verifier.formats.foreign.describing import DESCRIBING
from verifier.formats.foreign.first_bytes import BINARY, GZIP
from verifier.formats.foreign.foreign import Foreign
from verifier.formats.foreign.json_row import JsonRow, Object
from verifier.formats.foreign.texts import TEXTS
from verifier.formats.json import strict_json

HEAD: Final = 16 * 1024
"""Bytes that are looked at where a format is told by how it begins."""
MAX_JSON: Final = 1024 * 1024
"""Bytes of a JSON document that is read; of a longer one only its beginning is looked at."""
_DEPTH: Final = 64
_NAME = re.compile(rb'[{,]\s*"([A-Za-z@$_][A-Za-z0-9@$_.-]{0,63})"\s*:')
_SPACE: Final = b" \t\r\n"
_JSON_ROWS: Final = (*ATTESTING, *DESCRIBING)


def recognise(content: bytes, *, place: str = "") -> Foreign | None:
    """The format of `content`; None where it is unknown, or what `place` reads."""
    head = content[:HEAD]
    if GZIP.told(head):
        return _gzip(content, place)
    found = _by_first_bytes(content, head) or _by_text(head) or _by_names(content, head)
    return found if found is not None and place not in found.read_at else None


def _by_first_bytes(content: bytes, head: bytes) -> Foreign | None:
    whole = head if len(content) <= HEAD else head + b"\xff"  # a format that ends may not end with the head
    return next((row.foreign for row in BINARY if row.told(whole)), None)


def _gzip(content: bytes, place: str) -> Foreign | None:
    """What gzip holds, by its first bytes; where a bundle is read only what is no tar is foreign."""
    try:
        inside = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(content[:HEAD], HEAD)
    except zlib.error:
        inside = b""
    if GZIP.told(inside):
        todo = "Unpack it once: `gunzip`."
        return Foreign(name="gzip-of-gzip", what="compressed by gzip twice", todo=todo)
    if place not in GZIP.foreign.read_at:
        return GZIP.foreign
    if not inside or inside[257:262] == b"ustar":
        return None
    found = recognise(inside, place=place)
    if found is None:
        return None
    todo = "A bundle is a tar archive packed with gzip: `opa build`, or `verify sign bundle`."
    return Foreign(name=f"gzip-of-{found.name}", what=f"compressed by gzip and, inside, {found.what}", todo=todo)


def _by_text(head: bytes) -> Foreign | None:
    text = head.lstrip(_SPACE)
    return next((row.foreign for row in TEXTS if row.told(text)), None)


def _by_names(content: bytes, head: bytes) -> Foreign | None:
    start = head.lstrip(_SPACE)[:1]
    if start not in (b"{", b"["):
        return None
    value = _read(content)
    if value is not None:
        rows = (row for row in _JSON_ROWS if row.names <= value.keys() and (row.like is None or row.like(value)))
        return next((row.foreign for row in rows), None)
    names = frozenset(each.decode("ascii") for each in _NAME.findall(head))
    guessed = _likeliest((row for row in _JSON_ROWS if row.names and row.names <= names), names)
    return _damaged(guessed) if guessed is not None and len(content) <= MAX_JSON else guessed


def _read(content: bytes) -> Object | None:
    """The object, or the first of an array or of JSON Lines; None where it is none of these, or is not read."""
    first_line = content[:MAX_JSON].lstrip(_SPACE).partition(b"\n")[0].rstrip(_SPACE)
    document = first_line if first_line.startswith(b"{") and first_line.endswith(b"}") else content
    if len(document) > MAX_JSON:
        return None
    try:
        value = strict_json.loads(document, subject="a document", max_depth=_DEPTH)
    except Refused:
        return None
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, dict) else None


def _likeliest(rows: Iterable[JsonRow], names: frozenset[str]) -> Foreign | None:
    """The first row that the names alone tell; where only values would, nobody knows."""
    for row in rows:
        if row.like is None or len(row.names & names) > 1:
            return None if row.like is not None and row.foreign.name in _ALIKE else row.foreign
    return None


_ALIKE: Final = frozenset({"in-toto-link", "tuf", "envelope-with-certificate", "other-envelope", "json-jws"})
"""Formats of the same names, which only their values tell apart."""


def _damaged(foreign: Foreign) -> Foreign:
    return replace(foreign, what=f"{foreign.what}, cut short or damaged", todo="Fetch or write it again, whole.")
