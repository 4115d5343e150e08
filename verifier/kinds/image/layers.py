"""The layers of one image: their bytes held against the manifest and the config, and what is in them.

* a layer has the digest and the size of its descriptor, and once unpacked the digest that the config says
* several are read at once, each once: for its digests, its table, and whoever looks at its files
* what a manifest says of other places (`urls`) is asked nowhere; a layer that the registry does not have was not read
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from verifier.archives.layers.limits import ImageLimits
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.side_by_side import hash_layers, read_layers
from verifier.archives.layers.table import Entry, Hashing, LayerTable, Sink, Visit
from verifier.core.costs.progress import Counted, Progress
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.oci.config import ImageConfig
from verifier.formats.oci.manifest import Descriptor, ImageManifest
from verifier.kinds.image.wish import ImageWish
from verifier.sources.place import Place

Looks = Callable[[int], Visit]
"""From a layer's number, from 0, to who looks at its files."""


def hash_contents(manifest: ImageManifest, config: ImageConfig, place: Place, *, subject: str, wish: ImageWish) -> None:
    """Recompute the digests of every layer; `Refused` where one is another than the manifest or the config says."""
    limits = ImageLimits.of(wish.limits)
    hashed = hash_layers(_packed(manifest, place, subject, wish.told), threads=wish.threads, limits=limits)
    _require(config, [each.diff_id for each in hashed], subject)


def read_contents(
    manifest: ImageManifest,
    config: ImageConfig,
    place: Place,
    *,
    subject: str,
    wish: ImageWish,
    looks: Sequence[Looks],
    digests: Hashing = "none",
) -> tuple[LayerTable, ...]:
    """Read every layer to its end, which all of `looks` see the files of, each hashed by `digests`; `Refused` as above,
    or for what is in it."""
    tables = read_layers(
        _packed(manifest, place, subject, wish.told),
        threads=wish.threads,
        limits=ImageLimits.of(wish.limits),
        visits=lambda number: _all(number, looks),
        digests=digests,
    )
    _require(config, [each.diff_id for each in tables], subject)
    return tables


def _packed(manifest: ImageManifest, place: Place, subject: str, told: Progress) -> list[PackedLayer]:
    whole = sum(layer.size for layer in manifest.layers)
    count = Counted(told, f"reading {len(manifest.layers)} layers of {subject}", whole, "bytes")
    return [
        PackedLayer(
            open=_opener(place, layer, count),
            media_type=layer.media_type,
            subject=f"{subject} layer {number} ({layer.digest})",
            size=layer.size,
            checked=layer.digest,
        )
        for number, layer in enumerate(manifest.layers)
    ]


def _opener(place: Place, layer: Descriptor, count: Counted) -> Callable[[], Iterator[bytes]]:
    return lambda: count.pieces(place.stream(layer))


def _require(config: ImageConfig, found: Sequence[Digest], subject: str) -> None:
    for number, (stated, seen) in enumerate(zip(config.diff_ids, found, strict=True)):
        if stated != seen:
            message = f"unpacked it is {seen}, and the config's diff_id is {stated}"
            raise refuse("image.layer-malformed", f"{subject} layer {number}", message)


def _all(number: int, looks: Sequence[Looks]) -> Visit | None:
    visits = [look(number) for look in looks]
    return visits[0] if len(visits) == 1 else _Several(visits) if visits else None


class _Several:
    """Everybody who looks at the files of one layer."""

    def __init__(self, visits: Sequence[Visit]) -> None:
        self._visits = visits

    def __call__(self, entry: Entry) -> Sink | None:
        sinks = [sink for visit in self._visits if (sink := visit(entry)) is not None]
        return sinks[0] if len(sinks) == 1 else _Sinks(sinks) if sinks else None


class _Sinks:
    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks

    def feed(self, piece: bytes) -> None:
        for sink in self._sinks:
            sink.feed(piece)

    def done(self, entry: Entry) -> None:
        for sink in self._sinks:
            sink.done(entry)
