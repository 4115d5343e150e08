"""Judging a verdict that somebody else made: SLSA's steps for consumers of a verification summary, and ours.

 * the envelope, alone or in a Sigstore bundle, is verified before anything in it is read
 * of several documents in one file, in whatever order, that counts which is a verdict about this artifact; a denial
   among them denies, what cannot be judged to its end denies, and two that state different versions are none
 * a verdict below what the ledger has accepted is a replay, however well it is signed
 * which scope of the ledger it is compared with, whoever asks says, never the verdict; with one that the ledger does
   not know nothing is compared, which is a denial
 * content or a version that the ledger has withdrawn stays withdrawn, whatever a verdict says of it
 * nothing is recorded: whoever puts the artifact to use records it

Source: https://slsa.dev/spec/v1.2/verification_summary#how-to-verify
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from verifier.checks.version.compared import NOT_COMPARED, Compared
from verifier.checks.vsa import TrustedVerifier, VsaExpectations, check_vsa
from verifier.core.clock import CLOCK_SKEW, INSTANT, shifted
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, Rejected, refuse
from verifier.core.limits import MAX_ATTESTATIONS
from verifier.core.outcome import CouldNotCheck, Outcome, Passed, Reason, outcome_of, reasons_of
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.core.value import Value, field, replace
from verifier.core.verdict import EvidenceItem, PolicyReference, Subject, Verdict, inputs_of
from verifier.engine.finding import Finding, root_judged
from verifier.engine.judged_vsa import JudgedVsa, asked_for
from verifier.engine.settle import settle
from verifier.engine.situation import Compare, Recording, Situation
from verifier.formats.intoto.attestation_kind import looks_like_json, may_hold_several
from verifier.formats.intoto.statement import Statement, parse_statement
from verifier.formats.intoto.vsa import VerdictExtension, VerificationSummary, parse_vsa
from verifier.ledger.absent import NoLedger, Unopened
from verifier.ledger.view import View
from verifier.signatures.attestation import is_bare, verify_attestation
from verifier.signatures.budget import Budget
from verifier.signatures.verified import VerifiedDigest, VerifiedPayload
from verifier.trust.evaluate import verdict_signers
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger
    from verifier.versions.memory import Memory


class VerdictRequest(Value):
    """One question: does this verdict say that the artifact with `digest` may be used as `resource_uri`?

    `policy` names the pairs (signer, verifier.id) that are believed. A verdict counts under the effective rule with
    `rule_digest` and under the policies with `policy_digests`; without either under any. `levels` must all be met;
    `max_age` bounds `timeVerified`. `document`, `digest` and `rule_digest` may be why there is none. `content` is the
    artifact's where that is at hand: whatever digest of it the verdict names is compared.

    `name` is what the consumer calls the artifact, `scope` where its ledger keeps it: both are said by who asks, and
    never by the verdict.
    """

    document: Document | Refused
    digest: Digest | Refused
    resource_uri: str
    policy: TrustPolicy
    now: datetime
    correlation_id: str
    content: bytes | None = field(default=None, repr=False)
    kind: str = "bundle"
    name: str = ""
    scope: str = ""
    levels: tuple[str, ...] = ()
    rule_digest: Digest | Refused | None = None
    policy_digests: tuple[Digest, ...] = ()
    max_age: timedelta | None = None
    ledger: Ledger = NoLedger()
    verifier_id: str = ""
    verifier_version: Mapping[str, str] = field(default_factory=dict)


def verify_verdict(request: VerdictRequest) -> Verdict:
    """Judge one verification summary; never raises for what it reads."""
    judged = judge_vsa(request)
    found = finding_of(request, judged)
    situation = Situation(
        ledger=request.ledger if judged.summary is not None and found.subject.digest is not None else NoLedger(),
        scope="",
        recording=Recording.NEVER,
        now=request.now,
        correlation_id=request.correlation_id,
        verifier_id=request.verifier_id,
        verifier_version=request.verifier_version,
    )
    # 4. Its version against what was accepted, in the scope that the consumer says.
    claimed = judged.summary.extension if judged.summary is not None else None
    if request.scope:
        situation = replace(situation, scope=request.scope, compare=_in_scope(request, claimed))
    elif not isinstance(situation.ledger, NoLedger | Unopened):
        message = "nobody says which scope of the ledger the artifact belongs to"
        reason = Reason(code="ledger.scope-unknown", subject=request.resource_uri, message=message)
        found = replace(found, reasons=(*found.reasons, reason))
        situation = replace(situation, ledger=NoLedger())
    return settle(lambda _: found, situation)


def judge_vsa(request: VerdictRequest) -> JudgedVsa:
    """Steps 1 to 3: everything but the ledger; never raises for what it reads."""
    document, digest, rule = request.document, request.digest, request.rule_digest
    if isinstance(document, Refused) or isinstance(digest, Refused) or isinstance(rule, Refused):
        unread = (each for each in (document, digest, rule) if isinstance(each, Refused))
        return JudgedVsa(outcomes=tuple(CouldNotCheck(reasons=each.reasons) for each in unread))
    if not may_hold_several(document.content):
        return _judge(request, document, digest, rule)
    try:
        pieces = _pieces(document)
    except Refused as refusal:
        return JudgedVsa(outcomes=(CouldNotCheck(reasons=refusal.reasons),), undecided=True)
    if len(pieces) == 1:
        return _judge(request, pieces[0], digest, rule)
    budget = Budget.of_one(len(document.content))
    return asked_for([_judge(request, each, digest, rule, budget) for each in pieces], document.name)


def _judge(
    request: VerdictRequest,
    document: Document | Refused,
    digest: Digest,
    rule: Digest | None,
    budget: Budget | None = None,
) -> JudgedVsa:
    if isinstance(document, Refused):
        return JudgedVsa(outcomes=(CouldNotCheck(reasons=document.reasons),), undecided=True)
    try:
        # 1. The envelope's signature, by a signer who is paired with some verifier.
        payload = _signed_statement(request, document, digest, budget)
        # 2. The statement and the summary, parsed from the bytes that verified.
        statement = parse_statement(payload.payload, subject=document.name)
        if budget is not None and statement.predicate_type != VERIFICATION_SUMMARY:
            return _no_verdict(statement, document)
        summary = parse_vsa(statement, subject=document.name)
    except Rejected as refusal:
        return JudgedVsa(outcomes=(CouldNotCheck(reasons=refusal.reasons),), document=document)
    except Refused as refusal:
        return JudgedVsa(outcomes=(CouldNotCheck(reasons=refusal.reasons),), undecided=True, document=document)
    # 3. Subject, type, verifier, resource, result, levels; policy, expiry, clock.
    judged = check_vsa(statement, summary, payload.signers, _expectations(request, digest, rule))
    ours = not any(reason.code == "verdict.subject-mismatch" for reason in reasons_of(judged))
    return JudgedVsa(
        outcomes=(Passed(reasons=payload.findings), judged, *_misnamed(request, summary)),
        summary=summary,
        signer=payload.signers[0].name,
        document=document,
        standing="ours" if ours else "another's",
    )


def _pieces(document: Document) -> tuple[Document | Refused, ...]:
    """The documents in the file, which is refused where it holds too many."""
    from verifier.formats.intoto.attestation_files import split_attestations  # noqa: PLC0415 - few files hold several

    pieces, _ = split_attestations(document.content, subject=document.name)
    if len(pieces) > MAX_ATTESTATIONS:
        message = f"{len(pieces)} documents in one file; at most {MAX_ATTESTATIONS} are read"
        raise refuse("input.too-large", document.name, message)
    return tuple(
        piece
        if isinstance(piece, Refused)
        else Document(name=name if len(pieces) > 1 else document.name, content=piece)
        for name, piece in ((f"{document.name}#{number}", piece) for number, piece in enumerate(pieces, start=1))
    )


def _no_verdict(statement: Statement, document: Document) -> JudgedVsa:
    message = f"its predicate type is {statement.predicate_type!r:.200}, expected {VERIFICATION_SUMMARY!r}"
    reason = Reason(code="verdict.malformed", subject=document.name, message=message)
    return JudgedVsa(outcomes=(CouldNotCheck(reasons=(reason,)),), document=document, standing="no verdict")


def _misnamed(request: VerdictRequest, summary: VerificationSummary) -> tuple[Outcome, ...]:
    """A verdict about an artifact of another name than the consumer says."""
    claimed, asked = summary.extension, f"{request.kind}:{request.name}"
    if not request.name or claimed is None or f"{claimed.kind}:{claimed.name}" == asked:
        return ()
    message = f"the verdict is about {claimed.kind}:{claimed.name}, the artifact is {asked}"
    return (outcome_of([Reason(code="verdict.subject-mismatch", subject="verdict", message=message)]),)


def finding_of(request: VerdictRequest, judged: JudgedVsa) -> Finding:
    """What the verdict is worth, for whoever settles it."""
    summary, evidence = judged.summary, _evidence(judged.document or request.document, judged)
    return Finding(
        subject=_subject(request, summary),
        reasons=tuple(dict.fromkeys(reason for outcome in judged.outcomes for reason in reasons_of(outcome))),
        policy=PolicyReference(uri=request.policy.id, digest=request.policy.digest),
        rule_digest=None if isinstance(request.rule_digest, Refused) else request.rule_digest,
        evidence=evidence,
        inputs=(*inputs_of(evidence), *root_judged(request.policy, verdict_signers(request.policy), evidence)),
        levels=summary.verified_levels if summary else (),
        document=None if isinstance(request.document, Refused) else Digest.of(request.document.content),
        in_full=False,
        moments=() if summary is None else tuple(_ends(summary, request.max_age)),
        memory=_memory(request, summary),
    )


def _ends(summary: VerificationSummary, longest: timedelta | None) -> Iterator[datetime]:
    """The moments at which the verdict expires, or is older than `longest`."""
    if summary.extension is not None and summary.extension.expires is not None:
        yield summary.extension.expires
    if longest is not None and summary.time_verified is not None:
        yield shifted(summary.time_verified, longest + INSTANT)


def _memory(request: VerdictRequest, summary: VerificationSummary | None) -> Memory | None:
    """By which digest a ledger knows an image that was chosen from an index."""
    index = summary.extension.index if summary is not None and summary.extension is not None else None
    if index is None or isinstance(request.digest, Refused):
        return None
    from verifier.versions.memory import Memory  # noqa: PLC0415 - only of images

    return Memory(content=index, others=(request.digest,))


def _signed_statement(
    request: VerdictRequest, document: Document, digest: Digest, budget: Budget | None
) -> VerifiedPayload:
    if not request.policy.verifiers:
        message = f"{request.policy.id} accepts nobody's verdicts: it has no [verifiers] table"
        hint = "Add a [verifiers] table that pairs a signer with the verifier.id that it may speak for."
        raise refuse("verdict.verifier-untrusted", document.name, message, hint)
    if not looks_like_json(document.content) and is_bare(document.content):
        raise _no_statement(document)
    proven = verify_attestation(
        document.content,
        signers=verdict_signers(request.policy),
        sigstore=request.policy.sigstore,
        digest=digest,
        content=None,
        now=request.now,
        subject=document.name,
        budget=budget,
    )
    if isinstance(proven, VerifiedDigest):
        raise _no_statement(document)
    return proven


def _no_statement(document: Document) -> Refused:
    message = "it is a signature of the artifact, which says nothing of it, expected a signed statement"
    return refuse("verdict.malformed", document.name, message)


def _expectations(request: VerdictRequest, digest: Digest, rule: Digest | None) -> VsaExpectations:
    pairs = tuple(
        TrustedVerifier(signer=each.signer, id=each.id, policy_digests=each.policy_digests)
        for each in request.policy.verifiers
    )
    return VsaExpectations(
        digest=digest,
        content=request.content,
        resource_uri=request.resource_uri,
        verifiers=pairs,
        levels=request.levels,
        rule_digest=rule,
        policy_digests=request.policy_digests,
        max_age=request.max_age,
        now=request.now,
        skew=CLOCK_SKEW,
    )


def _in_scope(request: VerdictRequest, claimed: VerdictExtension | None) -> Compare:
    """The comparison of the version that the verdict claims with the consumer's scope, whatever rule orders it."""

    def compared(finding: Finding, said: View | Refused) -> Compared:
        digest = finding.subject.digest
        if digest is None or isinstance(said, Refused) or not said.consulted:
            return NOT_COMPARED
        from verifier.checks.vsa_version import check_vsa_version  # noqa: PLC0415 - only where there is a ledger

        return Compared(
            outcome=check_vsa_version(
                claimed,
                said,
                scope=request.scope,
                digest=digest,
                now=request.now,
                subject=request.resource_uri,
                reference=f"{request.kind}:{request.name}" if request.name else "",
            )
        )

    return compared


def _evidence(document: Document | Refused, judged: JudgedVsa) -> tuple[EvidenceItem, ...]:
    summary, signer = judged.summary, judged.signer
    if isinstance(document, Refused):
        return ()
    item = EvidenceItem(
        kind="verification-summary",
        digest=Digest.of(document.content),
        signer=signer,
        verified=signer is not None,
        time=summary.time_verified if summary else None,
    )
    return (item,)


def _subject(request: VerdictRequest, summary: VerificationSummary | None) -> Subject:
    uri, digest = request.resource_uri, None if isinstance(request.digest, Refused) else request.digest
    subject = Subject(kind="artifact", name=uri, resource_uri=uri, digest=digest)
    claimed = summary.extension if summary else None
    if claimed is None:
        return subject
    return replace(subject, kind=claimed.kind, name=claimed.name, version=claimed.version, epoch=claimed.epoch)
