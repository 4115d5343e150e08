"""What is judged: bytes with a name and a digest. Kinds add their own fields (`kinds.bundle.artifact.Bundle`)."""

from __future__ import annotations

from verifier.core.digest import Digest, Digests
from verifier.core.outcome import Reason
from verifier.core.value import Value, field


class Artifact(Value):
    """An artifact that was read.

    `name` is the one the policy knows it by, `resource_uri` where a consumer is expected to fetch it (the
    VSA's `resourceUri`), `digest` the SHA-256 of `content`, which are the bytes that are handed on when
    the verdict is PASSED. `other_digests` are further names of the same bytes, for attestations that use those.
    `findings` are what the reader noticed without having to stop.
    """

    kind: str
    name: str
    resource_uri: str
    digest: Digest
    content: bytes = field(repr=False)
    other_digests: tuple[Digest, ...] = ()
    findings: tuple[Reason, ...] = ()

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every digest by which an attestation may mean this artifact."""
        return (self.digest, *self.other_digests)

    def called(self) -> Digests:
        """What the artifact is called: these digests, and any other that its content has, where there is a content."""
        here = bool(self.content) or self.digest == Digest.of(b"")
        return Digests(*self.digests, content=self.content if here else None)

    @property
    def reference(self) -> str:
        """`kind:name`, as a trust policy's rules and the ledger's scopes write it."""
        return f"{self.kind}:{self.name}"
