"""What may be asked for of an image, besides what a rule asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

from verifier.core.costs.progress import Progress, silent
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.value import Value
from verifier.formats.oci.platform import Platform

if TYPE_CHECKING:
    from verifier.archives.layers.table import Visit
    from verifier.secrets.finding import SecretScan
    from verifier.sources.content import Remote

Layers = Literal["manifest", "hash", "inspect"]
"""What of the layers is read: nothing, for the signed digest names them; their bytes; what is in them."""
LAYERS: tuple[Layers, ...] = ("manifest", "hash", "inspect")


class Search(Protocol):
    """Who looks for secrets in one image (`verifier.secrets.scanner.Scanner`)."""

    def of_layer(self, number: int) -> Visit:
        """Who looks at every file of layer number `number`, from 0."""

    def scan_config(self, content: bytes) -> None:
        """Look at the image's config."""

    def findings(self) -> SecretScan:
        """What was found, once everything was given."""

    def close(self) -> None:
        """End it, whatever it is at."""


class Called(Value):
    """What the contents of an image are to be called: its `version` is its digest where that is None. `all_layers` says
    that what later layers delete is wanted too."""

    name: str
    version: str | None = None
    all_layers: bool = False


class ImageWish(Value):
    """`platform` is the one of an index that is judged, None for all of them. `index` is the digest of the index that
    lists the manifest which is asked for. `layers` is None for the place's default: of a registry the manifest says
    enough, what lies here is hashed. At most `threads` layers are read at once. `search` begins to look for secrets in
    an image; without it, a rule that asks for that cannot be judged. `bases` are images that it may be built on, each
    with the name under whose rule it is judged. `contents` says that the files of its layers are to be known by their
    digests, and what lists packages by its content, whatever the rule asks. `limits` are the policy's. `told` is
    told of the layers' bytes as they are read."""

    platform: Platform | None = None
    index: Digest | None = None
    layers: Layers | None = None
    threads: int = 1
    search: Callable[[], Search] | None = None
    bases: tuple[tuple[str, Remote], ...] = ()
    contents: bool = False
    limits: Limits = DEFAULT_LIMITS
    told: Progress = silent

    def __post_init__(self) -> None:
        if self.platform is not None and self.index is not None:
            raise ValueError("a platform is chosen from an index, or a manifest proven by it, and not both")
