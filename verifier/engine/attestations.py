"""One attestation: who signed it, what it says, and what that is worth under the policy.

* a release, or a type that the rule counts as a signature, is a signature of the artifact by the rule's signers
* provenance is kept for the check that judges it; alone it is not a signature
* a trusted verifier's FAILED about this artifact denies; its verdict about another says something about a dependency
"""

from __future__ import annotations

from datetime import datetime

from verifier.core.artifact import Artifact
from verifier.core.costs.budget import Budget as WholeBudget
from verifier.core.digest import Digest
from verifier.core.errors import Refused, Rejected, refuse, reject
from verifier.core.outcome import Reason
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.core.value import Value, replace
from verifier.evidence.attested import DependencyVerdict, ProvenProvenance, ProvenRelease
from verifier.formats.intoto.provenance import PROVENANCE_TYPES, parse_provenance
from verifier.formats.intoto.release import Release, counts_as_signature, parse_release
from verifier.formats.intoto.statement import (
    Statement,
    contradicting_digest,
    matching_subject,
    parse_statement,
    resembles_what_is_read,
)
from verifier.formats.intoto.vsa import parse_vsa
from verifier.signatures.attestation import verify_attestation
from verifier.signatures.budget import Budget
from verifier.signatures.interface import ProvenSigner
from verifier.signatures.verified import VerifiedDigest, VerifiedPayload
from verifier.trust.evaluate import attesters_for, provenance_of
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule


class Found(Value):
    """What one attestation proves; `kind` is what a report calls it."""

    kind: str
    signers: tuple[ProvenSigner, ...]
    release: ProvenRelease | None = None
    provenance: ProvenProvenance | None = None
    dependency: DependencyVerdict | None = None
    signed_time: datetime | None = None
    findings: tuple[Reason, ...] = ()


