"""What is written when something is published, as values: blobs, manifests, what refers to them, and in which order.

* a plan is made without asking anybody who could be slow or lie: the same inputs make the same plan, byte for byte
* nothing in it knows where it will be written to: a registry and a layout get the same bytes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from verifier.core.digest import Digest
from verifier.core.value import Value, field
from verifier.formats.oci.manifest import Descriptor


class Blob(Value):
    """Bytes that a manifest names. `pieces` gives them, from their beginning, each time that it is called."""

    descriptor: Descriptor
    pieces: Callable[[], Iterable[bytes]] = field(repr=False)

    @property
    def digest(self) -> Digest:
        """Its name."""
        return self.descriptor.digest


class Manifest(Value):
    """A manifest or an index, and the digest of its bytes."""

    content: bytes = field(repr=False)
    media_type: str
    digest: Digest
    artifact_type: str | None = None
    annotations: tuple[tuple[str, str], ...] = ()

    @property
    def descriptor(self) -> Descriptor:
        """What a referrer says of it: type, digest and size, and no more."""
        return Descriptor(media_type=self.media_type, digest=self.digest, size=len(self.content))

    @property
    def listed(self) -> Descriptor:
        """What a listing says of it."""
        return Descriptor(
            media_type=self.media_type,
            digest=self.digest,
            size=len(self.content),
            artifact_type=self.artifact_type,
            annotations=self.annotations,
        )


class Part(Value):
    """A manifest with the blobs that it names. Of an index, what it lists are parts before it."""

    manifest: Manifest
    blobs: tuple[Blob, ...] = ()


class Referrer(Value):
    """What is attached: a part whose manifest has this subject. `what` is it in words, `name` where it came from."""

    part: Part
    subject: Digest
    what: str
    name: str


class Appended(Value):
    """A layer that is put under a tag beside `subject`, behind what is there: cosign's old scheme."""

    subject: Digest
    suffix: str
    layer: Blob
    what: str
    name: str


class Plan(Value):
    """All that is to be written, in this order: `parts` (blobs, then their manifest), `referrers`, `appended`, the tag.

    `subject` is what is published, or what is attached to; the last of `parts` is it, unless it is there already.
    """

    subject: Descriptor
    parts: tuple[Part, ...] = ()
    referrers: tuple[Referrer, ...] = ()
    appended: tuple[Appended, ...] = ()
    tag: str | None = None

    @property
    def root(self) -> Manifest | None:
        """The manifest that is published; None where only something is attached."""
        return self.parts[-1].manifest if self.parts else None


def held(content: bytes, media_type: str, *, annotations: tuple[tuple[str, str], ...] = ()) -> Blob:
    """The blob of bytes that are at hand."""
    descriptor = Descriptor(
        media_type=media_type, digest=Digest.of(content), size=len(content), annotations=annotations
    )
    return Blob(descriptor=descriptor, pieces=lambda: (content,))


def manifest_of(
    content: bytes,
    media_type: str,
    *,
    artifact_type: str | None = None,
    annotations: tuple[tuple[str, str], ...] = (),
) -> Manifest:
    """The manifest with these bytes."""
    return Manifest(
        content=content,
        media_type=media_type,
        digest=Digest.of(content),
        artifact_type=artifact_type,
        annotations=annotations,
    )
