"""Detached attestations: a DSSE envelope, verified against keys of the trust policy.

* at least one signature is by an allowed signer who may be believed now; all such signers are returned
* signers count once by key, however many signatures or names they use
* `keyid` says which signers to try first and proves nothing
* an expired or revoked signer never counts, and is reported
* the payload handed on is the bytes that were verified, and its type is in-toto's: of what a trusted signer signed as
  something else nobody knows what it says, which is not the same as that a stranger has signed it
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from verifier.core.errors import Rejected, refuse
from verifier.core.limits import MAX_SIGNATURES
from verifier.core.outcome import Reason
from verifier.core.signers.signer import Signer
from verifier.core.uris import IN_TOTO_PAYLOAD
from verifier.formats.intoto.dsse import EnvelopeSignature, pae, parse_envelope
from verifier.formats.json.strict_json import FREE
from verifier.signatures.budget import Budget, operations_of
from verifier.signatures.candidates import Attempt, Candidates
from verifier.signatures.interface import SEAL, ProvenSigner, deprecations
from verifier.signatures.verified import VerifiedPayload

MAX_ATTEMPTS: Final = 8 * MAX_SIGNATURES
"""Public-key operations on one envelope: its signatures times the keys that each may be by."""


def verify_envelope(
    envelope: bytes, *, signers: Sequence[Signer], now: datetime, subject: str, budget: Budget | None = None
) -> VerifiedPayload:
    """Verify a DSSE envelope against `signers`; raises `Refused` with every reason."""
    if budget is None and len(envelope) > FREE:
        budget = Budget.of_one(len(envelope))
    parsed = parse_envelope(envelope, subject=subject, budget=budget.whole if budget else None)
    candidates = Candidates(signers, hmac_allowed=False)
    trials = [(each, candidates.attempts(each.keyid or None)) for each in parsed.signatures]
    attempts = sum(len(trial) for _, trial in trials)
    if attempts > MAX_ATTEMPTS:
        message = f"{attempts} signatures and keys to try, expected at most {MAX_ATTEMPTS}: name keys by keyid"
        raise refuse("attestation.invalid", subject, message)
    signed = pae(parsed.payload_type, parsed.payload)
    if budget is not None:
        operations = operations_of(algorithm for _, trial in trials for _, algorithm in trial)
        budget.spend(operations, subject=subject, hashed=attempts * len(signed))
    proven: dict[str, ProvenSigner] = {}
    reasons: list[Reason] = []
    for signature, trial in trials:
        makers = [each for each in trial if each[0].verifies(each[1], signed, signature.sig, accept_der=True)]
        maker, objections = candidates.believed(makers, now)
        if maker is not None:
            candidate, algorithm = maker
            proven.setdefault(candidate.fingerprint, candidate.proven(algorithm))
        elif not makers:
            otherwise = _otherwise(trial, signed, signature.sig, subject, budget)
            named = bool(candidates.named(signature.keyid or None))
            objections = [otherwise or _unproven(signature, trial, subject, named=named)]
        reasons += objections
    if not proven:
        raise Rejected(*dict.fromkeys(reasons))
    require_statement(parsed.payload_type, subject)
    return VerifiedPayload(
        payload_type=parsed.payload_type,
        payload=parsed.payload,
        signers=tuple(proven.values()),
        findings=(*dict.fromkeys(reason.as_warning() for reason in reasons), *deprecations(proven.values())),
        seal=SEAL,
    )


def require_statement(payload_type: str, subject: str) -> None:
    """Refuse what a trusted signer has signed as something else than a statement."""
    if payload_type != IN_TOTO_PAYLOAD:
        message = f"the payload's type is {payload_type!r:.100}, expected {IN_TOTO_PAYLOAD!r}"
        raise refuse("signature.unsupported", subject, message)


def _otherwise(
    trial: Sequence[Attempt], signed: bytes, signature: bytes, subject: str, budget: Budget | None
) -> Reason | None:
    """What a signature is that does not verify, where one of the keys has made it in a way that it is not for."""
    if budget is not None and not budget.may_explain():
        return None
    from verifier.signatures.other_making import otherwise_made  # noqa: PLC0415 - only where something does not verify

    return otherwise_made(trial, signed, signature, subject)


_NO_KEY: Final = "it is signed by a key and has no certificate, and no key that is allowed here may have made it"


def _unproven(signature: EnvelopeSignature, trial: Sequence[Attempt], subject: str, *, named: bool) -> Reason:
    tried = ", ".join(sorted({candidate.signer.name for candidate, _ in trial}))
    if not named:
        nobody = f"no signer allowed here answers to key id {signature.keyid!r}"
        seen = nobody if signature.keyid else "no signer is allowed here" if tried else _NO_KEY
        more = f", and it does not verify with the key of {tried}" if tried else ""
        return Reason(code="signer.untrusted", subject=subject, message=seen + more)
    message = f"a signature does not verify with the key of {tried}"
    return Reason(code="signature.invalid", subject=subject, message=message)
