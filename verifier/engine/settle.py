"""The one place where a ledger is asked and a decision falls; whoever decides anything, decides it here.

* the ledger is asked, what was found is compared with what it says, and the decision is written into it: only then is
  it one
* an acceptance that could not be recorded is not an acceptance; a denial stands also where it could not be written
  down, which is said
* whoever loses a race against another verifier is judged again, all of it, against what the other has left
* every decision is recorded where there is a ledger to record in, also of what could not be read, or has no rule
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.checks.version.compare import compare
from verifier.checks.version.compared import NOT_COMPARED, Compared
from verifier.core.clock import CLOCK_SKEW, format_rfc3339
from verifier.core.errors import Refused
from verifier.core.outcome import CouldNotCheck, Outcome, Reason, outcome_of
from verifier.core.value import replace
from verifier.core.verdict import MONOTONIC_LEVEL, LedgerTrace, Subject, Verdict
from verifier.engine.finding import Finding
from verifier.engine.situation import Compare, Recording, Situation
from verifier.ledger.view import MAX_TRIES, NOT_CONSULTED, View

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger
    from verifier.trust.model import ArtifactRule


def by_rule(rule: ArtifactRule, now: datetime, *, known: bool = False) -> Compare:
    """The comparison that a rule of the policy asks for; what could not be read is not compared.

    What is `known` was compared with an earlier version before.
    """

    def compare_both(finding: Finding, said: View | Refused) -> Compared:
        subject = finding.subject
        if subject.digest is None:
            return NOT_COMPARED
        compared = compare(
            finding.candidate,
            rule,
            said,
            reference=_reference(subject),
            digests=finding.digests,
            now=now,
            elsewhere=known or finding.above_published,
        )
        if finding.memory is None:
            return compared
        from verifier.checks.version.tags import with_tag  # noqa: PLC0415 - only images have tags

        return with_tag(compared, finding.memory, rule, said)

    return compare_both


def settle(find: Callable[[View], Finding], situation: Situation) -> Verdict:
    """Decide upon what `find` finds, given what the ledger says of the scope; never raises for what was read."""
    for _ in range(MAX_TRIES):
        said = situation.ask() if situation.ask is not None else look(situation.ledger, situation.scope)
        finding, said = _found(find, said, situation)
        verdict = _settled(finding, _remembered(finding, said, situation), situation)
        if verdict is not None:
            return verdict
    message = f"other writers were faster {MAX_TRIES} times in a row"
    locked = Reason(code="ledger.locked", subject=situation.scope, message=message)
    return _verdict(find(NOT_CONSULTED), NOT_CONSULTED, situation, (CouldNotCheck(reasons=(locked,)),), None)


def look(ledger: Ledger, scope: str) -> View | Refused:
    """What the ledger says of a scope, or why it says nothing."""
    try:
        return ledger.fetch(scope)
    except Refused as refusal:
        return refusal.kept()


def _found(
    find: Callable[[View], Finding], said: View | Refused, situation: Situation
) -> tuple[Finding, View | Refused]:
    """What is found, given what the ledger `said`, and what it says of the images that the finding has to know of."""
    if isinstance(said, Refused):
        return find(NOT_CONSULTED), said
    finding = find(said)
    if not finding.asked or not said.consulted:
        return finding, said
    from verifier.ledger.history import known_layers  # noqa: PLC0415 - only where an image has to have a base

    try:
        said = replace(said, known_layers=known_layers(situation.ledger, finding.asked))
    except Refused as refusal:
        return finding, refusal
    return find(said), said


def _remembered(finding: Finding, said: View | Refused, situation: Situation) -> View | Refused:
    """What the ledger `said`, with what it remembers of the content, and of the tag that led to it."""
    said, memory = _named(finding, said, situation), finding.memory
    if isinstance(said, Refused) or not said.consulted or memory is None:
        return said
    from verifier.ledger.history import layers_kept, tag_seen  # noqa: PLC0415 - of other kinds there is no more

    ledger, scope = situation.ledger, situation.scope
    try:
        if memory.tag is not None:
            said = replace(said, tagged=tag_seen(ledger, scope, memory.tag.name))
        if memory.layers and situation.recording not in {Recording.NOT, Recording.NEVER}:
            said = replace(said, kept=layers_kept(ledger, scope, memory.content, memory.layers))
    except Refused as refusal:
        return refusal.kept()
    return said


def _named(finding: Finding, said: View | Refused, situation: Situation) -> View | Refused:
    """What the ledger `said`, with what the content was called before, where a version is claimed that the mark is not.

    What the scope accepts meanwhile moves it, so that it is asked again.
    """
    if isinstance(said, Refused) or said.state is None or said.state.mark is None:
        return said
    digest, version, mark = finding.content, finding.subject.version, said.state.mark
    if digest is None or version is None or (version, digest) == (mark.version, mark.digest):
        return said
    from verifier.ledger.history import versions_of  # noqa: PLC0415 - only where something is to be accepted anew

    try:
        return replace(said, known_as=versions_of(situation.ledger, situation.scope, digest))
    except Refused as refusal:
        return refusal.kept()


def _settled(finding: Finding, said: View | Refused, situation: Situation) -> Verdict | None:
    """The verdict, written down; None where another verifier was faster."""
    compared = situation.compare(finding, said)
    outcomes = (*_consulted(said), compared.outcome, *_demanded(finding, compared, said, situation))
    if isinstance(said, Refused) or not said.consulted:
        return _verdict(finding, NOT_CONSULTED, situation, outcomes, None)
    from verifier.engine.recording import unmoved, write  # noqa: PLC0415 - only where there is a ledger

    trace = unmoved(situation, said)
    verdict = _verdict(finding, said, situation, outcomes, trace, bounded=compared.bounded)
    if situation.recording is Recording.NEVER:
        return verdict
    written = write(finding, verdict, compared.decision, said, situation)
    if written is None:
        return None
    if verdict.passed:
        decided = (*outcomes, written.outcome)
        return _verdict(finding, said, situation, decided, written.trace, bounded=compared.bounded)
    return replace(verdict, ledger=written.trace).with_warnings(written.warnings)


def _consulted(said: View | Refused) -> tuple[Outcome, ...]:
    return (CouldNotCheck(reasons=said.reasons),) if isinstance(said, Refused) else ()


def _demanded(finding: Finding, compared: Compared, said: View | Refused, situation: Situation) -> tuple[Outcome, ...]:
    """What the caller demands besides: levels, and a clock that does not go back."""
    known = None if isinstance(said, Refused) else said.max_time_seen
    # What a ledger that cannot be asked would say, nobody knows; that it cannot be asked denies.
    bounded = compared.bounded or isinstance(said, Refused)
    reasons = (*_unmet_levels(finding, situation, bounded=bounded), *_set_back(finding.subject, situation, known))
    return (outcome_of(reasons),) if reasons else ()


def _unmet_levels(finding: Finding, situation: Situation, *, bounded: bool) -> Iterator[Reason]:
    """The levels that a full verification does not reach; a verdict's own are a part of what was found."""
    if not (situation.levels and finding.in_full and finding.passes):
        return
    from verifier.checks.levels import level_met  # noqa: PLC0415 - only where levels are demanded

    recorded = situation.recording not in {Recording.NOT, Recording.NEVER}
    monotonic = _is_monotonic(finding, bounded=bounded, recorded=recorded)
    reached = (*finding.levels, MONOTONIC_LEVEL) if monotonic else finding.levels
    for level in situation.levels:
        if not level_met(level, reached):
            message = f"verified in full it has {', '.join(reached) or 'no level'}, expected {level}"
            yield Reason(code="verdict.level-missing", subject=_reference(finding.subject), message=message)


