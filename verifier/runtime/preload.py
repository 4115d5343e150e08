"""The runtime hook: bytes are handed on where a trusted verifier allows exactly them, and the ledger takes them.

* a verdict counts for these bytes, this artifact and this resource, under this very policy, until it expires
* the version that it states is recorded before the bytes go out; where the policy orders versions, it must state one
* the policy and the ledger are asked every time: a floor, a quarantine, a revocation binds at the next load
* the bytes that are handed on are the bytes that were hashed, in a type that nothing else can make
* without a usable verdict the artifact is denied or, where the caller says so, verified in full
* a verifier's no, and the ledger's, are final: verifying in full stands in for a verdict that is missing, not for those

There is no verification logic here: whether a verdict counts is `verdicts`, what a version is worth `checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from verifier.artifacts.source import read_content
from verifier.checks.summary import level_met
from verifier.checks.summary_version import check_stated_version, stated_candidate
from verifier.checks.version_rules import version_rules
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import CouldNotCheck, NotApplicable, Outcome, Passed, Reason, outcome_of
from verifier.core.uris import VERIFIER_ID
from verifier.core.verdict import LedgerTrace, Settlement, Verdict, decide
from verifier.core.version import VERSION
from verifier.ledger.advance import Circumstances
from verifier.ledger.candidate import Candidate
from verifier.ledger.interface import Ledger
from verifier.ledger.settlement import Entry, leave_unrecorded, settle_entry, standing
from verifier.trust.evaluate import ledger_scope, rule_for
from verifier.trust.model import ArtifactRule, TrustPolicy, VersionFrom, VersionUnchecked
from verifier.verdicts import Judged, VerdictRequest, conclude, judge_summary

Fallback = Literal["deny", "full"]

_SEAL: Final = object()


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedBytes:
    """Bytes that were verified, and recorded where recording was asked for. Only `preload` makes them."""

    digest: Digest
    content: bytes = field(repr=False)
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only a verification can hand on bytes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Preloaded:
    """The verdict and, where it is PASSED, the verified bytes: load these, never a path."""

    verdict: Verdict
    verified: VerifiedBytes | None


def preload(  # noqa: PLR0913 - keyword-only, as on the command line
    artifact: bytes | Path,
    policy: TrustPolicy,
    verdict: bytes | Document | Refused,
    ledger: Ledger | Refused,
    *,
    kind: str = "bundle",
    name: str,
    resource_uri: str = "",
    now: datetime,
    correlation_id: str,
    levels: Sequence[str] = (),
    fallback: Fallback = "deny",
    attestations: Sequence[Document | Refused] = (),
    record: bool = True,
) -> Preloaded:
    """Decide whether an artifact may be loaded, by a verdict (VSA) that somebody else made.

    `resource_uri` is where it is fetched from: by default the policy's, else the file's own. `levels` must all be
    met. With `fallback="full"` an artifact without a usable verdict is verified like by `verify`, with
    `attestations` beside it. Without `record` the ledger is only asked. What could not be read may be given as its
    `Refused`. Raises `ConfigurationError` for what no artifact can be judged by, never for what it reads.
    """
    if now.tzinfo is None:
        raise ConfigurationError("a time needs its offset", where="now")
    load = _Load(
        source=artifact,
        verdict=Document(name="verdict", content=verdict) if isinstance(verdict, bytes) else verdict,
        policy=policy,
        ledger=ledger,
        kind=kind,
        name=name,
        resource_uri=resource_uri,
        now=now,
        correlation_id=correlation_id,
        levels=tuple(levels),
        attestations=tuple(attestations),
        record=record,
    )
    rule = rule_for(policy, kind, name)
    if rule is None:
        return _in_full(load, None)  # which reads nothing without a rule, and says so
    return _by_verdict(load, rule, fallback)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Load:
    """One question, as `preload` was asked it."""

    source: bytes | Path
    verdict: Document | Refused
    policy: TrustPolicy
    ledger: Ledger | Refused
    kind: str
    name: str
    resource_uri: str
    now: datetime
    correlation_id: str
    levels: tuple[str, ...]
    attestations: tuple[Document | Refused, ...]
    record: bool

    @property
    def reference(self) -> str:
        return f"{self.kind}:{self.name}"

    def expected_uri(self, rule: ArtifactRule) -> str:
        given = self.resource_uri or rule.resource_uri
        return given or (self.source.absolute().as_uri() if isinstance(self.source, Path) else self.reference)


def _by_verdict(load: _Load, rule: ArtifactRule, fallback: Fallback) -> Preloaded:
    # 1. The bytes, read once.
    content = _read(load)
    digest = content if isinstance(content, Refused) else Digest.of(content)
    # 2. Does the verdict allow them, and which version does it state?
    request = _request(load, rule, digest)
    judged = judge_summary(request)
    candidate, stated = _stated(load, rule, judged, digest)
    judged = replace(judged, outcomes=(*judged.outcomes, stated))
    refused = conclude(request, judged, judged.outcomes, None)
    if fallback == "full" and not isinstance(content, Refused) and _may_be_replaced(refused):
        return _in_full(replace(load, source=content, resource_uri=request.resource_uri), refused)
    # 3. The ledger: asked about the version, and told the decision.
    outcomes, trace = _ask_ledger(load, rule, candidate, refused, judged.outcomes)
    verdict = _named(load, conclude(request, judged, outcomes, trace))
    # 4. What was hashed is what is handed on.
    return _handed_on(verdict, None if isinstance(content, Refused) else content)


def _read(load: _Load) -> bytes | Refused:
    try:
        return read_content(load.source, limits=load.policy.limits)
    except Refused as refusal:
        return refusal


def _request(load: _Load, rule: ArtifactRule, digest: Digest | Refused) -> VerdictRequest:
    return VerdictRequest(
        document=load.verdict,
        digest=digest,
        resource_uri=load.expected_uri(rule),
        policy=load.policy,
        now=load.now,
        correlation_id=load.correlation_id,
        levels=load.levels,
        policy_digests=(load.policy.digest,),
        # Where versions are ordered, the ledger's rules judge freshness.
        max_age=rule.freshness if isinstance(rule.version, VersionUnchecked) else None,
        verifier_id=VERIFIER_ID,
        verifier_version={"policy-verifier": VERSION},
    )


def _stated(
    load: _Load, rule: ArtifactRule, judged: Judged, digest: Digest | Refused
) -> tuple[Candidate | None, Outcome]:
    if judged.summary is None or isinstance(digest, Refused):
        return None, NotApplicable(why="there is no verdict that could state a version")
    scope = ledger_scope(rule, load.kind, load.name)
    try:
        candidate = stated_candidate(judged.summary, rule, reference=load.reference, scope=scope, digest=digest)
    except Refused as refusal:
        return None, outcome_of(refusal.reasons)
    return candidate, Passed()


def _may_be_replaced(refused: Verdict) -> bool:
    """Whether a verdict that does not count leaves the question open; a verifier's no answers it."""
    return not refused.passed and all(reason.code != "verdict.failed" for reason in refused.reasons)


