"""Bare signatures: over the artifact's own bytes, by a key of the trust policy, and nothing beside them.

* the key says with which algorithm it signs; the signature chooses nothing. A key for which the policy states no
  algorithm signs with its type's default, an RSA key with PSS as well
* a file that is what a key signs for another purpose (an envelope's encoding, a token, a checkpoint) is refused: its
  signature was made over that, and says nothing of a file
* only where the bytes themselves are at hand: of what a digest is, nobody can see
* nothing proves when it was made, so that it counts for no certificate, whose time is all that it has
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Rejected, refuse, reject
from verifier.core.signers.signer import Signer
from verifier.core.value import replace
from verifier.formats.cosign.signature_file import damage_of, is_certificate
from verifier.signatures.budget import Budget, operations_of
from verifier.signatures.candidates import Attempt, Candidates
from verifier.signatures.domains import signing_input_of
from verifier.signatures.interface import SEAL, ProvenSigner, deprecations
from verifier.signatures.verified import VerifiedDigest

_PSS: Final = "PS256"
_HINT: Final = "Give the Sigstore bundle instead (`cosign sign-blob --bundle FILE`), which proves when it was signed."


def verify_detached(
    signature: bytes,
    *,
    signers: Sequence[Signer],
    digest: Digest,
    content: bytes | None,
    now: datetime,
    subject: str,
    budget: Budget | None = None,
) -> VerifiedDigest:
    """Verify a bare `signature` of the artifact against `signers`; raises `Refused` with every reason."""
    signed = _signed(digest, content, subject)
    proven = (prove_bare(signature, signed, signers=signers, now=now, subject=subject, budget=budget),)
    return VerifiedDigest(digest=Digest.of(signed), signers=proven, findings=deprecations(proven), seal=SEAL)


def prove_bare(
    signature: bytes,
    signed: bytes,
    *,
    signers: Sequence[Signer],
    now: datetime,
    subject: str,
    budget: Budget | None = None,
    what: str = "this file",
) -> ProvenSigner:
    """Who of `signers` has made `signature` over `signed`, by a key alone; raises `Refused` with every reason.

    Whoever asks has made sure that `signed` is what he takes it for, and calls it `what`.
    """
    candidates = Candidates(signers, hmac_allowed=False)
    trial = list(_attempts(candidates))
    if not trial:
        keyless = any(signer.keyless is not None for signer in signers)
        why = ", and for a certificate's nothing proves when it was made" if keyless else ""
        raise reject("signer.untrusted", subject, f"this is a bare signature, and no key is allowed here{why}", _HINT)
    if budget is not None:
        operations = operations_of(algorithm for _, algorithm in trial)
        budget.spend(operations, subject=subject, hashed=len(trial) * len(signed))
    makers = [each for each in trial if each[0].verifies(each[1], signed, signature, accept_der=True)]
    if not makers and (budget is None or budget.may_explain()):
        from verifier.signatures.other_making import otherwise_made  # noqa: PLC0415 - only where one does not verify

        if (otherwise := otherwise_made(trial, signed, signature, subject)) is not None:
            raise Rejected(otherwise)
    if not makers:
        tried = ", ".join(sorted({candidate.signer.name for candidate, _ in trial}))
        message = f"the bare signature does not verify over {what} with the key of {tried}"
        hint = "Check that the signature is of this very file, and that the key is the one that made it."
        raise reject("signature.invalid", subject, message, hint)
    maker, objections = candidates.believed(makers, now)
    if maker is None:
        raise Rejected(*dict.fromkeys(objections))
    candidate, algorithm = maker
    return candidate.proven(algorithm)


def require_no_near_miss(document: bytes, subject: str) -> None:
    """Refuse what people give for a bare signature and is none: its certificate, or a signature that is not whole."""
    if is_certificate(document):
        message = "this is a certificate: it signs nothing, and nothing proves when a bare signature beside it was made"
        raise refuse("signature.unsupported", subject, message, _HINT)
    if (damage := damage_of(document)) is not None:
        message = f"this is a bare signature {damage}"
        raise refuse("attestation.invalid", subject, message, "Copy it again from whoever made it, or sign again.")


def _signed(digest: Digest, content: bytes | None, subject: str) -> bytes:
    """The bytes that the signature must be over."""
    if content is None and digest == Digest.of(b""):
        content = b""
    if content is None:
        message = f"this is a bare signature over a file, and only {digest} was given"
        raise refuse("signature.unsupported", subject, message, "Give the file itself.")
    if (other := signing_input_of(content)) is not None:
        message = f"the artifact is {other}, whose signature is no signature of a file"
        raise refuse("signature.unsupported", subject, message)
    return content


def _attempts(candidates: Candidates) -> Iterator[Attempt]:
    for candidate, algorithm in candidates.attempts(None):
        yield candidate, algorithm
        if algorithm == "RS256" and not candidate.signer.algorithms:
            yield replace(candidate, algorithms=(*candidate.algorithms, _PSS)), _PSS
