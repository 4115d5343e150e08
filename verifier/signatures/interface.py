"""What a signature back end proves. *Verified is a type*: nobody else can make one of these.

* a `ProvenSigner`, like what is `signatures.verified`, needs `SEAL`, which only modules of this package use
* signers are distinct by `fingerprint`: one key under two names counts once
* `name` is the trust policy's, never one that the signed document claims

A back end is a function from hostile bytes and the trust policy's signers to one of these values; it raises
`Refused` with every reason where nobody was proven.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from verifier.core.outcome import Reason
from verifier.core.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from dataclasses import InitVar

    from verifier.core.signers.keyless import CertificateClaims

SEAL: Final = object()

DEPRECATED_SUFFIX: Final = " with SHA-256"
"""What an algorithm's name ends with whose hash is not the one that goes with its curve."""

SignerKind = Literal["key", "hmac", "keyless"]


class ProvenSigner(Value):
    """A signer of the trust policy whose signature verified and who may be believed now.

    `fingerprint` is the SHA-256 of the key's DER SubjectPublicKeyInfo in hex, or of the name for an HMAC key
    (whose digest would be a confession), or of issuer and identity for a keyless signer, whose keys live minutes.
    `certificate` is what a keyless signer's certificate says. `signed_time` is what the signer states, if it states
    any, and behind a Sigstore bundle what a trusted log or timestamp authority states: signed no later than that.
    """

    name: str
    kind: SignerKind
    fingerprint: str
    algorithm: str
    signed_time: datetime | None = None
    certificate: CertificateClaims | None = None
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        require(seal)


def deprecations(signers: Iterable[ProvenSigner]) -> tuple[Reason, ...]:
    """A warning for each signature that counts and has a hash that does not go with its key's curve."""
    return tuple(
        Reason(
            code="signature.deprecated-hash",
            subject=each.name,
            message=f"signer {each.name!r} signed with {each.algorithm}, whose hash does not go with the curve",
        )
        for each in signers
        if each.algorithm.endswith(DEPRECATED_SUFFIX)
    )


def require(seal: object) -> None:
    """Only whoever holds `SEAL` may go on."""
    if seal is not SEAL:
        raise TypeError("only a signature back end can prove a signer")