def _ask_ledger(
    load: _Load, rule: ArtifactRule, candidate: Candidate | None, judged: Verdict, outcomes: tuple[Outcome, ...]
) -> tuple[tuple[Outcome, ...], LedgerTrace | None]:
    ledger, digest = load.ledger, judged.subject.digest
    if isinstance(ledger, Refused):
        return (*outcomes, CouldNotCheck(reasons=ledger.reasons)), None
    if digest is None:
        return outcomes, None
    scope = ledger_scope(rule, load.kind, load.name)
    try:
        view = ledger.fetch(scope)
    except Refused as refusal:
        return (*outcomes, CouldNotCheck(reasons=refusal.reasons)), None
    if judged.passed or candidate is not None:
        compared = check_stated_version(candidate, rule, view, reference=load.reference, digest=digest, now=load.now)
        outcomes = (*outcomes, compared)
    rules = version_rules(rule, rule.version) if isinstance(rule.version, VersionFrom) else None
    entry = Entry(scope=scope, digest=digest, candidate=candidate, rules=rules, before=standing(view))
    settlement = _settle(load, ledger, entry, outcomes)
    return (*outcomes, outcome_of(settlement.reasons)), settlement.trace


def _settle(load: _Load, ledger: Ledger, entry: Entry, outcomes: tuple[Outcome, ...]) -> Settlement:
    decision, reasons = decide(outcomes)
    if not load.record:
        return leave_unrecorded(ledger, entry, decision)
    circumstances = Circumstances(
        now=load.now,
        actor="preload",
        correlation_id=load.correlation_id,
        policy=load.policy.digest,
        verdict=Digest.of(load.verdict.content) if isinstance(load.verdict, Document) else None,
    )
    return settle_entry(ledger, entry, decision, reasons, circumstances)


