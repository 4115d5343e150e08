"""What was fetched, and by what a later fetch can tell that it has not changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.value import Value, field

if TYPE_CHECKING:
    from verifier.sources.chain import Chain


class Fetched(Value):
    """`validator` is opaque: an entity tag, a manifest's digest, or the digest of `content`. `chain` is how a reference
    led to it, None where nothing but the content was there."""

    content: bytes = field(repr=False)
    validator: str
    chain: Chain | None = None
