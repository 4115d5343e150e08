"""What was fetched, and by what a later fetch can tell that it has not changed."""

from __future__ import annotations

from verifier.core.value import Value, field


class Fetched(Value):
    """`validator` is opaque: an entity tag, a manifest's digest, or the digest of `content`."""

    content: bytes = field(repr=False)
    validator: str
