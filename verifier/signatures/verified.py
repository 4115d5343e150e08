"""What proven signers have signed: the bytes of an envelope's payload, or the digest of an artifact.

* like a `ProvenSigner`, each needs the seal that only signature back ends use
* what nobody is proven to have signed is neither
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.signatures.interface import ProvenSigner, require

if TYPE_CHECKING:
    from dataclasses import InitVar


class VerifiedPayload(Value):
    """Bytes that at least one proven signer signed; `findings` say which other signatures did not count."""

    payload_type: str
    payload: bytes = field(repr=False)
    signers: tuple[ProvenSigner, ...]
    findings: tuple[Reason, ...] = ()
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        require(seal)
        if not self.signers:
            raise ValueError("a payload that nobody signed is not verified")


class VerifiedDigest(Value):
    """The digest of bytes that at least one proven signer signed; `findings` as above."""

    digest: Digest
    signers: tuple[ProvenSigner, ...]
    findings: tuple[Reason, ...] = ()
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        require(seal)
        if not self.signers:
            raise ValueError("a digest that nobody signed is not verified")
