"""The runtime hook: bytes are handed on where a trusted verifier allows exactly them, and the ledger takes them.

* a verdict counts for these bytes, this artifact and this resource, under this very policy, until it expires
* the version that it states is recorded before the bytes go out; where the policy orders versions, it must state one
* the policy and the ledger are asked every time: a floor, a quarantine, a revocation binds at the next load
* what the ledger says already is not written again and again, for a minute (`ledger.settlement`)
* the bytes that are handed on are the bytes that were hashed, in a type that nothing else can make
* without a usable verdict the artifact is denied or, where the caller says so, verified in full
* a verifier's no, and the ledger's, are final: verifying in full stands in for a verdict that is missing, not for those

There is no verification logic here: what is found of an artifact is `runtime.proof`, what a version is worth `checks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.checks.version.rules import version_rules
from verifier.checks.vsa import level_met
from verifier.checks.vsa_version import check_stated_version
from verifier.core.clock import CLOCK_SKEW, format_rfc3339
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import CouldNotCheck, Outcome, Reason, outcome_of
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import Value, field, replace
from verifier.core.verdict import MONOTONIC_LEVEL, Decision, LedgerTrace, Settlement, Verdict, decide
from verifier.core.version import VERSION
from verifier.ledger.advance import Circumstances
from verifier.ledger.interface import Ledger, View
from verifier.ledger.settlement import (
    Entry,
    is_recent,
    leave_standing,
    leave_unrecorded,
    settle_entry,
    standing,
    stands,
)
from verifier.loading.proof import Ages, Asked, Fallback, Proof, Question, prove
from verifier.sources.content import read_content
from verifier.trust.evaluate import ledger_scope, rule_for
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.version import VersionFrom

if TYPE_CHECKING:
    from dataclasses import InitVar

__all__ = ["Fallback", "Preloaded", "VerifiedBytes", "preload"]

_SEAL: Final = object()


class VerifiedBytes(Value):
    """Bytes that were verified, and recorded where recording was asked for. Only this module makes them."""

    digest: Digest
    content: bytes = field(repr=False)
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only a verification can hand on bytes")


class Preloaded(Value):
    """The verdict and, where it is PASSED, the verified bytes: load these, never a path."""

    verdict: Verdict
    verified: VerifiedBytes | None


class Load(Value):
    """The circumstances in which a question is asked, and what the ledger says: `view`, or why it says nothing.

    `told` says that this very acceptance was written before, by the same caller, and that the scope has not changed
    since. With `quietly` nothing is written but an acceptance that the ledger does not know. `newest` is the newest
    time at which the same caller has asked, where it asks over and over.
    """

    policy: TrustPolicy
    rule: ArtifactRule
    ledger: Ledger | Refused
    view: View | Refused
    now: datetime
    correlation_id: str
    actor: str = "preload"
    record: bool = True
    told: bool = False
    quietly: bool = False
    newest: datetime | None = None


def preload(  # noqa: PLR0913 - keyword-only, as on the command line
    artifact: bytes | Path,
    policy: TrustPolicy,
    verdict: bytes | Document | Refused | None,
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
    `attestations` beside it; with `None` for a verdict it always is. Without `record` the ledger is only asked. What
    could not be read may be given as its `Refused`. Raises `ConfigurationError` for what no artifact can be judged
    by, never for what it reads. `runtime.loader` does the same over and over, and remembers.
    """
    question = Question(
        kind=kind,
        name=name,
        resource_uri=resource_uri,
        location=located(artifact, f"{kind}:{name}"),
        verdict=Document(name="verdict", content=verdict) if isinstance(verdict, bytes) else verdict,
        levels=tuple(levels),
        fallback=fallback,
        attestations=tuple(attestations),
    )
    require_aware(now)
    rule = rule_for(policy, kind, name)
    if rule is None:
        return without_rule(question, artifact, policy, now=now, correlation_id=correlation_id)
    # 1. The bytes, read once, and what there is to say of them.
    content, digest = read(artifact, policy)
    view = ask(ledger, ledger_scope(rule, kind, name)) if digest is not None else NOTHING_SEEN
    asked = Asked(
        question=question, content=content, digest=digest, policy=policy, rule=rule, now=now, verifier_id=VERIFIER_ID
    )
    proof = prove(asked, view, Ages())
    # 2. What the ledger says of that, and what it is told.
    load = Load(
        policy=policy,
        rule=rule,
        ledger=ledger,
        view=view,
        now=now,
        correlation_id=correlation_id,
        record=record,
    )
    # 3. What was hashed is what is handed on.
    return handed_on(settled(question, proof, load), content)


