"""What may be asked for of an image, besides what a rule asks."""

from __future__ import annotations

from typing import Literal

from verifier.core.digest import Digest
from verifier.core.value import Value
from verifier.formats.oci.platform import Platform

Layers = Literal["manifest", "hash", "inspect"]
"""What of the layers is read: nothing, for the signed digest names them; their bytes; what is in them."""
LAYERS: tuple[Layers, ...] = ("manifest", "hash", "inspect")


class ImageWish(Value):
    """`platform` is the one of an index that is judged, None for all of them. `index` is the digest of the index that
    lists the manifest which is asked for. `layers` is None for the place's default: of a registry the manifest says
    enough, what lies here is hashed."""

    platform: Platform | None = None
    index: Digest | None = None
    layers: Layers | None = None

    def __post_init__(self) -> None:
        if self.platform is not None and self.index is not None:
            raise ValueError("a platform is chosen from an index, or a manifest proven by it, and not both")
