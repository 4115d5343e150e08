"""What a file holds, whatever way it is written: as it is, in UTF-16, with JSON's escapes, in base64, twice in base64.

* every way of writing is looked at over the whole length; time and memory grow with the length alone
* what is packed or compressed is not looked into, and said to be so

A person's mistake is looked for here, not an adversary's disguise: whoever wants to publish a secret can.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from verifier.publish.leaks.keyfiles import sight_of_der, sight_of_key_file
from verifier.publish.leaks.sight import Sight
from verifier.publish.leaks.texts import sights_in_text

_DEPTH: Final = 2
"""Of base64 in base64: a Kubernetes secret holds one that was encoded before."""
_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]{24,}")
_PEM_IN_BASE64: Final = re.compile(rb"LS0tLS1CRUdJTi[A-Za-z0-9+/_-]{16,}")
"""`-----BEGIN`, wherever in a longer run it begins."""
_JOINED: Final = re.compile(rb"(?:\s|\\[nrt]|[\"',+\\|>-]){1,16}")
_IN_BASE64: Final = ", in base64"
_ESCAPED: Final = re.compile(rb"\\(?:u00|x)([0-9A-Fa-f]{2})")
_PACKED: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP", "lzip"),
    (b"\x1f\x9d", "compress"),
    (b"MSCF", "cab"),
    (b"SQLite format 3\0", "SQLite"),
)
_TAR_MAGIC: Final = b"ustar"


def sights_in_content(content: bytes, *, packed_is_seen: bool = True) -> Iterator[Sight]:
    """What `content` holds that must not be published; without `packed_is_seen`, being packed is no sight."""
    if packed_is_seen and (kind := _packed_as(content)):
        yield Sight("leak.unexamined", f"a packed file ({kind})")
    found = sight_of_key_file(content)
    yield from _distinct(chain((found,) if found else (), _sights(content, _DEPTH)))


def _packed_as(content: bytes) -> str | None:
    if content[257:262] == _TAR_MAGIC:
        return "tar"
    return next((kind for magic, kind in _PACKED if content.startswith(magic)), None)


def _sights(content: bytes, depth: int) -> Iterator[Sight]:
    yield from sights_in_text(content)
    yield from _in_base64(content, depth)
    for text in _other_writings(content):
        yield from sights_in_text(text)
        yield from _in_base64(text, depth)


def _other_writings(content: bytes) -> Iterator[bytes]:
    """The content as a reader of UTF-16 or UTF-32 sees its ASCII, and as one of JSON sees its escapes."""
    if b"\0" in content:
        yield content.replace(b"\0", b"")
    if b"\\u00" in content or b"\\x" in content:
        yield _ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), content)


def _in_base64(text: bytes, depth: int) -> Iterator[Sight]:
    if depth == 0:
        return
    pieces = list(_pieces(text))
    for _, piece in pieces:
        found = sight_of_der(piece)
        if found is not None:
            yield found._replace(what=f"{found.what}{_IN_BASE64}")
            break
    whole = b"".join(gap + piece for gap, piece in pieces)
    for seen in _sights(whole, depth - 1):
        yield seen._replace(what=f"{seen.what.removesuffix(_IN_BASE64)}{_IN_BASE64}", line=0)


def _pieces(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What stands in base64, each with what parts it from the one before: nothing, where that is white space only."""
    end = 0
    for run in _RUN.finditer(text):
        yield b"" if _JOINED.fullmatch(text, end, run.start()) else b"\n\n", _plain(run[0])
        end = run.end()
    for run in _PEM_IN_BASE64.finditer(text):
        yield b"\n\n", _plain(run[0])


def _plain(run: bytes) -> bytes:
    whole = run[: len(run) & ~3] + (run[len(run) & ~3 :] + b"==")[:4] if len(run) & 3 > 1 else run[: len(run) & ~3]
    try:
        return binascii.a2b_base64(whole.translate(_URL_SAFE))
    except binascii.Error:
        return b""


_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def _distinct(sights: Iterable[Sight]) -> Iterator[Sight]:
    """The first sight under each code: one is enough to refuse a file."""
    seen: set[str] = set()
    for each in sights:
        if each.code not in seen:
            seen.add(each.code)
            yield each
