"""The version that a bundle's own manifest states, looked up without reading the bundle: to hold a verdict against.

* it is only ever a contradiction: what is found here accepts nothing, and what cannot be found denies nothing. Who has
  made the verdict has read the bundle strictly, and the verdict binds these very bytes
* the work is one pass over the unpacked bytes, of which no more is kept than a header and the manifest, and no more
  looked at than the policy lets a bundle have
* a verifier is believed of its result; of the version the signed bytes are, which every node can see
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from verifier.archives.block import BLOCK
from verifier.core.errors import Refused
from verifier.core.limits import Limits
from verifier.formats.json import strict_json
from verifier.trust.vocabulary import METADATA

REVISION: Final = "manifest.revision"
_AT_ONCE: Final = 32 * 1024
_NAMES: Final = frozenset({b".manifest", b"./.manifest", b"/.manifest"})
_MOST: Final = 1024 * 1024
"""Bytes of a manifest that is looked at: the largest have a few thousand."""


def version_inside(content: bytes, source: str, *, limits: Limits) -> str | None:
    """What stands in the bundle `content` where `source` says; None where nothing is found, or nothing could be."""
    if source != REVISION and not source.startswith(METADATA):
        return None
    manifest = _manifest(content, limits)
    if manifest is None:
        return None
    try:
        value = strict_json.loads(manifest, subject=".manifest")
    except Refused:
        return None
    path = ["revision"] if source == REVISION else ["metadata", *source.removeprefix(METADATA).split(".")]
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _manifest(content: bytes, limits: Limits) -> bytes | None:
    """The content of the first member of that name, None where there is none."""
    unpacked = _Unpacked(content, limits.total_bytes)
    try:
        for _ in range(limits.members):
            header = unpacked.take(BLOCK)
            if len(header) < BLOCK or not any(header):
                return None
            size = int(header[124:136].rstrip(b"\0 ") or b"0", 8)
            padded = -(-size // BLOCK) * BLOCK
            if header[:100].rstrip(b"\0") in _NAMES and size <= _MOST:
                return unpacked.take(size)
            unpacked.skip(padded)
    except (ValueError, zlib.error):
        pass
    return None


class _Unpacked:
    """A gzip stream, read once from its beginning."""

    def __init__(self, content: bytes, most: int) -> None:
        self._pieces = _inflated(content, most)
        self._buffer = b""

    def take(self, size: int) -> bytes:
        """The next `size` bytes; fewer at the end."""
        while len(self._buffer) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._buffer += piece
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def skip(self, size: int) -> None:
        """Pass over `size` bytes."""
        while size > len(self._buffer):
            size -= len(self._buffer)
            piece = next(self._pieces, None)
            self._buffer = piece or b""
            if piece is None:
                return
        self._buffer = self._buffer[size:]


def _inflated(content: bytes, most: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=31)
    for start in range(0, len(content), _AT_ONCE):
        pending: bytes = content[start : start + _AT_ONCE]
        while pending and most > 0:
            piece = inflate.decompress(pending, min(_AT_ONCE, most))
            pending = inflate.unconsumed_tail
            most -= len(piece)
            if piece:
                yield piece