NOTHING_SEEN = View(state=None, max_time_seen=None)


def require_aware(now: datetime) -> None:
    """Refuse a time without an offset: the caller's mistake."""
    if now.tzinfo is None:
        raise ConfigurationError("a time needs its offset", where="now")


def located(artifact: bytes | Path, reference: str) -> str:
    """Where an artifact comes from if nobody says."""
    return artifact.absolute().as_uri() if isinstance(artifact, Path) else reference


def read(artifact: bytes | Path, policy: TrustPolicy) -> tuple[bytes, Digest] | tuple[Refused, None]:
    """The bytes with their digest, or why there are none."""
    try:
        content = read_content(artifact, limits=policy.limits)
    except Refused as refusal:
        return refusal, None
    return content, Digest.of(content)


def ask(ledger: Ledger | Refused, scope: str) -> View | Refused:
    """What the ledger says of a scope, or why it says nothing."""
    if isinstance(ledger, Refused):
        return ledger
    try:
        return ledger.fetch(scope)
    except Refused as refusal:
        return refusal


def without_rule(
    question: Question, artifact: bytes | Path, policy: TrustPolicy, *, now: datetime, correlation_id: str
) -> Preloaded:
    """The denial of what no rule matches; nothing of it is read."""
    from verifier.engine.recipe import Request, verify_artifact  # noqa: PLC0415 - the light path has no use for it

    request = Request(
        source=artifact,
        kind=question.kind,
        name=question.name,
        policy=policy,
        now=now,
        correlation_id=correlation_id,
        resource_uri=question.resource_uri,
        verifier_id=VERIFIER_ID,
        verifier_version={"policy-verifier": VERSION},
    )
    return Preloaded(verdict=verify_artifact(request).verdict, verified=None)


def settled(question: Question, proof: Proof, load: Load) -> Verdict:
    """The verdict upon what was found: what the ledger says of it, once it was told."""
    found, ledger, digest = proof.verdict, load.ledger, proof.verdict.subject.digest
    judged = (*found.reasons, *_unmet_levels(question, proof, load), *_set_back(question, load))
    outcomes: tuple[Outcome, ...] = (outcome_of(judged),)
    if isinstance(load.view, Refused):
        return _concluded(proof, load, (*outcomes, CouldNotCheck(reasons=load.view.reasons)), None)
    if isinstance(ledger, Refused) or digest is None:
        return _concluded(proof, load, outcomes, None)
    if found.passed or proof.candidate is not None:
        outcomes = (*outcomes, compared(question, proof, load.rule, load.view, load.now))
    settlement = _settle(ledger, question, proof, load, outcomes)
    return _concluded(proof, load, (*outcomes, outcome_of(settlement.reasons)), settlement.trace)


def compared(question: Question, proof: Proof, rule: ArtifactRule, view: View, now: datetime) -> Outcome:
    """What was found against what was accepted before."""
    digest = proof.verdict.subject.digest
    if digest is None:
        raise TypeError("what was not read is not compared")
    stated = check_stated_version(proof.candidate, rule, view, reference=question.reference, digest=digest, now=now)
    seen = view.max_time_seen
    if isinstance(rule.version, VersionFrom) or seen is None or seen - now <= CLOCK_SKEW:
        return stated
    message = f"now is {format_rfc3339(now)}, the ledger has seen {format_rfc3339(seen)}"
    backwards = Reason(code="clock.backwards", subject=question.reference, message=message)
    _, reasons = decide((stated, outcome_of([backwards])))
    return outcome_of(reasons)


