"""Which of the trust policy's signers may have made a signature, and whether they may be believed.

* a key id says which signers to try first, and is never authority: a signer counts by its key, whatever a kid says,
  unless the policy pins kids
* an algorithm counts only where the trust policy's signer is for it
* a key that is revoked under one name is revoked under every name
* keyless identities are never proven here
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason
from verifier.core.signers.signer import Signer
from verifier.core.value import Value, field, replace
from verifier.signatures import keys
from verifier.signatures.interface import SEAL, ProvenSigner


class Signatory(Value):
    """A signer with its key loaded; `key` is the secret's bytes for HMAC."""

    signer: Signer
    fingerprint: str
    algorithms: tuple[str, ...]
    key: keys.PublicKey | bytes = field(repr=False)

    def verifies(
        self, algorithm: str, message: bytes, signature: bytes, *, accept_der: bool = False, any_salt: bool = False
    ) -> bool:
        """Whether this signer made `signature` over `message` with an algorithm that it is for."""
        if algorithm not in self.algorithms:
            return False
        if isinstance(self.key, bytes):
            from hmac import compare_digest  # noqa: PLC0415 - only for who shares a secret

            return compare_digest(keys.authenticate(self.key, algorithm, message), signature)
        return keys.verify(self.key, algorithm, message, signature, accept_der=accept_der, any_salt=any_salt)

    def proven(self, algorithm: str, signed_time: datetime | None = None) -> ProvenSigner:
        """The proof. Only for a candidate that `verifies` and is `believed`."""
        return ProvenSigner(
            name=self.signer.name,
            kind="hmac" if isinstance(self.key, bytes) else "key",
            fingerprint=self.fingerprint,
            algorithm=algorithm,
            signed_time=signed_time,
            seal=SEAL,
        )


Attempt = tuple[Signatory, str]
"""A signer who may have made a signature, and the algorithm to try."""


class Candidates:
    """The signers that an artifact's rule allows, keys loaded, ready to be asked."""

    def __init__(self, signers: Sequence[Signer], *, hmac_allowed: bool) -> None:
        self._all = tuple(
            _load(signer)
            for signer in signers
            if signer.public_key is not None or (signer.secret is not None and hmac_allowed)
        )
        self._revoked = {each.fingerprint: each.signer.name for each in self._all if each.signer.revoked}

    def named(self, kid: str | None) -> list[Attempt]:
        """Those that a signature with this key id is said to be by, each with every algorithm that it is for."""
        return _attempts(each for each in self._all if _answers(each.signer, kid))

    def attempts(self, kid: str | None) -> list[Attempt]:
        """Those that a signature with this key id may be by: those that it names, then all whose kid is not pinned."""
        others = (each for each in self._all if not _answers(each.signer, kid) and not each.signer.pin_kid)
        return [*self.named(kid), *_attempts(others)]

    def otherwise(self, algorithm: str) -> list[Attempt]:
        """Signers who are not believed for `algorithm`, though their keys could be for it: to say so, not to prove."""
        return [
            (replace(each, algorithms=(algorithm,)), algorithm)
            for each in self._all
            if algorithm not in each.algorithms and algorithm in _usable(each)
        ]

    def believed(
        self, makers: Sequence[Attempt], now: datetime, proven: datetime | None = None
    ) -> tuple[Attempt | None, list[Reason]]:
        """The first of `makers` who may be believed at `now`; else None, and what stands against each.

        `proven` is a time by which the signature is proven to have been made.
        """
        objections = []
        for maker in makers:
            objection = self._objection(maker[0], now, proven)
            if objection is None:
                return maker, []
            objections.append(objection)
        return None, objections

    def _objection(self, candidate: Signatory, now: datetime, proven: datetime | None) -> Reason | None:
        name = self._revoked.get(candidate.fingerprint)
        if name is not None and not candidate.signer.revoked:
            message = f"the key of signer {candidate.signer.name!r} is revoked under the name {name!r}"
            return Reason(code="signer.revoked", subject=candidate.signer.name, message=message)
        return candidate.signer.validity(now, proven)


def _answers(signer: Signer, kid: str | None) -> bool:
    return kid is None or signer.answers_any_kid or signer.kid == kid


def _attempts(those: Iterable[Signatory]) -> list[Attempt]:
    return [(each, algorithm) for each in those for algorithm in each.algorithms]


def _usable(each: Signatory) -> Iterable[str]:
    return keys.HMAC_ALGORITHMS if isinstance(each.key, bytes) else keys.algorithms_of(each.key)


def _load(signer: Signer) -> Signatory:
    where = f"signers.{signer.name}"
    if signer.public_key is None:
        return _load_secret(signer, where)
    key = keys.load_public_key(signer.public_key, where=where)
    usable = keys.algorithms_of(key)
    for algorithm in signer.algorithms:
        if algorithm not in usable:
            message = f"the key cannot be for {algorithm}, only for {', '.join(usable)}"
            raise ConfigurationError(message, where=where, hint="Name one of these, or none: the first is the default.")
    return Signatory(
        signer=signer, fingerprint=keys.fingerprint(key), algorithms=signer.algorithms or usable[:1], key=key
    )


def _load_secret(signer: Signer, where: str) -> Signatory:
    if not signer.secret:
        raise ConfigurationError("the HMAC secret is empty", where=where)
    if not signer.algorithms or not keys.HMAC_ALGORITHMS.issuperset(signer.algorithms):
        raise ConfigurationError("an HMAC signer names its algorithms, among HS256, HS384 and HS512", where=where)
    name_digest = hashlib.sha256(signer.name.encode()).hexdigest()
    return Signatory(signer=signer, fingerprint=name_digest, algorithms=signer.algorithms, key=signer.secret)
