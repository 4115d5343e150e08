"""Attestations of either kind, each verified by its back end.

* a document that has a Sigstore bundle's fields is verified as one; everything else is a DSSE envelope, or refused
* an envelope is verified without the `sigstore` library being loaded
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.formats.intoto.attestation_kind import looks_like_bundle
from verifier.signatures.budget import BUNDLE_OPERATIONS, Budget
from verifier.signatures.envelope import verify_envelope
from verifier.signatures.verified import VerifiedDigest, VerifiedPayload


def verify_attestation(  # noqa: PLR0913 - keyword-only, as what it hands them to
    document: bytes,
    *,
    signers: Sequence[Signer],
    sigstore: SigstoreInstance,
    digest: Digest,
    content: bytes | None,
    now: datetime,
    subject: str,
    budget: Budget | None = None,
) -> VerifiedPayload | VerifiedDigest:
    """Verify `document` against `signers`: a statement, or a signature of the artifact; raises `Refused`.

    The artifact is `digest`, with its `content` where that is at hand; a statement's subject is still to be compared.
    """
    try:
        return _verified(document, signers, sigstore, digest, content, now, subject, budget)
    except Refused as refusal:
        from verifier.formats.foreign.named import named  # noqa: PLC0415 - only for what was refused

        raise named(refusal, document, place="attestation") from refusal


def _verified(  # noqa: PLR0913, PLR0917 - as above
    document: bytes,
    signers: Sequence[Signer],
    sigstore: SigstoreInstance,
    digest: Digest,
    content: bytes | None,
    now: datetime,
    subject: str,
    budget: Budget | None,
) -> VerifiedPayload | VerifiedDigest:
    if not looks_like_bundle(document):
        return verify_envelope(document, signers=signers, now=now, subject=subject, budget=budget)
    if budget is not None:
        if budget.whole is not None:
            from verifier.formats.json.structure import pay_for_json  # noqa: PLC0415 - as in `signatures.budget`

            pay_for_json(document, budget.whole, subject)
        budget.spend(BUNDLE_OPERATIONS, subject=subject, hashed=len(content or b"") + 2 * len(document))
    # The Sigstore library takes most of a second to import: only where there is a bundle.
    from verifier.signatures.sigstore.keyless import verifier_for  # noqa: PLC0415

    return verifier_for(sigstore).verify(
        document, signers=signers, digest=digest, content=content, now=now, subject=subject
    )