def handed_on(verdict: Verdict, content: bytes | Refused) -> Preloaded:
    """The bytes that `verdict` is about, where it is PASSED."""
    digest = verdict.subject.digest
    if not verdict.passed or isinstance(content, Refused) or digest is None:
        return Preloaded(verdict=verdict, verified=None)
    return Preloaded(verdict=verdict, verified=VerifiedBytes(digest=digest, content=content, seal=_SEAL))


def _unmet_levels(question: Question, proof: Proof, load: Load) -> Iterator[Reason]:
    """The levels that a full verification does not reach; a verdict's own are a part of what was found."""
    if not (proof.in_full and proof.verdict.passed):
        return
    levels = proof.verdict.levels
    reached = (*levels, MONOTONIC_LEVEL) if load.record and proof.candidate is not None else levels
    for level in question.levels:
        if not level_met(level, reached):
            message = f"verified in full it has {', '.join(reached)}, expected {level}"
            yield Reason(code="verdict.level-missing", subject=question.reference, message=message)


def _set_back(question: Question, load: Load) -> Iterator[Reason]:
    """A clock that went back since the caller asked before; what a ledger knows of it is said by its own rules.

    A ledger is not told the time of whatever stands for long, so that it may have seen none for just as long.
    """
    known = load.view.max_time_seen if isinstance(load.view, View) else None
    if load.newest is None or load.newest - load.now <= CLOCK_SKEW or (known and known - load.now > CLOCK_SKEW):
        return
    message = f"now is {format_rfc3339(load.now)}, and it was {format_rfc3339(load.newest)} before"
    yield Reason(code="clock.backwards", subject=question.reference, message=message)


def _settle(ledger: Ledger, question: Question, proof: Proof, load: Load, outcomes: tuple[Outcome, ...]) -> Settlement:
    """What became of the decision in the ledger; `load.view` is there."""
    decision, reasons = decide(outcomes)
    entry = _entry(question, proof, load)
    if not load.record:
        return leave_unrecorded(ledger, entry, decision)
    if decision is Decision.PASSED and _is_known(entry, proof, load):
        return leave_standing(ledger, entry)
    if decision is Decision.FAILED and load.quietly:
        return Settlement(decision=decision, trace=leave_unrecorded(ledger, entry, decision).trace)
    circumstances = Circumstances(
        now=load.now,
        actor=load.actor,
        correlation_id=load.correlation_id,
        policy=load.policy.digest,
        verdict=proof.document,
    )
    return settle_entry(ledger, entry, decision, reasons, circumstances)


def _entry(question: Question, proof: Proof, load: Load) -> Entry:
    version, digest = load.rule.version, proof.verdict.subject.digest
    if digest is None or isinstance(load.view, Refused):
        raise TypeError("there is nothing that a ledger could be told")
    return Entry(
        scope=ledger_scope(load.rule, question.kind, question.name),
        digest=digest,
        candidate=proof.candidate,
        rules=version_rules(load.rule, version) if isinstance(version, VersionFrom) else None,
        before=standing(load.view),
    )


def _is_known(entry: Entry, proof: Proof, load: Load) -> bool:
    """Whether the ledger knows of this acceptance, and recently enough where it is to be told."""
    if isinstance(load.view, Refused):
        return False
    return (load.told or stands(load.view, entry, proof.document)) and (load.quietly or is_recent(load.view, load.now))


def _concluded(proof: Proof, load: Load, outcomes: tuple[Outcome, ...], trace: LedgerTrace | None) -> Verdict:
    decision, reasons = decide(outcomes)
    found, levels = proof.verdict, proof.verdict.levels
    if decision is Decision.FAILED:
        levels = ("FAILED",)
    elif proof.in_full and proof.candidate is not None and trace is not None and trace.recorded:
        levels = (*levels, MONOTONIC_LEVEL)
    subject = found.subject
    if proof.in_full and proof.candidate is not None and isinstance(load.view, View) and load.view.state is not None:
        subject = replace(subject, epoch=load.view.state.epoch)
    return replace(
        found,
        decision=decision,
        subject=subject,
        reasons=reasons,
        levels=levels,
        time_verified=load.now,
        correlation_id=load.correlation_id,
        ledger=trace,
    )
