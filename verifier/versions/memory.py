"""What a ledger keeps of an artifact besides its version: what a tag stands for, and what an image's layers are. Pure.

* a tag is known by its repository, so that one scope may hold those of several
* layers are known by their ChainID, which names a whole sequence of them: two images with the same one have the same
  layers, and an image whose first layers have that of another is built on it

Source: OCI image specification 1.1, `config.md`, "Layer ChainID".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from verifier.core.digest import Digest
from verifier.core.value import Value

MAX_LAYERS = 64
"""ChainIDs of one event: an index has a handful of platforms."""
IMAGE_INPUT = "image-manifest"
"""What an event calls the manifests of images whose layers it tells of, where they are not the content itself."""
MAX_TAG = 768
"""Characters of a tag with its registry and repository."""
TAG_NAME = r"[A-Za-z0-9._:/\[\]-]+"
"""What is written of registries, repositories and tags; no quotation mark needs to be escaped."""
_TAG_NAME = "(?a)" + TAG_NAME + r"\Z"


class Tag(Value):
    """That the tag `name` (`registry/repository:tag`) stands for `digest`.

    `after` is the place in the history where its scope was told of this tag before, 0 where it was not: a move that
    somebody else has told of meanwhile is not overlooked.
    """

    name: str
    digest: Digest
    after: int = 0

    def __post_init__(self) -> None:
        if len(self.name) > MAX_TAG or not re.match(_TAG_NAME, self.name):
            raise ValueError(
                f"a tag is registry/repository:tag, of at most {MAX_TAG} characters, not {self.name!r:.80}"
            )
        if self.digest.algorithm != "sha256":
            raise ValueError(f"a ledger holds sha256 digests, not {self.digest.algorithm!r}")
        if self.after < 0:
            raise ValueError(f"a place in a history is a number from 0 on, not {self.after}")


class Memory(Value):
    """What a ledger is told of an artifact, and asked about it, besides its version.

    `content` is the digest by which it knows the artifact, and to which a version belongs for ever: that of the index
    where one platform was chosen from one, so that its platforms are one release. Who withdraws one of the `others`
    withdraws the artifact. `layers` are the ChainIDs of all its images whose configs were read.
    """

    content: Digest
    others: tuple[Digest, ...] = ()
    tag: Tag | None = None
    layers: tuple[Digest, ...] = ()


def chain_ids(diff_ids: Iterable[Digest]) -> Iterator[Digest]:
    """The ChainID of the first layer, of the first two, and so on; the last one names all of them."""
    chain = None
    for diff_id in diff_ids:
        chain = diff_id if chain is None else Digest.of(f"{chain} {diff_id}".encode())
        yield chain


def require_layers(layers: tuple[Digest, ...]) -> None:
    """Refuse what an event may not hold as layers; raises `ValueError`."""
    if len(layers) > MAX_LAYERS or len(set(layers)) < len(layers):
        raise ValueError(f"an event names the layers of at most {MAX_LAYERS} images, each once")
    if any(each.algorithm != "sha256" for each in layers):
        raise ValueError("a ChainID is a sha256")
