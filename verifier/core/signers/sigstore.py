"""Which Sigstore instance a policy believes, as a value; `signatures.sigstore.root` reads it."""

from __future__ import annotations

from verifier.core.value import Value, field


class SigstoreInstance(Value):
    """`name` is "production" or "staging", whose roots come with the library, or what a file was called; `document`
    is then the content of that file: a trusted root, or a client trust configuration, in JSON."""

    name: str
    document: bytes | None = field(default=None, repr=False)


PRODUCTION = SigstoreInstance(name="production")
STAGING = SigstoreInstance(name="staging")
