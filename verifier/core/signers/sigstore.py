"""Which Sigstore instance a policy believes, as a value; `signatures.sigstore.root` reads it."""

from __future__ import annotations

from verifier.core.value import Value, field


class SigstoreInstance(Value):
    """`name` is "production" or "staging", whose roots come with the library, or what a file was called; `document`
    is then the content of that file: a trusted root, or a client trust configuration, in JSON.

    `by_library` says who verifies what bundles prove against it: the `sigstore` library, or this program itself.
    """

    name: str
    document: bytes | None = field(default=None, repr=False)
    by_library: bool = False

    @property
    def public_name(self) -> str | None:
        """The public instance that this is, by the root that comes with the library; None for any other root."""
        return self.name if self.document is None else None


PRODUCTION = SigstoreInstance(name="production")
STAGING = SigstoreInstance(name="staging")
