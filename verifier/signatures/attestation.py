"""Attestations of every kind that is read, each verified by its back end.

* a document that has a Sigstore bundle's fields is verified as one, and so is what says the same in PyPI's or cosign's
  older words; a layer of cosign's old scheme is one, whatever is in it; a file that is nothing but a signature is
  verified as one; everything else is a DSSE envelope, or refused
* what a document is, is said once, before it is read: no document is read in two ways
* an envelope, and a bare signature, are verified without the `sigstore` library being loaded
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.core.value import Value
from verifier.formats.intoto.attestation_kind import (
    is_layer,
    looks_like_bundle,
    looks_like_cosign,
    looks_like_json,
    looks_like_pypi,
)
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

        raise named(refusal, document, place="attestation") from None


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
    if is_layer(document):
        from verifier.signatures.cosign.legacy import verify_layer  # noqa: PLC0415 - few signatures are in cosign's old scheme

        return verify_layer(document, signers=signers, sigstore=sigstore, now=now, subject=subject, budget=budget)
    bundle = document
    if not looks_like_bundle(document):
        said = _in_our_words(document, subject, budget)
        if isinstance(said, bytes):
            return verify_envelope(said, signers=signers, now=now, subject=subject, budget=budget)
        if isinstance(said, BareSignature):
            from verifier.signatures.detached import verify_detached  # noqa: PLC0415 - few signatures are bare

            return verify_detached(
                said.signature,
                signers=signers,
                digest=digest,
                content=content,
                now=now,
                subject=subject,
                budget=budget,
            )
        bundle = said.document
    if budget is not None:
        if budget.whole is not None:
            from verifier.formats.json.structure import pay_for_json  # noqa: PLC0415 - as in `signatures.budget`

            pay_for_json(bundle, budget.whole, subject)
        budget.spend(BUNDLE_OPERATIONS, subject=subject, hashed=len(content or b"") + 2 * len(bundle))
    from verifier.signatures.sigstore.keyless import verifier_for  # noqa: PLC0415 - most documents are envelopes

    return verifier_for(sigstore).verify(
        bundle, signers=signers, digest=digest, content=content, now=now, subject=subject
    )


def is_bare(document: bytes) -> bool:
    """Whether `document` is a signature and nothing else."""
    from verifier.formats.cosign.signature_file import read_signature  # noqa: PLC0415 - few are no JSON

    return read_signature(document) is not None


class BareSignature(Value):
    """A signature and nothing else."""

    signature: bytes


class AsBundle(Value):
    """A Sigstore bundle that says what another document said."""

    document: bytes


def _in_our_words(document: bytes, subject: str, budget: Budget | None) -> bytes | BareSignature | AsBundle:
    """What is no Sigstore bundle, as what it is: an envelope (or nobody knows what), a bundle, or a bare signature."""
    whole = budget.whole if budget is not None else None
    if looks_like_pypi(document):
        from verifier.formats.pypi.attestation import as_bundle  # noqa: PLC0415 - few attestations are PyPI's

        return AsBundle(document=as_bundle(document, subject=subject, budget=whole))
    if looks_like_cosign(document):
        from verifier.formats.cosign.older_bundle import parse_older_bundle  # noqa: PLC0415 - few bundles are as old

        older = parse_older_bundle(document, subject=subject, budget=whole)
        if older.bundle is not None:
            return AsBundle(document=older.bundle)
        return older.signature if older.is_envelope else BareSignature(signature=older.signature)
    if looks_like_json(document):
        return document
    from verifier.formats.cosign.signature_file import read_signature  # noqa: PLC0415 - few are no JSON

    signature = read_signature(document)
    if signature is not None:
        return BareSignature(signature=signature)
    from verifier.signatures.detached import require_no_near_miss  # noqa: PLC0415 - as above

    require_no_near_miss(document, subject)
    return document
