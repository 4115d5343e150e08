"""What became of a decision: written into a ledger before the bytes go out, or left out of it and said so.

* an acceptance that could not be recorded is not an acceptance
* whoever loses a race is judged again against what the winner left, and may be denied
* a denial is written down too, and changes nothing else
* what the scope says already is not said again by a loader that asks all the time: `stands`, for a bounded time
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import Value, replace
from verifier.core.verdict import Decision, LedgerTrace, Settlement
from verifier.ledger.advance import Circumstances, append, event_of, record, record_denial
from verifier.ledger.interface import EventKind, Ledger, View
from verifier.versions.candidate import Candidate, VersionRules

REPEAT_AFTER = timedelta(minutes=1)
"""How far the newest time seen may fall behind for repeats that are not written: the clock may be set back by so much
more without `clock.backwards`, and the rules allow five minutes anyway."""


class Entry(Value):
    """What a ledger is told of an artifact. Where its rule orders nothing, `rules` is None.

    `candidate` is None also where the artifact states no version; `before` is the mark as it was seen.
    """

    scope: str
    digest: Digest
    candidate: Candidate | None
    rules: VersionRules | None
    before: str | None


def settle_entry(
    ledger: Ledger, entry: Entry, decision: Decision, reasons: Sequence[Reason], circumstances: Circumstances
) -> Settlement:
    """Write the decision down; an acceptance stands only if the ledger took it."""
    try:
        if decision is Decision.PASSED:
            return _accept(ledger, entry, circumstances)
        codes = [reason.code for reason in reasons if reason.is_error]
        record_denial(ledger, entry.scope, codes, circumstances, entry.candidate)
    except Refused as refusal:
        trace = _unmoved(ledger, entry, recorded=False)
        return Settlement(decision=Decision.FAILED, reasons=refusal.reasons, trace=trace)
    return Settlement(decision=decision, trace=_unmoved(ledger, entry, recorded=True))


def stands(view: View, entry: Entry, verdict: Digest | None) -> bool:
    """Whether the scope says already what an acceptance of `entry` by this `verdict` would write into it."""
    mark, candidate = view.state.mark if view.state else None, entry.candidate
    if mark is None or candidate is None or entry.rules is None:
        return False
    return (mark.version, mark.digest, mark.verdict) == (candidate.version, entry.digest, verdict)


def is_recent(view: View, now: datetime) -> bool:
    """Whether the newest time seen is close enough to `now` for a repeat not to be written."""
    return view.max_time_seen is not None and now - view.max_time_seen < REPEAT_AFTER


def leave_standing(ledger: Ledger, entry: Entry) -> Settlement:
    """An acceptance that the ledger has recorded before, and that changes nothing."""
    return Settlement(decision=Decision.PASSED, trace=_unmoved(ledger, entry, recorded=True))


def leave_unrecorded(ledger: Ledger, entry: Entry, decision: Decision) -> Settlement:
    """The ledger was asked and stays as it is: said aloud where it could have moved."""
    trace = _unmoved(ledger, entry, recorded=False)
    if decision is not Decision.PASSED:
        return Settlement(decision=decision, trace=trace)
    stays = f"stays at {entry.before}" if entry.before else "has accepted nothing yet"
    message = f"{entry.scope} {stays} in {ledger.url}"
    reason = Reason(code="ledger.not-recorded", subject=entry.scope, message=message)
    return Settlement(decision=decision, reasons=(reason,), trace=trace)


def standing(view: View | None) -> str | None:
    """The scope's high-water mark as `epoch:version`, None where nothing was accepted in it."""
    state = view.state if view else None
    return str(state.mark) if state is not None and state.mark is not None else None


def _accept(ledger: Ledger, entry: Entry, circumstances: Circumstances) -> Settlement:
    if entry.rules is None or entry.candidate is None:
        event = event_of(EventKind.ACCEPTED, entry.scope, circumstances)
        append(ledger, replace(event, digest=entry.digest))
        return Settlement(decision=Decision.PASSED, trace=_unmoved(ledger, entry, recorded=True))
    outcome = record(ledger, entry.scope, entry.candidate, entry.rules, circumstances)
    before = outcome.before or entry.before
    trace = LedgerTrace(url=ledger.url, scope=entry.scope, before=before, after=outcome.after, recorded=True)
    decision = Decision.PASSED if outcome.accepted else Decision.FAILED
    return Settlement(decision=decision, reasons=outcome.reasons, trace=trace)


def _unmoved(ledger: Ledger, entry: Entry, *, recorded: bool) -> LedgerTrace:
    return LedgerTrace(url=ledger.url, scope=entry.scope, before=entry.before, after=entry.before, recorded=recorded)
