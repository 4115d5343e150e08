"""Bounds on what layers can make large, and what a reader of several of them has used of these.

* a layer is bounded by itself, and with those below it by the image's bounds
* which layer is refused for the image's bounds does not depend on which was read faster
"""

from __future__ import annotations

from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_IMAGE_BYTES, MAX_IMAGE_ENTRIES, MAX_LAYER_BYTES, Limits
from verifier.core.value import Value, field_names

MAX_NAME_BYTES = 4_096
"""Bytes of one path, which is also Linux' bound."""
MAX_ALL_NAME_BYTES = 128 * 1024**2
"""Bytes of memory of all paths of an image and of what its links say: they are what is kept of it."""
MAX_STREAMS = 1_500_000
"""Gzip members or zstd frames of one layer; estargz has one for each file, and more for large ones."""
FREE_BYTES = 64 * 1024**2
"""Bytes up to which nobody asks how well they were packed."""
GZIP_RATIO, ZSTD_RATIO = 1_100, 400
"""Unpacked bytes for each packed byte: deflate cannot exceed 1,032; zstd packs zeros 32,000:1."""
MAX_WINDOW_LOG = 26
"""Of zstd: how far back (64 MiB) a frame may refer, which is memory. Builders' frames refer to 8 MiB back."""
_SMALLER = "Build a smaller image, or raise `layer-bytes`, `image-bytes` or `image-entries` in the policy's [limits]."


class ImageLimits(Value):
    """The bounds in force for the layers of one image; every field is a positive count or a number of bytes."""

    layer_bytes: int = MAX_LAYER_BYTES
    image_bytes: int = MAX_IMAGE_BYTES
    entries: int = MAX_IMAGE_ENTRIES
    name_bytes: int = MAX_NAME_BYTES
    all_name_bytes: int = MAX_ALL_NAME_BYTES
    streams: int = MAX_STREAMS
    free_bytes: int = FREE_BYTES
    gzip_ratio: int = GZIP_RATIO
    zstd_ratio: int = ZSTD_RATIO

    def __post_init__(self) -> None:
        for name in field_names(ImageLimits):
            if getattr(self, name) < 1:
                raise ValueError(f"the limit {name} must be at least 1")

    @classmethod
    def of(cls, limits: Limits) -> ImageLimits:
        """What a policy's limits say of images, and the defaults of the rest."""
        return cls(layer_bytes=limits.layer_bytes, image_bytes=limits.image_bytes, entries=limits.image_entries)


DEFAULT_IMAGE_LIMITS = ImageLimits()


class Usage:
    """What the layers of one image have come to so far; each layer is counted by the one thread that reads it."""

    def __init__(self, limits: ImageLimits, layers: int = 1) -> None:
        self._limits = limits
        self._bytes, self._entries, self._names = [0] * layers, [0] * layers, [0] * layers

    def count(self, layer: int, unpacked: int, *, subject: str) -> None:
        """Layer `layer` has come to so many bytes; `Refused` where that, with those below it, is too much."""
        self._bytes[layer] = unpacked
        if unpacked > self._limits.layer_bytes:
            message = f"more than {self._limits.layer_bytes} bytes unpacked in one layer"
            raise refuse("archive.too-large", subject, message, _SMALLER)
        if sum(self._bytes[: layer + 1]) > self._limits.image_bytes:
            raise _too_large(subject, f"{self._limits.image_bytes} bytes unpacked")

    def count_entries(self, layer: int, entries: int, names: int, *, subject: str) -> None:
        """Layer `layer` has come to so many entries, and bytes of names; `Refused` where that is too much."""
        self._entries[layer], self._names[layer] = entries, names
        if sum(self._entries[: layer + 1]) > self._limits.entries:
            message = f"more than {self._limits.entries} entries in the image's layers up to this one"
            raise refuse("archive.too-many-members", subject, message, _SMALLER)
        if sum(self._names[: layer + 1]) > self._limits.all_name_bytes:
            raise _too_large(subject, f"{self._limits.all_name_bytes} bytes of names")

    def require(self, layer: int, *, subject: str) -> None:
        """The same of all that layer `layer` and those below it have come to, once they were read."""
        self.count(layer, self._bytes[layer], subject=subject)
        self.count_entries(layer, self._entries[layer], self._names[layer], subject=subject)


def _too_large(subject: str, what: str) -> Refused:
    return refuse("archive.too-large", subject, f"more than {what} in the image's layers up to this one", _SMALLER)
