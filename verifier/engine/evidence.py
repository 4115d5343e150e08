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
from verifier.core.limits import MAX_ATTESTATIONS
from verifier.core.outcome import Reason
from verifier.core.verdict import EvidenceItem
from verifier.evidence.inspection import Evidence
from verifier.evidence.item import evidence_item
from verifier.kinds.kind import Kind
from verifier.trust.evaluate import signers_for
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.engine.attestations import Found


def gather(
    kind: Kind,
    artifact: Artifact,
    documents: Sequence[Document | Refused],
    *,
    rule: ArtifactRule,
    policy: TrustPolicy,
    now: datetime,
) -> tuple[Evidence, tuple[EvidenceItem, ...]]:
    """Verify every signature in and beside `artifact`; the items list each piece once, for the report."""
    embedded, inside = kind.inside(artifact, rule, signers_for(policy, rule), now)
    if not documents:
        return embedded, inside
    from verifier.engine.attestations import Attestations  # noqa: PLC0415 - a dozen modules, only where there is something

    attestations = Attestations(artifact, rule, policy, now)
    items = list(inside)
    found: list[Found] = []
    refusals: list[Reason] = []
    for refused, piece in _pieces(documents, policy):
        if isinstance(piece, Refused):
            refusals += piece.reasons
            items += [evidence_item("attestation", refused, None, None)] if refused is not None else []
            continue
        digest = Digest.of(piece.content)
        try:
            each = attestations.verify(piece.content, subject=piece.name)
        except Refused as refusal:
            refusals += refusal.reasons
            items.append(evidence_item("attestation", digest, None, None))
            continue
        found.append(each)
        items += [evidence_item(each.kind, digest, signer, each.signed_time) for signer in each.signers]
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


def _pieces(
    documents: Sequence[Document | Refused], policy: TrustPolicy
) -> Iterator[tuple[Digest | None, Document | Refused]]:
    """Each attestation of each document; what cannot be taken apart is refused in its place, behind its digest if it
    has one."""
    left = MAX_ATTESTATIONS
    for refused, piece in _every_piece(documents, policy):
        if left == 0:
            message = f"more than {MAX_ATTESTATIONS} attestations of one artifact are given"
            yield None, refuse("input.too-large", getattr(piece, "name", ""), message)
            return
        left -= 1
        yield refused, piece


def _every_piece(
    documents: Sequence[Document | Refused], policy: TrustPolicy
) -> Iterator[tuple[Digest | None, Document | Refused]]:
    from verifier.formats.intoto.attestation_files import split_attestations  # noqa: PLC0415 - as above

    limit = policy.limits.document_bytes
    for document in documents:
        if isinstance(document, Refused):
            yield None, document
            continue
        whole = Digest.of(document.content)
        if len(document.content) > limit:
            message = f"{len(document.content)} bytes; at most {limit} are allowed"
            yield whole, refuse("input.too-large", document.name, message)
            continue
        try:
            pieces = split_attestations(document.content, subject=document.name)
        except Refused as refusal:
            yield whole, refusal
            continue
        for number, piece in enumerate(pieces, start=1):
            name = document.name if len(pieces) == 1 else f"{document.name}#{number}"
            yield None, Document(name=name, content=piece)