class Attestations:
    """Verifies attestations about one artifact under one rule; the trusted root is prepared once, when first needed."""

    def __init__(
        self, artifact: Artifact, rule: ArtifactRule, policy: TrustPolicy, now: datetime, budget: WholeBudget
    ) -> None:
        self._artifact, self._policy, self._now = artifact, policy, now
        self._called = artifact.called()
        self._wanted = SignatureRule.of(rule)
        self._signers = attesters_for(policy, rule)
        self._judges_provenance = provenance_of(rule) is not None
        self._whole, self._budget = budget, Budget(whole=budget)

    def verify(self, content: bytes, *, subject: str) -> Found:
        """What `content` proves; refuses with every reason where that is nothing."""
        proven = verify_attestation(
            content,
            signers=self._signers,
            sigstore=self._policy.sigstore,
            digest=self._artifact.digest,
            content=self._artifact.content or None,
            now=self._now,
            subject=subject,
            budget=self._budget,
        )
        if isinstance(proven, VerifiedDigest):
            signers = self._listened_to(proven.signers, subject)
            release = ProvenRelease(signers=signers, digest=Digest.of(content), claims=None)
            return Found(
                kind="signature",
                signers=signers,
                release=release,
                signed_time=release.signed_time,
                findings=proven.findings,
            )
        statement = parse_statement(proven.payload, subject=subject, budget=self._whole)
        return self._statement(statement, proven, Digest.of(content), subject)

    def _statement(self, statement: Statement, payload: VerifiedPayload, digest: Digest, subject: str) -> Found:
        about_us = matching_subject(statement, self._called) is not None
        if (other := contradicting_digest(statement, self._called)) is not None:
            message = f"a subject of it has a digest of {self._artifact.reference}, and {other}, which it has not"
            raise refuse("attestation.subject-mismatch", subject, message)
        if statement.predicate_type == VERIFICATION_SUMMARY:
            return self._verdict(statement, payload, subject, about_us=about_us)
        if not about_us:
            seen = ", ".join(str(each) for named in statement.subjects[:3] for each in named.digests[:3])
            message = f"it is about {seen}, the artifact is {self._artifact.digest}"
            raise reject("attestation.subject-mismatch", subject, message)
        if statement.predicate_type in PROVENANCE_TYPES:
            return self._provenance(statement, payload, digest, subject)
        if not self._counts(statement) and resembles_what_is_read(statement.predicate_type):
            message = f"its predicate type is {statement.predicate_type!r:.200}, which this release does not read"
            raise refuse("attestation.invalid", subject, message)
        if not self._counts(statement):
            note = f"its predicate type is {statement.predicate_type}, which says nothing about a release"
            raise Rejected(Reason(code="attestation.ignored", subject=subject, message=note))
        claims = self._claims(statement, subject) if counts_as_signature(statement) else None
        return self._release(payload, digest, claims, statement, subject)

    def _counts(self, statement: Statement) -> bool:
        return counts_as_signature(statement) or statement.predicate_type in self._wanted.attestations

    def _release(
        self, payload: VerifiedPayload, digest: Digest, claims: Release | None, statement: Statement, subject: str
    ) -> Found:
        signers = self._listened_to(payload.signers, subject)
        release = ProvenRelease(signers=signers, digest=digest, claims=claims, names=self._names(statement))
        return Found(
            kind="attestation",
            signers=signers,
            release=release,
            signed_time=release.signed_time,
            findings=payload.findings,
        )

    def _names(self, statement: Statement) -> tuple[str, ...]:
        """What the statement calls the artifact: the one subject that it is, since others are other things."""
        found = matching_subject(statement, self._called)
        return (found.name,) if found is not None and found.name else ()

    def _provenance(self, statement: Statement, payload: VerifiedPayload, digest: Digest, subject: str) -> Found:
        try:
            provenance = parse_provenance(statement, subject=subject)
        except Refused as refusal:
            if self._judges_provenance:
                raise
            return self._unjudged(statement, payload, digest, refusal)
        proven = ProvenProvenance(provenance=provenance, statement=statement, signers=payload.signers)
        # A builder's word counts for its build, also where only others' words are signatures.
        counted = statement.predicate_type in self._wanted.attestations
        listed = self._listed(payload.signers) if counted else ()
        release = (
            ProvenRelease(signers=listed, digest=digest, claims=None, names=self._names(statement)) if listed else None
        )
        times = [signer.signed_time for signer in payload.signers if signer.signed_time]
        return Found(
            kind="provenance",
            signers=payload.signers,
            release=release,
            provenance=proven,
            signed_time=min(times, default=None),
            findings=payload.findings,
        )

    def _unjudged(self, statement: Statement, payload: VerifiedPayload, digest: Digest, refusal: Refused) -> Found:
        """What malformed provenance is worth where the rule asks for none: a signature, if its type counts as one."""
        subject = refusal.reasons[0].subject
        if statement.predicate_type not in self._wanted.attestations:
            note = f"it is malformed provenance, which the rule does not ask for: {refusal.reasons[0].message}"
            raise Rejected(Reason(code="attestation.ignored", subject=subject, message=note))
        found = self._release(payload, digest, None, statement, subject)
        return replace(found, findings=(*found.findings, *(each.as_warning() for each in refusal.reasons)))

    def _verdict(self, statement: Statement, payload: VerifiedPayload, subject: str, *, about_us: bool) -> Found:
        """A trusted verifier's no about this artifact is never passed over; its yes is not a release."""
        summary = parse_vsa(statement, subject=subject)
        names = {signer.name for signer in payload.signers}
        if not any(each.signer in names and each.id == summary.verifier_id for each in self._policy.verifiers):
            message = (
                f"verifier {summary.verifier_id!r} signed by {', '.join(sorted(names))} is not a pair of the policy"
            )
            raise reject("verdict.verifier-untrusted", subject, message)
        expires = summary.extension.expires if summary.extension else None
        if expires is not None and self._now >= expires:
            raise reject("verdict.expired", subject, f"it expired at {expires.isoformat()}")
        denied = summary.verification_result != "PASSED" or "FAILED" in summary.verified_levels
        if about_us and denied:
            raise reject("verdict.failed", subject, f"verifier {summary.verifier_id!r} has denied this very artifact")
        if about_us:
            return Found(
                kind="verdict", signers=payload.signers, signed_time=summary.time_verified, findings=payload.findings
            )
        levels = ("FAILED",) if denied else summary.verified_levels
        digests = tuple(digest for named in statement.subjects for digest in named.digests)
        return Found(
            kind="dependency-verdict",
            signers=payload.signers,
            dependency=DependencyVerdict(digests=digests, levels=levels, expires=expires),
            signed_time=summary.time_verified,
            findings=payload.findings,
        )

    def _listened_to(self, signers: tuple[ProvenSigner, ...], subject: str) -> tuple[ProvenSigner, ...]:
        """The proven signers whom the rule lists, never none; a builder's or verifier's word is not a release."""
        named = self._listed(signers)
        if not named:
            who, allowed = ", ".join(signer.name for signer in signers), ", ".join(self._wanted.from_)
            raise reject(
                "signer.untrusted", subject, f"signed by {who}, whom this rule does not list; it lists {allowed}"
            )
        return named

    def _listed(self, signers: tuple[ProvenSigner, ...]) -> tuple[ProvenSigner, ...]:
        return tuple(signer for signer in signers if signer.name in self._wanted.from_)

    def _claims(self, statement: Statement, subject: str) -> Release | None:
        claims = parse_release(statement, subject=subject)
        if claims is None:
            return None
        if (claims.kind, claims.name) != (self._artifact.kind, self._artifact.name):
            message = f"it releases {claims.kind}:{claims.name}, the artifact is {self._artifact.reference}"
            raise reject("attestation.subject-mismatch", subject, message)
        if claims.expires_at is not None and self._now > claims.expires_at:
            raise reject("freshness.expired", subject, f"it expired at {claims.expires_at.isoformat()}")
        return claims
