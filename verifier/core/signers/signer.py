"""Whom a policy names: keys and keyless identities (`core.keyless`), as values. Only signature back ends prove one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.outcome import Reason
from verifier.core.value import Value, field

if TYPE_CHECKING:
    from verifier.core.signers.keyless import KeylessIdentity


class Signer(Value):
    """A signer as the trust policy has it: exactly one of `public_key`, `secret` and `keyless` is set.

    `public_key` is PEM (SubjectPublicKeyInfo) in its usual form, `secret` the bytes of an HMAC key. `kid` is the JWS
    `kid` or DSSE `keyid` under which this signer is tried first; with `pin_kid` it counts only under it.
    `answers_any_kid` is for keys given on the command line, which have no name of their own.
    `algorithms` are the JWS names that the key is for; empty means the one that its type defaults to (RSA:
    RS256, P-256: ES256, P-384: ES384, P-521: ES512); HMAC has no default and must be named. `ignored` is what the
    key's file says besides, for people.
    """

    name: str
    kid: str
    public_key: bytes | None = None
    secret: bytes | None = field(default=None, repr=False)
    keyless: KeylessIdentity | None = None
    algorithms: tuple[str, ...] = ()
    not_before: datetime | None = None
    not_after: datetime | None = None
    revoked: bool = False
    answers_any_kid: bool = False
    pin_kid: bool = False
    ignored: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = [part for part in (self.public_key, self.secret, self.keyless) if part is not None]
        if len(given) != 1:
            raise ValueError("a signer is exactly one of a public key, a secret and a keyless identity")

    def validity(self, now: datetime, proven: datetime | None = None) -> Reason | None:
        """Why this signer may not be believed at `now`, or None. Ends are inclusive.

        The time is the verifier's, not one that the signature states: whoever stole a key would state an
        early one. A time by which the signature was `proven` to be there must lie within as well.
        """
        if self.revoked:
            return Reason(code="signer.revoked", subject=self.name, message=f"signer {self.name!r} is revoked")
        if self.not_before is not None and now < self.not_before:
            message = f"signer {self.name!r} is valid from {self.not_before.isoformat()}, now is {now.isoformat()}"
            return Reason(code="signer.not-yet-valid", subject=self.name, message=message)
        if self.not_after is not None and now > self.not_after:
            message = f"signer {self.name!r} was valid until {self.not_after.isoformat()}, now is {now.isoformat()}"
            return Reason(code="signer.expired", subject=self.name, message=message)
        if proven is not None and self.not_before is not None and proven < self.not_before:
            message = (
                f"signer {self.name!r} is valid from {self.not_before.isoformat()}, and the signature was there at "
                f"{proven.isoformat()}"
            )
            return Reason(code="signer.not-yet-valid", subject=self.name, message=message)
        return None


def distinct_keys(signers: Iterable[Signer]) -> int:
    """How many different keys and identities these are: one key under two names can sign only once."""
    return len({key_of(signer) for signer in signers})


def key_of(signer: Signer) -> object:
    """What makes a signer the same as another, whatever their names: equal for one key under two names."""
    if signer.keyless is not None:
        return signer.keyless
    if signer.secret is not None:
        return ("secret", signer.secret)
    # PEM is free in its line breaks and in the text around the block; the bytes between are the key.
    block = (signer.public_key or b"").partition(b"-----BEGIN PUBLIC KEY-----")[2].partition(b"-----END")[0]
    return b"".join(block.split())