def _named(load: _Load, verdict: Verdict) -> Verdict:
    """The verdict under the name that was asked about: another verifier's may not know it."""
    return replace(verdict, subject=replace(verdict.subject, kind=load.kind, name=load.name))


def _handed_on(verdict: Verdict, content: bytes | None) -> Preloaded:
    digest = verdict.subject.digest
    if not verdict.passed or content is None or digest is None:
        return Preloaded(verdict=verdict, verified=None)
    return Preloaded(verdict=verdict, verified=VerifiedBytes(digest=digest, content=content, seal=_SEAL))


def _in_full(load: _Load, refused: Verdict | None) -> Preloaded:
    """Verify as if there were no verdict; why it did not count is kept as warnings."""
    from verifier.engine import Request, Verification, verify_artifact  # noqa: PLC0415 - the light path has no use for it
    from verifier.facade import default_engine  # noqa: PLC0415 - as above

    request = Request(
        source=load.source,
        kind=load.kind,
        name=load.name,
        policy=load.policy,
        now=load.now,
        correlation_id=load.correlation_id,
        resource_uri=load.resource_uri,
        attestations=load.attestations,
        ledger=load.ledger,
        record=load.record,
        rego=default_engine(load.policy),
        verifier_id=VERIFIER_ID,
        verifier_version={"policy-verifier": VERSION},
    )
    # The levels first: what lacks one must not be recorded as accepted.
    unmet = _unmet_levels(load, verify_artifact(replace(request, record=False)).verdict) if load.levels else None
    verification = verify_artifact(request) if unmet is None else Verification(verdict=unmet)
    verdict = verification.verdict if refused is None else _with_warnings(verification.verdict, refused)
    return _handed_on(verdict, verification.content)


def _unmet_levels(load: _Load, verdict: Verdict) -> Verdict | None:
    """The denial for levels that a full verification does not reach, None where it reaches them or denies by itself."""
    from verifier.engine import MONOTONIC_LEVEL  # noqa: PLC0415 - as above

    if not verdict.passed:
        return None
    ordered = load.record and verdict.subject.version is not None
    reached = (*verdict.levels, MONOTONIC_LEVEL) if ordered else verdict.levels
    missing = [level for level in load.levels if not level_met(level, reached)]
    message = f"verified in full it has {', '.join(reached)}"
    reasons = [
        Reason(code="verdict.level-missing", subject=load.reference, message=f"{message}, expected {level}")
        for level in missing
    ]
    if not reasons:
        return None
    decision, ordered_reasons = decide([outcome_of([*reasons, *verdict.reasons])])
    return replace(verdict, decision=decision, reasons=ordered_reasons, levels=("FAILED",))


def _with_warnings(verdict: Verdict, refused: Verdict) -> Verdict:
    told = (reason.as_warning() if reason.is_error else reason for reason in refused.reasons)
    _, reasons = decide([outcome_of([*verdict.reasons, *told])])
    return replace(verdict, reasons=reasons, evidence=(*verdict.evidence, *refused.evidence))
