"""What is judged: bytes with a name and a digest. Kinds add their own fields (`kinds.bundle.artifact.Bundle`)."""

from __future__ import annotations

from verifier.core.digest import Digest, Digests
from verifier.core.outcome import Reason
from verifier.core.value import Value, field


class Attested(Value):
    """What evidence may be about: a document, by its digest, in the `registry/repository` where it lies, if it is in
    one."""

    digest: Digest
    content: bytes = field(repr=False)
    repository: str | None = None
    other_digests: tuple[Digest, ...] = ()

    def called(self) -> Digests:
        """What it is called: these digests, and any other that its content has, where there is a content."""
        here = bool(self.content) or self.digest == Digest.of(b"")
        return Digests(self.digest, *self.other_digests, content=self.content if here else None)


class Artifact(Value):
    """An artifact that was read.

    `name` is the one the policy knows it by, `resource_uri` where a consumer is expected to fetch it (the
    VSA's `resourceUri`), `digest` the SHA-256 of `content`, which are the bytes that are handed on when
    the verdict is PASSED. `other_digests` are further names of the same bytes, for attestations that use those.
    `findings` are what the reader noticed without having to stop.

    `attested` is what evidence may be about where that is something else than the artifact, or something beside it: the
    manifest in a registry that names a bundle as its layer, the index from which one platform was chosen. Nothing but
    these counts then; the artifact itself is among them where evidence about it counts as well. What is denied is
    denied under any name (`names`). `repository` is where it was fetched from, `registry/repository`.
    """

    kind: str
    name: str
    resource_uri: str
    digest: Digest
    content: bytes = field(repr=False)
    other_digests: tuple[Digest, ...] = ()
    findings: tuple[Reason, ...] = ()
    attested: tuple[Attested, ...] = ()
    repository: str | None = None

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every digest by which an attestation may mean this artifact."""
        return (self.digest, *self.other_digests)

    def called(self) -> Digests:
        """What the artifact is called: these digests, and any other that its content has, where there is a content."""
        return self.itself().called()

    def itself(self) -> Attested:
        """The artifact as something that evidence may be about."""
        return Attested(
            digest=self.digest, content=self.content, repository=self.repository, other_digests=self.other_digests
        )

    def meant(self) -> tuple[Attested, ...]:
        """What evidence may be about, the first of which is what it lies beside."""
        return self.attested or (self.itself(),)

    def names(self) -> tuple[Attested, ...]:
        """Everything that the artifact goes by, also where evidence about it would not count for it."""
        known = any(each.digest == self.digest for each in self.attested)
        return self.attested if known else (*self.attested, self.itself())

    def parts(self) -> frozenset[Digest]:
        """What it stands for besides, by digest: of these too, what is denied denies the artifact."""
        return frozenset()

    @property
    def reference(self) -> str:
        """`kind:name`, as a trust policy's rules and the ledger's scopes write it."""
        return f"{self.kind}:{self.name}"
