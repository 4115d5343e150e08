"""Container images: the manifest or index that a reference stands for, and what was read of what hangs on it.

* the artifact is that document, by the SHA-256 of the bytes that were sent; what it names was recomputed before it was
  believed, and what was not read is not there
* where one platform of an index was asked for, the artifact is its manifest, and evidence is about the index
"""

from __future__ import annotations

from verifier.archives.layers.table import LayerTable
from verifier.archives.layers.tree import Tree
from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.value import Value, field
from verifier.evidence.contents import Contents
from verifier.formats.oci.config import ImageConfig
from verifier.formats.oci.manifest import ImageIndex, ImageManifest
from verifier.formats.oci.platform import Platform
from verifier.kinds.image.accounts import AccountFile
from verifier.kinds.image.bases import KnownBase
from verifier.secrets.finding import SecretScan


class PlatformImage(Value):
    """One image that runs. `manifest`, `config`, `layers` and `secrets` are None where they were not read."""

    digest: Digest
    size: int
    media_type: str
    manifest: ImageManifest | None = None
    platform: Platform | None = None
    config: ImageConfig | None = None
    layers: tuple[LayerTable, ...] | None = field(default=None, repr=False)
    tree: Tree | None = field(default=None, repr=False)
    """What the layers make together; there where they are."""
    hashed: bool = False
    """Whether the digest and the size of every layer were recomputed."""
    secrets: SecretScan | None = None
    accounts: tuple[AccountFile, ...] = field(default=(), repr=False)
    """Files that say who is who, for a user who is named; there where layers are."""

    contents: Contents | None = field(default=None, repr=False)
    """What is in it, where that is to be listed or compared."""

    @property
    def runs_on(self) -> Platform | None:
        """The platform by the image's own word, which comes before the index's."""
        return (self.config.platform if self.config else None) or self.platform


class Image(Artifact):
    """A container image, or an index of several.

    `read` is what `content` says; `platforms` are the images that are judged: the one, the one that was asked for, or
    all that the index lists. `repository` and `tag` are where it was asked for. `index` is the digest of the index from
    which the one platform was chosen; then `attested` is that index. `stands_for` is the digest that the reference
    stands for: of the artifact, or of the index that it was chosen from.
    """

    kind: str = "image"
    read: ImageManifest | ImageIndex
    platforms: tuple[PlatformImage, ...]
    tag: str | None = None
    index: Digest | None = None
    stands_for: Digest | None = None
    bases: tuple[KnownBase, ...] = field(default=(), repr=False)
    """What is known that it may be built on."""

    def parts(self) -> frozenset[Digest]:
        """Every image that runs where this one is used."""
        return frozenset(each.digest for each in self.platforms)

    @property
    def annotations(self) -> dict[str, str]:
        """Those of the document that evidence is about."""
        return dict(self.read.annotations)
