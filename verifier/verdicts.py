"""Judging a verdict that somebody else made: SLSA's steps for consumers of a verification summary, and ours.

 * the envelope is verified before anything in it is read
 * a verdict below what the ledger has accepted is a replay, however well it is signed
 * nothing is recorded: whoever puts the artifact to use records it

Source: https://slsa.dev/spec/v1.2/verification_summary#how-to-verify
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from verifier.checks.summary import SummaryExpectations, TrustedVerifier, check_summary
from verifier.core.clock import CLOCK_SKEW
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.outcome import CouldNotCheck, NotApplicable, Outcome, Reason, outcome_of
from verifier.core.verdict import Decision, EvidenceItem, LedgerTrace, PolicyReference, Subject, Verdict, decide
from verifier.evidence import Document
from verifier.formats.statement import parse_statement
from verifier.formats.summary import VerificationSummary, parse_summary
from verifier.ledger.candidate import Candidate, VersionRules
from verifier.ledger.interface import Ledger
from verifier.ledger.rules import decide as decide_version
from verifier.signatures.envelope import verify_envelope
from verifier.trust.evaluate import verdict_signers
from verifier.trust.model import TrustPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictRequest:
    """One question: does this verdict say that the artifact with `digest` may be used as `resource_uri`?

    `policy` names the pairs (signer, verifier.id) that are believed; `policy_digests` the policies under which a
    verdict counts, empty for any; `levels` must all be met; `max_age` bounds `timeVerified`.
    """

    document: Document
    digest: Digest
    resource_uri: str
    policy: TrustPolicy
    now: datetime
    correlation_id: str
    levels: tuple[str, ...] = ()
    policy_digests: tuple[Digest, ...] = ()
    max_age: timedelta | None = None
    ledger: Ledger | Refused | None = None
    verifier_id: str = ""
    verifier_version: Mapping[str, str] = field(default_factory=dict)


def verify_verdict(request: VerdictRequest) -> Verdict:
    """Judge one verification summary; never raises for what it reads."""
    document = request.document
    try:
        # 1. The envelope's signature, by a signer who is paired with some verifier.
        payload = verify_envelope(
            document.content, signers=verdict_signers(request.policy), now=request.now, subject=document.name
        )
        # 2. The statement and the summary, parsed from the bytes that verified.
        statement = parse_statement(payload.payload, subject=document.name)
        summary = parse_summary(statement, subject=document.name)
    except Refused as refusal:
        return _verdict(request, [CouldNotCheck(reasons=refusal.reasons)], None, None, signer=None)
    # 3. Subject, type, verifier, resource, result, levels; policy, expiry, clock.
    judged = check_summary(statement, summary, payload.signers, _expectations(request))
    # 4. Its version against what was accepted.
    compared, trace = _compare(request, summary)
    return _verdict(request, [judged, compared], summary, trace, signer=payload.signers[0].name)


def _expectations(request: VerdictRequest) -> SummaryExpectations:
    pairs = tuple(TrustedVerifier(signer=rule.signer, id=rule.id) for rule in request.policy.verifiers)
    return SummaryExpectations(
        digest=request.digest,
        resource_uri=request.resource_uri,
        verifiers=pairs,
        levels=request.levels,
        policy_digests=request.policy_digests,
        max_age=request.max_age,
        now=request.now,
        skew=CLOCK_SKEW,
    )


def _compare(request: VerdictRequest, summary: VerificationSummary) -> tuple[Outcome, LedgerTrace | None]:
    if request.ledger is None:
        return NotApplicable(why="no ledger was to be consulted"), None
    if isinstance(request.ledger, Refused):
        return CouldNotCheck(reasons=request.ledger.reasons), None
    claimed = summary.extension
    if claimed is None or claimed.version is None or claimed.ledger is None:
        message = "the verdict states no version and scope that could be compared with the ledger"
        return outcome_of([Reason(code="version.missing", subject=request.document.name, message=message)]), None
    scope = claimed.ledger.scope
    try:
        view = request.ledger.fetch(scope)
    except Refused as refusal:
        return CouldNotCheck(reasons=refusal.reasons), None
    mark = view.state.mark if view.state else None
    trace = LedgerTrace(
        url=request.ledger.url,
        scope=scope,
        before=str(mark) if mark else None,
        after=str(mark) if mark else None,
        recorded=False,
    )
    if view.state is None or mark is None:
        return NotApplicable(why="the ledger has accepted nothing in this scope"), trace
    candidate = Candidate(
        version=claimed.version, scheme=mark.scheme, digest=request.digest, epoch=claimed.epoch, signed_time=None
    )
    rules = VersionRules(scheme=mark.scheme)
    decision = decide_version(view.state, candidate, rules, now=request.now, max_time_seen=view.max_time_seen)
    return outcome_of(decision.reasons), trace


def _verdict(
    request: VerdictRequest,
    outcomes: list[Outcome],
    summary: VerificationSummary | None,
    trace: LedgerTrace | None,
    *,
    signer: str | None,
) -> Verdict:
    decision, reasons = decide(outcomes)
    evidence = EvidenceItem(
        kind="verification-summary",
        digest=Digest.of(request.document.content),
        signer=signer,
        verified=signer is not None,
        time=summary.time_verified if summary else None,
    )
    return Verdict(
        decision=decision,
        subject=_subject(request, summary),
        reasons=reasons,
        policy=PolicyReference(uri=request.policy.id, digest=request.policy.digest),
        time_verified=request.now,
        correlation_id=request.correlation_id,
        evidence=(evidence,),
        levels=summary.verified_levels if summary and decision is Decision.PASSED else ("FAILED",),
        ledger=trace,
        verifier_id=request.verifier_id,
        verifier_version=request.verifier_version,
    )


def _subject(request: VerdictRequest, summary: VerificationSummary | None) -> Subject:
    subject = Subject(
        kind="artifact", name=request.resource_uri, resource_uri=request.resource_uri, digest=request.digest
    )
    claimed = summary.extension if summary else None
    if claimed is None:
        return subject
    return replace(subject, kind=claimed.kind, name=claimed.name, version=claimed.version, epoch=claimed.epoch)
