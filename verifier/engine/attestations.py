"""One attestation: who signed it, what it says, and what that is worth under the policy.

* a release, or a type that the rule counts as a signature, is a signature of the artifact by the rule's signers
* provenance is kept for the check that judges it; alone it is not a signature
* it is about what evidence of this artifact may be about (`core.artifact.Attested`), and cosign's signature about that
  alone
* a trusted verifier's FAILED about this artifact denies; its verdict about another says something about a dependency
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from verifier.checks.vsa import unpaired
from verifier.core.artifact import Artifact, Attested
from verifier.core.costs.budget import Budget as WholeBudget
from verifier.core.digest import Digest
from verifier.core.errors import Refused, Rejected, refuse, reject
from verifier.core.outcome import Reason
from verifier.core.uris import COSIGN_SIGN, VERIFICATION_SUMMARY
from verifier.core.value import Value, replace
from verifier.evidence.attested import DependencyVerdict, ProvenProvenance, ProvenRelease, ProvenSbom, ProvenScan
from verifier.evidence.counted import BUNDLE_FORMAT, LEGACY_FORMAT, Said, require_counts, require_format, said_of
from verifier.formats.cosign.layer import SIMPLE_SIGNING
from verifier.formats.intoto.attestation_kind import is_layer
from verifier.formats.intoto.provenance import PROVENANCE_TYPES, parse_provenance
from verifier.formats.intoto.release import Release, counts_as_signature, parse_release
from verifier.formats.intoto.sbom import is_sbom
from verifier.formats.intoto.scan import is_scan, subjects_of
from verifier.formats.intoto.statement import (
    ResourceDescriptor,
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
from verifier.trust.evaluate import attesters_for, provenance_of, sbom_of, vulnerabilities_of
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule


class Found(Value):
    """What one attestation proves; `kind` is what a report calls it."""

    kind: str
    signers: tuple[ProvenSigner, ...]
    release: ProvenRelease | None = None
    provenance: ProvenProvenance | None = None
    sbom: ProvenSbom | None = None
    scan: ProvenScan | None = None
    dependency: DependencyVerdict | None = None
    signed_time: datetime | None = None
    findings: tuple[Reason, ...] = ()


class _Piece(NamedTuple):
    """One attestation: its digest, the format that it is in, and what refusals call it."""

    digest: Digest
    format: str
    subject: str


class Attestations:
    """Verifies attestations about one artifact under one rule; the trusted root is prepared once, when first needed."""

    def __init__(
        self, artifact: Artifact, rule: ArtifactRule, policy: TrustPolicy, now: datetime, budget: WholeBudget
    ) -> None:
        self._artifact, self._policy, self._now = artifact, policy, now
        self._meant, self._names = artifact.meant(), artifact.names()
        self._parts = artifact.parts()
        self._called = {each.digest: each.called() for each in self._names}
        # A signature without a statement is over the artifact's own bytes, unless nothing about these would count.
        self._over = next((each for each in self._meant if each.digest == artifact.digest), self._meant[0])
        self._wanted = SignatureRule.of(rule)
        self._signers = attesters_for(policy, rule)
        self._judges_provenance = provenance_of(rule) is not None
        self._sbom, self._vulnerabilities = sbom_of(rule), vulnerabilities_of(rule)
        self._whole, self._budget = budget, Budget(whole=budget)

    def verify(self, content: bytes, *, subject: str) -> Found:
        """What `content` proves; refuses with every reason where that is nothing."""
        over = self._over
        proven = verify_attestation(
            content,
            signers=self._signers,
            sigstore=self._policy.sigstore,
            digest=over.digest,
            content=over.content or None,
            now=self._now,
            subject=subject,
            budget=self._budget,
        )
        piece = _Piece(Digest.of(content), LEGACY_FORMAT if is_layer(content) else BUNDLE_FORMAT, subject)
        if isinstance(proven, VerifiedDigest):
            return self._release(proven, piece, kind="signature", said=Said(format=piece.format), about=over)
        if proven.payload_type == SIMPLE_SIGNING:
            return self._payload(proven, piece)
        statement = parse_statement(proven.payload, subject=subject, budget=self._whole)
        return self._statement(statement, proven, piece)

    def _payload(self, proven: VerifiedPayload, piece: _Piece) -> Found:
        """What a signature in cosign's old format says: of which manifest, in which repository."""
        from verifier.formats.cosign.simple_signing import parse_simple_signing  # noqa: PLC0415 - few are in it

        said = parse_simple_signing(proven.payload, subject=piece.subject)
        about = next((each for each in self._meant if self._called[each.digest].match([said.digest])), None)
        if about is None:
            message = f"it is about {said.digest}, the artifact is {self._meant[0].digest}"
            raise reject("attestation.subject-mismatch", piece.subject, message)
        words = Said(format=piece.format, repository=said.docker_reference, claims=said.claims)
        names = (said.docker_reference,) if said.docker_reference else ()
        return self._release(proven, piece, kind="image-signature", said=words, about=about, names=names)

    def _about(self, statement: Statement) -> tuple[Attested, ResourceDescriptor] | None:
        """What of all that evidence may be about a statement is about, and the subject that it is."""
        for each in self._meant:
            if (found := matching_subject(statement, self._called[each.digest])) is not None:
                return each, found
        return None

    def _statement(self, statement: Statement, payload: VerifiedPayload, piece: _Piece) -> Found:
        subject = piece.subject
        for called in self._called.values():
            if (other := contradicting_digest(statement, called)) is not None:
                message = f"a subject of it has a digest of {self._artifact.reference}, and {other}, which it has not"
                raise refuse("attestation.subject-mismatch", subject, message)
        about = self._about(statement)
        if statement.predicate_type == VERIFICATION_SUMMARY:
            # What was denied is denied, by whichever of its names; and so is what holds it.
            named = any(matching_subject(statement, called) is not None for called in self._called.values())
            named = named or not self._parts.isdisjoint(each for one in statement.subjects for each in one.digests)
            return self._verdict(statement, payload, subject, about_us=named)
        if self._is_document(statement.predicate_type):
            return self._document(statement, payload, piece, about)
        if about is None:
            raise self._mismatch(statement, subject)
        if statement.predicate_type == COSIGN_SIGN and len(statement.subjects) > 1:
            message = f"it signs {len(statement.subjects)} subjects at once, expected the artifact alone"
            raise refuse("attestation.subject-mismatch", subject, message)
        if statement.predicate_type in PROVENANCE_TYPES:
            return self._provenance(statement, payload, piece, about)
        if not self._counts(statement) and resembles_what_is_read(statement.predicate_type):
            message = f"its predicate type is {statement.predicate_type!r:.200}, which this release does not read"
            raise refuse("attestation.invalid", subject, message)
        if not self._counts(statement):
            note = f"its predicate type is {statement.predicate_type}, which says nothing about a release"
            raise Rejected(Reason(code="attestation.ignored", subject=subject, message=note))
        claims = self._claims(statement, subject) if counts_as_signature(statement) else None
        return self._signed(payload, piece, about, claims)

    def _is_document(self, kind: str) -> bool:
        """Whether it is a document that the rule asks for; an SBOM may say which packages are to be looked at."""
        asked = self._vulnerabilities is not None
        return ((asked or self._sbom is not None) and is_sbom(kind)) or (asked and is_scan(kind))

    def _counts(self, statement: Statement) -> bool:
        return counts_as_signature(statement) or statement.predicate_type in self._wanted.attestations

    def _signed(
        self,
        payload: VerifiedPayload,
        piece: _Piece,
        about: tuple[Attested, ResourceDescriptor],
        claims: Release | None = None,
    ) -> Found:
        """A statement that counts as a signature of its one subject that is the artifact."""
        attested, named = about
        return self._release(
            payload,
            piece,
            kind="attestation",
            said=said_of(piece.format, attested, named, claims),
            about=attested,
            names=(named.name,) if named.name else (),
            claims=claims,
        )

    def _release(
        self,
        proven: VerifiedPayload | VerifiedDigest,
        piece: _Piece,
        *,
        kind: str,
        said: Said,
        about: Attested,
        names: tuple[str, ...] = (),
        claims: Release | None = None,
    ) -> Found:
        signers = self._listened_to(proven.signers, piece.subject)
        told = require_counts(said, self._wanted, about, piece.subject)
        release = ProvenRelease(
            signers=signers, digest=piece.digest, claims=claims, names=names, signed_claims=said.claims
        )
        return Found(
            kind=kind,
            signers=signers,
            release=release,
            signed_time=release.signed_time,
            findings=(*proven.findings, *told),
        )

    def _provenance(
        self,
        statement: Statement,
        payload: VerifiedPayload,
        piece: _Piece,
        about: tuple[Attested, ResourceDescriptor],
    ) -> Found:
        try:
            provenance = parse_provenance(statement, subject=piece.subject)
        except Refused as refusal:
            if self._judges_provenance:
                raise
            return self._unjudged(statement, payload, piece, about, refusal)
        proven = ProvenProvenance(provenance=provenance, statement=statement, signers=payload.signers)
        # A builder's word counts for its build, also where only others' words are signatures.
        counted = statement.predicate_type in self._wanted.attestations and self._listed(payload.signers)
        signed = self._signed(payload, piece, about) if counted else None
        told = () if signed else require_format(Said(format=piece.format), self._wanted, about[0], piece.subject)
        times = [signer.signed_time for signer in payload.signers if signer.signed_time]
        return Found(
            kind="provenance",
            signers=payload.signers,
            release=signed.release if signed else None,
            provenance=proven,
            signed_time=min(times, default=None),
            findings=signed.findings if signed else (*payload.findings, *told),
        )

    def _document(
        self,
        statement: Statement,
        payload: VerifiedPayload,
        piece: _Piece,
        about: tuple[Attested, ResourceDescriptor] | None,
    ) -> Found:
        """An SBOM or a scan, of the artifact or of one of its parts; it is no signature, unless its type counts."""
        scans = is_scan(statement.predicate_type)
        section, kind, what = (self._vulnerabilities, "scan", "scan") if scans else (self._sbom, "sbom", "SBOM")
        named = about[1].digests if about is not None else self._part(statement)
        if named is None:
            raise self._mismatch(statement, piece.subject)
        believed = (section.from_ if section is not None else ()) or self._wanted.from_
        signers = tuple(each for each in payload.signers if each.name in believed)
        if not signers:
            who = ", ".join(each.name for each in payload.signers)
            message = f"the {what} is signed by {who}, and this rule takes {what}s of {', '.join(believed)}"
            raise reject("signer.untrusted", piece.subject, message)
        counted = about is not None and self._counts(statement) and self._listed(payload.signers)
        signed = self._signed(payload, piece, about) if counted and about is not None else None
        proven = (ProvenScan if scans else ProvenSbom)(
            digest=piece.digest,
            about=(*subjects_of(statement), *((about[0].digest,) if about else ())) if scans else named,
            document=statement.predicate,
            predicate_type=statement.predicate_type,
            signers=signers,
        )
        return Found(
            kind=kind,
            signers=signers,
            sbom=proven if isinstance(proven, ProvenSbom) else None,
            scan=proven if isinstance(proven, ProvenScan) else None,
            release=signed.release if signed else None,
            findings=signed.findings if signed else payload.findings,
        )

    def _mismatch(self, statement: Statement, subject: str) -> Rejected:
        seen = ", ".join(str(each) for named in statement.subjects[:3] for each in named.digests[:3])
        message = f"it is about {seen}, the artifact is {self._meant[0].digest}"
        return reject("attestation.subject-mismatch", subject, message)

    def _part(self, statement: Statement) -> tuple[Digest, ...] | None:
        """The digests of the subject that is the artifact under another of its names, or one of its parts."""
        names = {digest for each in self._names for digest in (each.digest, *each.other_digests)} | self._parts
        return next((each.digests for each in statement.subjects if not names.isdisjoint(each.digests)), None)

    def _unjudged(
        self,
        statement: Statement,
        payload: VerifiedPayload,
        piece: _Piece,
        about: tuple[Attested, ResourceDescriptor],
        refusal: Refused,
    ) -> Found:
        """What malformed provenance is worth where the rule asks for none: a signature, if its type counts as one."""
        if statement.predicate_type not in self._wanted.attestations:
            note = f"it is malformed provenance, which the rule does not ask for: {refusal.reasons[0].message}"
            raise Rejected(Reason(code="attestation.ignored", subject=refusal.reasons[0].subject, message=note))
        found = self._signed(payload, piece, about)
        return replace(found, findings=(*found.findings, *(each.as_warning() for each in refusal.reasons)))

    def _verdict(self, statement: Statement, payload: VerifiedPayload, subject: str, *, about_us: bool) -> Found:
        """A trusted verifier's no about this artifact is never passed over; its yes is not a release."""
        summary = parse_vsa(statement, subject=subject)
        names = {signer.name for signer in payload.signers}
        believed = {(each.signer, each.id) for each in self._policy.verifiers}
        if believed.isdisjoint((name, summary.verifier_id) for name in names):
            message, hint = unpaired(summary.verifier_id, names, believed)
            raise reject("verdict.verifier-untrusted", subject, message, hint)
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
            message = f"signed by {who}, whom this rule does not list; it lists {allowed}"
            raise reject("signer.untrusted", subject, message)
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