def _set_back(subject: Subject, situation: Situation, known: datetime | None) -> Iterator[Reason]:
    """A clock that went back since the caller asked before; what a ledger knows of it is said by its own rules.

    A ledger is not told the time of whatever stands for long, so that it may have seen none for just as long.
    """
    now, newest = situation.now, situation.newest
    if newest is None or newest - now <= CLOCK_SKEW or (known and known - now > CLOCK_SKEW):
        return
    message = f"now is {format_rfc3339(now)}, and it was {format_rfc3339(newest)} before"
    yield Reason(code="clock.backwards", subject=_reference(subject), message=message)


def _verdict(
    finding: Finding,
    view: View,
    situation: Situation,
    outcomes: tuple[Outcome, ...],
    trace: LedgerTrace | None,
    *,
    bounded: bool = False,
) -> Verdict:
    subject, levels = finding.subject, finding.levels
    if finding.in_full and finding.candidate is not None and view.state is not None:
        subject = replace(subject, epoch=view.state.epoch)
    if _is_monotonic(finding, bounded=bounded, recorded=trace is not None and trace.recorded):
        levels = (*levels, MONOTONIC_LEVEL)
    verdict = Verdict.of(
        (finding.outcome, *outcomes),
        levels=levels,
        subject=subject,
        policy=finding.policy,
        rule_digest=finding.rule_digest,
        time_verified=situation.now,
        correlation_id=situation.correlation_id,
        evidence=finding.evidence,
        inputs=finding.inputs,
        parts=finding.parts,
        dependency_levels=finding.dependency_levels,
        ledger=trace,
        verifier_id=situation.verifier_id,
        verifier_version=situation.verifier_version,
    )
    return _with_end(verdict, finding, situation) if finding.moments and verdict.passed else verdict


def _with_end(verdict: Verdict, finding: Finding, situation: Situation) -> Verdict:
    """What has passed, with when it ends, and with a warning where that is near."""
    now, warned = situation.now, situation.warned
    ends = min((each for each in finding.moments if each > now), default=None)
    if ends is None:
        return verdict
    verdict = replace(verdict, expires_at=ends.replace(microsecond=0))
    if warned is None or ends - now > warned:
        return verdict
    message = (
        f"some of what it rests on counts until {format_rfc3339(ends.replace(microsecond=0))}, then it may be denied"
    )
    reason = Reason(code="freshness.ending", subject=_reference(verdict.subject), message=message)
    return verdict.with_warnings((reason,))


def _is_monotonic(finding: Finding, *, bounded: bool, recorded: bool) -> bool:
    """Whether the version stayed above something: what is published, or a mark or a floor, and the ledger has it."""
    ordered = finding.in_full and finding.candidate is not None
    return ordered and (finding.above_published or (bounded and recorded))


def _reference(subject: Subject) -> str:
    return f"{subject.kind}:{subject.name}"
