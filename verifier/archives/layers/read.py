"""Reading a layer: its digests alone, or its table too.

* a layer is read as a stream, to its end: memory does not depend on its size
* what is returned was read whole; nothing of a layer that is refused counts, and nobody else's word for what is in it
* nothing is extracted
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from verifier.archives.layers.limits import DEFAULT_IMAGE_LIMITS, ImageLimits, Usage
from verifier.archives.layers.packing import PackedLayer, compression_of
from verifier.archives.layers.table import Hashing, LayerTable, Visit
from verifier.archives.layers.unpack import unpacked
from verifier.archives.layers.walk import LayerWalk
from verifier.core.digest import Digest
from verifier.core.value import Value


class HashedLayer(Value):
    """A layer that was read to its end without a look at what is in it: as `LayerTable` says it."""

    diff_id: Digest
    unpacked: int


class Turn(Value):
    """Which of an image's layers is read (its `number` from 0), what all of them have used, and whether to go on:
    `proceed` raises where what is read no longer matters."""

    number: int
    usage: Usage
    proceed: Callable[[], None] = lambda: None


def read_layer(
    layer: PackedLayer,
    *,
    limits: ImageLimits = DEFAULT_IMAGE_LIMITS,
    visit: Visit | None = None,
    digests: Hashing = "none",
    turn: Turn | None = None,
) -> LayerTable:
    """The table of a layer; `Refused` with `archive.*`, `image.layer-malformed` or `image.unsupported` where it is not
    sound. `visit` is asked who looks at a file's content, `digests` says by what each file is hashed."""
    turn = turn or Turn(number=0, usage=Usage(limits))
    walk = LayerWalk(limits=limits, subject=layer.subject, visit=visit, digests=digests)

    def look(piece: bytes) -> None:
        walk.feed(piece)
        turn.usage.count_entries(turn.number, walk.count, walk.names, subject=layer.subject)

    hashed = _hashed(layer, limits, turn, look)
    walk.finish()
    return LayerTable(
        diff_id=hashed.diff_id,
        unpacked=hashed.unpacked,
        entries=tuple(walk.entries),
        removed=tuple(walk.removed),
        opaque=tuple(walk.opaque),
        notes=walk.notes.reasons,
    )


def hash_layer(
    layer: PackedLayer, *, limits: ImageLimits = DEFAULT_IMAGE_LIMITS, turn: Turn | None = None
) -> HashedLayer:
    """The digest of a layer's unpacked bytes, as fast as can be; what is in it is not looked at, and may be anything.

    A plain one is what whoever hands it out has checked it to be: it is not hashed twice.
    """
    return _hashed(layer, limits, turn or Turn(number=0, usage=Usage(limits)), None)


def _hashed(layer: PackedLayer, limits: ImageLimits, turn: Turn, look: Callable[[bytes], None] | None) -> HashedLayer:
    known = layer.checked if compression_of(layer.media_type, subject=layer.subject) == "none" else None
    if known is not None and known.algorithm != "sha256":
        known = None
    digest, length = hashlib.sha256(), 0
    pieces = layer.open()
    try:
        for piece in unpacked(layer, pieces, limits=limits):
            turn.proceed()
            length += len(piece)
            turn.usage.count(turn.number, length, subject=layer.subject)
            if known is None:
                digest.update(piece)
            if look is not None:
                look(piece)
    finally:
        _close(pieces)
    return HashedLayer(
        diff_id=known or Digest(algorithm="sha256", value=digest.hexdigest()),
        unpacked=length,
    )


def _close(pieces: Iterator[bytes]) -> None:
    """Let go of what the pieces come from, also where they were not read to their end."""
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
