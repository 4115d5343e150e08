"""What a ledger is told of a decision, in one compare-and-swap with what it changes (`engine.settle` alone asks).

* what the scope says already is not said again by a loader that asks all the time, for a bounded time
* a denial adds an event and changes nothing
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from verifier.core.errors import Refused
from verifier.core.outcome import Answer, CouldNotCheck, Outcome, Passed, Reason
from verifier.core.text.marks import marked
from verifier.core.value import replace
from verifier.core.verdict import Input, LedgerTrace, Verdict
from verifier.engine.finding import Finding
from verifier.engine.situation import Recording, Situation
from verifier.ledger.advance import Circumstances, change_of, event_of
from verifier.ledger.interface import EventKind, LedgerEvent
from verifier.ledger.view import View
from verifier.versions.memory import IMAGE_INPUT, MAX_LAYERS
from verifier.versions.rules import Judgement

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.core.digest import Digest
    from verifier.versions.memory import Tag

REPEAT_AFTER = timedelta(minutes=1)
"""How far the newest time seen may fall behind for repeats that are not written: the clock may be set back by so much
more without `clock.backwards`, and the rules allow five minutes anyway."""


class Written(Answer):
    """What became of a decision in the ledger; the outcome counts for an acceptance, the warnings for a denial."""

    asks: ClassVar[str] = "its `outcome`"
    trace: LedgerTrace
    outcome: Outcome = Passed()
    warnings: tuple[Reason, ...] = ()


def unmoved(situation: Situation, view: View, *, recorded: bool = False) -> LedgerTrace:
    """The trace of a ledger that stays where it is."""
    mark = view.standing
    return LedgerTrace(url=situation.ledger.url, scope=situation.scope, before=mark, after=mark, recorded=recorded)


def write(
    finding: Finding, verdict: Verdict, decision: Judgement | None, view: View, situation: Situation
) -> Written | None:
    """Write `verdict` down as the situation wants it; None where the scope is not as `view` shows it any more."""
    if situation.recording is Recording.NOT:
        return _left(verdict, view, situation)
    quietly, known = situation.recording is Recording.QUIETLY, False
    if verdict.passed and situation.recording is not Recording.FULLY:
        known = _is_known(finding, decision, view, situation) and (quietly or _is_recent(view, situation.now))
    if known:
        return Written(trace=unmoved(situation, view, recorded=True))
    if quietly and not verdict.passed:
        return Written(trace=unmoved(situation, view))
    event = _event(finding, verdict, decision, view, situation)
    after = decision.next_state if decision is not None and verdict.passed else None
    if after is not None and after.mark is not None and finding.document is not None:
        after = replace(after, mark=replace(after.mark, verdict=finding.document))
    try:
        change = change_of(view.state, event, after)
        if not situation.ledger.swap((change,)) or _appeared(verdict, decision, view, situation):
            return None
    except Refused as refusal:
        trace = unmoved(situation, view)
        warnings = tuple(reason.as_warning() for reason in refusal.reasons)
        return Written(trace=trace, outcome=CouldNotCheck(reasons=refusal.reasons), warnings=warnings)
    trace = unmoved(situation, view, recorded=True)
    return Written(trace=trace if after is None else replace(trace, after=str(after.mark)))


def _appeared(verdict: Verdict, decision: Judgement | None, view: View, situation: Situation) -> bool:
    """Whether a scope has come to be while something was accepted that nothing orders: it may withdraw this content.

    Where there was no scope, there was nothing that the swap could have compared.
    """
    if not verdict.passed or decision is not None or view.state is not None:
        return False
    return situation.ledger.fetch(situation.scope).state is not None


def _left(verdict: Verdict, view: View, situation: Situation) -> Written:
    """The ledger was asked and stays as it is: said aloud where it could have moved."""
    if not verdict.passed:
        return Written(trace=unmoved(situation, view))
    mark = view.standing
    stays = f"stays at {marked(mark)}" if mark else "has accepted nothing yet"
    message = f"{situation.scope} {stays} in {situation.ledger.url}"
    reason = Reason(code="ledger.not-recorded", subject=situation.scope, message=message)
    return Written(trace=unmoved(situation, view), outcome=Passed(reasons=(reason,)))


def _event(
    finding: Finding, verdict: Verdict, decision: Judgement | None, view: View, situation: Situation
) -> LedgerEvent:
    circumstances = Circumstances(
        now=situation.now,
        actor=situation.actor,
        correlation_id=situation.correlation_id,
        policy=finding.policy.digest,
        rule=finding.rule_digest,
        inputs=finding.inputs,
        verdict=finding.document,
    )
    kind = EventKind.ACCEPTED if verdict.passed else EventKind.DENIED
    event = event_of(kind, situation.scope, circumstances, finding.candidate, decision if verdict.passed else None)
    codes = (reason.code for reason in verdict.reasons if reason.is_error)
    event = replace(event, digest=event.digest or finding.content, reasons=tuple(dict.fromkeys(codes)))
    if not verdict.passed:
        return event
    layers = _layers(finding, view)
    if layers and finding.memory is not None:
        # Who withdraws one of these withdraws what was built on it.
        images = [Input(kind=IMAGE_INPUT, digest=each) for each in finding.memory.others[:MAX_LAYERS]]
        event = replace(event, inputs=(*event.inputs, *images))
    return replace(event, tag=_tag(finding, view), layers=layers)


def _tag(finding: Finding, view: View) -> Tag | None:
    """What the tag stands for, and after which event, where the scope does not know it."""
    tag, before = None if finding.memory is None else finding.memory.tag, view.tagged
    if tag is None or (before is not None and before.digest == tag.digest):
        return None
    return replace(tag, after=0 if before is None else before.place)


def _layers(finding: Finding, view: View) -> tuple[Digest, ...]:
    """The layers, where the scope does not know all of them."""
    layers = () if finding.memory is None else finding.memory.layers
    return () if set(layers) <= set(view.kept) else layers


def _is_known(finding: Finding, decision: Judgement | None, view: View, situation: Situation) -> bool:
    """Whether the scope says already what an acceptance would write into it."""
    if _tag(finding, view) is not None or _layers(finding, view):
        return False
    if situation.told is not None and situation.told == view.revision:
        return True
    mark, candidate = view.state.mark if view.state else None, finding.candidate
    if mark is None or candidate is None or decision is None:
        return False
    return (mark.version, mark.digest, mark.verdict) == (candidate.version, candidate.digest, finding.document)


def _is_recent(view: View, now: datetime) -> bool:
    """Whether the newest time seen is close enough to `now` for a repeat not to be written."""
    return view.max_time_seen is not None and now - view.max_time_seen < REPEAT_AFTER
