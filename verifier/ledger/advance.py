"""Asking a ledger, and moving it: the pure rules over a store.

* `consult` never writes
* `record` decides and writes the state with its event in one compare-and-swap; whoever loses the race decides
  again on what the winner left, a bounded number of times, then `ledger.locked`
* a denial, and an acceptance of what stands already, add an event and nothing else
* an artifact that was denied for other reasons (`record_denial`) never advances a scope
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.value import Value, replace
from verifier.core.verdict import Input
from verifier.ledger.interface import Change, EventKind, Ledger, LedgerEvent
from verifier.ledger.record import MAX_TEXT
from verifier.ledger.view import View
from verifier.versions.rules import Candidate, Judgement, VersionRules, judge_version
from verifier.versions.schemes import MAX_VERSION_BYTES
from verifier.versions.state import ScopeState


class Circumstances(Value):
    """When and for whom, for the history: the correlation id, policy and verdict that it belongs to.

    `rule` is the digest of the effective rule, `inputs` what was judged.
    """

    now: datetime
    actor: str = ""
    correlation_id: str = ""
    comment: str = ""
    policy: Digest | None = None
    rule: Digest | None = None
    inputs: tuple[Input, ...] = ()
    verdict: Digest | None = None


def consult(ledger: Ledger, scope: str, candidate: Candidate, rules: VersionRules, *, now: datetime) -> Judgement:
    """What `record` would decide now; the ledger stays as it is."""
    view = ledger.fetch(scope)
    return judge_version(view.state, candidate, rules, now=now, max_time_seen=view.max_time_seen)


def record(
    ledger: Ledger, scope: str, candidate: Candidate, rules: VersionRules, circumstances: Circumstances
) -> Judgement:
    """Decide, and write the decision down together with what it changes.

    An acceptance counts only if this returns it: what `consult` said before may have been overtaken.
    """

    def judge(view: View) -> tuple[Judgement, Change]:
        decision = judge_version(view.state, candidate, rules, now=circumstances.now, max_time_seen=view.max_time_seen)
        if circumstances.verdict is not None:
            decision = replace(decision, next_state=_with_verdict(decision.next_state, circumstances.verdict))
        kind = EventKind.ACCEPTED if decision.accepted else EventKind.DENIED
        event = event_of(kind, scope, circumstances, candidate, decision)
        return decision, change_of(view.state, event, decision.next_state)

    return ledger.decide(scope, judge)


def record_denial(
    ledger: Ledger,
    scope: str,
    reasons: Sequence[str],
    circumstances: Circumstances,
    candidate: Candidate | None = None,
) -> None:
    """Write down that something was denied for reasons (codes) of other checks; no scope changes."""
    event = event_of(EventKind.DENIED, scope, circumstances, candidate)
    append(ledger, replace(event, reasons=tuple(dict.fromkeys(reasons))))


def append(ledger: Ledger, event: LedgerEvent) -> None:
    """Add an event that changes no scope: a denial, or an acceptance where nothing is ordered."""
    if not ledger.swap((Change(event=event),)):
        # Written down now, the history would say that the older version was accepted after the newer one.
        message = "what was to be accepted again no longer stands: another writer moved the scope"
        raise refuse("ledger.locked", event.scope, message, "Ask again.")


def event_of(
    kind: EventKind,
    scope: str,
    circumstances: Circumstances,
    candidate: Candidate | None = None,
    decision: Judgement | None = None,
) -> LedgerEvent:
    """An event as it is written, hostile and free texts cut to their bounds."""
    return LedgerEvent(
        time=circumstances.now,
        kind=kind,
        scope=scope,
        version=candidate.version[:MAX_VERSION_BYTES] if candidate else None,
        scheme=candidate.scheme if candidate else None,
        epoch=decision.epoch if decision is not None else candidate.epoch if candidate else None,
        digest=candidate.digest if candidate else None,
        reasons=tuple(dict.fromkeys(reason.code for reason in decision.reasons)) if decision is not None else (),
        comment=circumstances.comment[:MAX_TEXT],
        actor=circumstances.actor[:MAX_TEXT],
        correlation_id=circumstances.correlation_id[:MAX_TEXT],
        policy=circumstances.policy,
        rule=circumstances.rule,
        inputs=circumstances.inputs,
        verdict=circumstances.verdict,
    )


def change_of(before: ScopeState | None, event: LedgerEvent, state: ScopeState | None) -> Change:
    """What to write: an event that was decided upon the state `before`, and the state that it leads to, if any."""
    revision = None if before is None else before.revision
    if state is None or state == before:
        # Overtaken, a repeated acceptance would stand in the history as an older version that came after a newer one.
        repeated = event.kind is EventKind.ACCEPTED
        return Change(event=event, expected_revision=revision if repeated else None)
    return Change(event=event, state=state, expected_revision=revision)


def _with_verdict(state: ScopeState | None, verdict: Digest) -> ScopeState | None:
    if state is None or state.mark is None:
        return state
    return replace(state, mark=replace(state.mark, verdict=verdict))
