"""Evidence: everything that speaks for an artifact, proven or refused, and nothing dropped on the way.

* only what a signature back end has proven is parsed any further
* an attestation about another artifact is refused, whoever signed it
* an attestation of another kind counts neither for nor against, and is named
* what a signer says counts where the policy listens to that signer: a builder's signature is not a release's
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.signers.signer import Signer
from verifier.core.verdict import EvidenceItem
from verifier.evidence.inspection import Evidence
from verifier.kinds.bundle.artifact import Bundle
from verifier.signatures.opa_jws import verify_opa_signatures
from verifier.trust.evaluate import signers_for
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.engine.attestations import Found
    from verifier.signatures.interface import ProvenSigner


def gather(
    artifact: Artifact,
    documents: Sequence[Document | Refused],
    *,
    rule: ArtifactRule,
    policy: TrustPolicy,
    now: datetime,
) -> tuple[Evidence, tuple[EvidenceItem, ...]]:
    """Verify every signature in and beside `artifact`; the items list each piece once, for the report."""
    embedded, items = _embedded(artifact, rule, signers_for(policy, rule), now)
    if not documents:
        return embedded, tuple(items)
    from verifier.engine.attestations import Attestations  # noqa: PLC0415 - a dozen modules, only where there is something

    attestations = Attestations(artifact, rule, policy, now)
    found: list[Found] = []
    refusals: list[Reason] = []
    for piece in _pieces(documents, policy):
        if isinstance(piece, Refused):
            refusals += piece.reasons
            continue
        digest = Digest.of(piece.content)
        try:
            each = attestations.verify(piece.content, subject=piece.name)
        except Refused as refusal:
            refusals += refusal.reasons
            items.append(_item("attestation", digest, None, None))
            continue
        found.append(each)
        items += [_item(each.kind, digest, signer, each.signed_time) for signer in each.signers]
    evidence = Evidence(
        embedded=embedded.embedded,
        embedded_refusals=embedded.embedded_refusals,
        releases=tuple(each.release for each in found if each.release),
        provenances=tuple(each.provenance for each in found if each.provenance),
        dependencies=tuple(each.dependency for each in found if each.dependency),
        detached_refusals=tuple(refusals),
        notes=(*embedded.notes, *(reason for each in found for reason in each.findings)),
    )
    return evidence, tuple(dict.fromkeys(items))


def _pieces(documents: Sequence[Document | Refused], policy: TrustPolicy) -> Iterator[Document | Refused]:
    """Each attestation of each document; what cannot be taken apart is refused in its place."""
    from verifier.formats.intoto.attestation_files import split_attestations  # noqa: PLC0415 - as above

    limit = policy.limits.document_bytes
    for document in documents:
        if isinstance(document, Refused):
            yield document
            continue
        if len(document.content) > limit:
            yield refuse(
                "input.too-large", document.name, f"{len(document.content)} bytes; at most {limit} are allowed"
            )
            continue
        try:
            pieces = split_attestations(document.content, subject=document.name)
        except Refused as refusal:
            yield refusal
            continue
        for number, piece in enumerate(pieces, start=1):
            name = document.name if len(pieces) == 1 else f"{document.name}#{number}"
            yield Document(name=name, content=piece)


def _embedded(
    artifact: Artifact, rule: ArtifactRule, signers: Sequence[Signer], now: datetime
) -> tuple[Evidence, list[EvidenceItem]]:
    if not isinstance(artifact, Bundle) or artifact.signatures is None:
        return Evidence(), []
    subject, digest = f"{artifact.reference}/.signatures.json", Digest.of(artifact.signatures)
    try:
        signature = verify_opa_signatures(
            artifact.signatures, signers=signers, now=now, mode=artifact.mode, subject=subject
        )
        _demand_scope(signature.scope, rule, subject)
    except Refused as refusal:
        return Evidence(embedded_refusals=refusal.reasons), [_item("opa-signature", digest, None, None)]
    item = _item("opa-signature", digest, signature.signer, signature.signed_time)
    return Evidence(embedded=signature, notes=signature.findings), [item]


def _demand_scope(scope: str | None, rule: ArtifactRule, subject: str) -> None:
    wanted = rule.signatures.scope
    if wanted is not None and scope != wanted:
        raise refuse("signature.scope-mismatch", subject, f"the scope is {scope!r}, the policy demands {wanted!r}")


def _item(kind: str, digest: Digest, signer: ProvenSigner | None, time: datetime | None) -> EvidenceItem:
    return EvidenceItem(
        kind=kind,
        digest=digest,
        signer=signer.name if signer else None,
        verified=signer is not None,
        time=time,
    )
