"""Evidence: everything that speaks for an artifact, proven or refused, and nothing dropped on the way.

* only what a signature back end has proven is parsed any further
* an attestation about another artifact is refused, whoever signed it
* an attestation of another kind counts neither for nor against, and is named
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from verifier.artifacts.bundle import Bundle
from verifier.checks.interface import Evidence, ProvenRelease
from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.signer import Signer
from verifier.core.verdict import EvidenceItem
from verifier.formats.release import Release, counts_as_signature, parse_release
from verifier.formats.statement import Statement, matching_subject, parse_statement
from verifier.signatures.envelope import verify_envelope
from verifier.signatures.interface import ProvenSigner
from verifier.signatures.opa_jws import verify_opa_signatures
from verifier.trust.model import ArtifactRule


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Bytes found beside an artifact, and what to call them in a report."""

    name: str
    content: bytes = field(repr=False)


def gather(
    artifact: Artifact,
    documents: Sequence[Document | Refused],
    *,
    rule: ArtifactRule,
    signers: Sequence[Signer],
    now: datetime,
) -> Evidence:
    """Verify every signature in and beside `artifact` against the signers that `rule` allows."""
    evidence = _embedded(artifact, rule, signers, now) if isinstance(artifact, Bundle) else Evidence()
    for document in documents:
        try:
            release, findings = _release(artifact, document, signers, now)
        except Refused as refusal:
            evidence = replace(evidence, detached_refusals=(*evidence.detached_refusals, *refusal.reasons))
        else:
            releases, notes = (*evidence.releases, release), (*evidence.notes, *findings)
            evidence = replace(evidence, releases=releases, notes=notes)
    return evidence


def itemise(
    artifact: Artifact, documents: Sequence[Document | Refused], evidence: Evidence
) -> tuple[EvidenceItem, ...]:
    """The evidence as a report lists it: each piece once, with the signers that were proven."""
    items = list(_embedded_items(artifact, evidence))
    proven = {release.digest: release for release in evidence.releases}
    for document in documents:
        if isinstance(document, Refused):
            continue
        digest = Digest.of(document.content)
        release = proven.get(digest)
        signers = release.signers if release else (None,)
        time = release.signed_time if release else None
        items += [_item("attestation", digest, signer, time) for signer in signers]
    return tuple(dict.fromkeys(items))


def _embedded(artifact: Bundle, rule: ArtifactRule, signers: Sequence[Signer], now: datetime) -> Evidence:
    if artifact.signatures is None:
        return Evidence()
    subject = f"{artifact.reference}/.signatures.json"
    try:
        signature = verify_opa_signatures(
            artifact.signatures, signers=signers, now=now, mode=artifact.mode, subject=subject
        )
        _demand_scope(signature.scope, rule, subject)
    except Refused as refusal:
        return Evidence(embedded_refusals=refusal.reasons)
    return Evidence(embedded=signature, notes=signature.findings)


def _demand_scope(scope: str | None, rule: ArtifactRule, subject: str) -> None:
    wanted = rule.signatures.scope
    if wanted is not None and scope != wanted:
        raise refuse("signature.scope-mismatch", subject, f"the scope is {scope!r}, the policy demands {wanted!r}")


def _release(
    artifact: Artifact, document: Document | Refused, signers: Sequence[Signer], now: datetime
) -> tuple[ProvenRelease, tuple[Reason, ...]]:
    """The release that a document is, and what its envelope holds that did not count."""
    if isinstance(document, Refused):
        raise document
    payload = verify_envelope(document.content, signers=signers, now=now, subject=document.name)
    statement = parse_statement(payload.payload, subject=document.name)
    if matching_subject(statement, artifact.digest) is None:
        seen = ", ".join(str(digest) for subject in statement.subjects[:3] for digest in subject.digests)
        message = f"it is about {seen}, the artifact is {artifact.digest}"
        raise refuse("attestation.subject-mismatch", document.name, message)
    claims = _claims(artifact, statement, document, now)
    release = ProvenRelease(signers=payload.signers, digest=Digest.of(document.content), claims=claims)
    return release, payload.findings


def _claims(artifact: Artifact, statement: Statement, document: Document, now: datetime) -> Release | None:
    if not counts_as_signature(statement):
        note = f"its predicate type is {statement.predicate_type}, which says nothing about a release"
        raise Refused(Reason(code="attestation.ignored", subject=document.name, message=note))
    claims = parse_release(statement, subject=document.name)
    if claims is None:
        return None
    if (claims.kind, claims.name) != (artifact.kind, artifact.name):
        message = f"it releases {claims.kind}:{claims.name}, the artifact is {artifact.reference}"
        raise refuse("attestation.subject-mismatch", document.name, message)
    if claims.expires_at is not None and now > claims.expires_at:
        raise refuse("freshness.expired", document.name, f"it expired at {claims.expires_at.isoformat()}")
    return claims


def _embedded_items(artifact: Artifact, evidence: Evidence) -> list[EvidenceItem]:
    if not isinstance(artifact, Bundle) or artifact.signatures is None:
        return []
    embedded, digest = evidence.embedded, Digest.of(artifact.signatures)
    if embedded is None:
        return [_item("opa-signature", digest, None, None)]
    return [_item("opa-signature", digest, embedded.signer, embedded.signed_time)]


def _item(kind: str, digest: Digest, signer: ProvenSigner | None, time: datetime | None) -> EvidenceItem:
    return EvidenceItem(
        kind=kind,
        digest=digest,
        signer=signer.name if signer else None,
        verified=signer is not None,
        time=time,
    )
