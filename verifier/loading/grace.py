"""Going on without the ledger, for as long as the policy's `offline_grace` allows.

* only what the ledger has confirmed goes on: the same bytes, question, policy, keys and verifier
* only while the ledger cannot be reached (`ledger.unavailable`): one that is corrupt, or busy, is another matter
* what was known of the scope still binds: floors, quarantine and versions, freshness, and a clock that was set back
* it is said loudly, and what is handed on is not called compared with a ledger
"""

from __future__ import annotations

from datetime import datetime, timedelta

from verifier.checks.vsa import level_met
from verifier.core.clock import format_duration, format_rfc3339
from verifier.core.outcome import Outcome, Passed, Reason, outcome_of
from verifier.core.value import replace
from verifier.core.verdict import MONOTONIC_LEVEL, Decision, Verdict, decide
from verifier.ledger.interface import View
from verifier.loading.preload import Load, compared
from verifier.loading.proof import Proof, Question
from verifier.trust.sections.version import VersionRule


def only_unavailable(verdict: Verdict) -> bool:
    """Whether nothing speaks against it but that the ledger could not be reached."""
    codes = {reason.code for reason in verdict.reasons if reason.is_error}
    return codes == {"ledger.unavailable"}


def on_grace(
    question: Question, proof: Proof, load: Load, denied: Verdict, *, confirmed: datetime, known: View | None
) -> Verdict:
    """What becomes of what was `denied` for want of a ledger that last `confirmed` it; `known` is what it last said."""
    grace, now = load.rule.offline_grace, load.now
    if grace is None or not only_unavailable(denied):
        return denied
    told = tuple(reason.as_warning() if reason.is_error else reason for reason in denied.reasons)
    levels = tuple(level for level in proof.verdict.levels if level != MONOTONIC_LEVEL)
    against = (
        _judged(question, proof, load, confirmed, known),
        outcome_of(_unmet(question, levels)),
        _in_time(question, load, grace, confirmed),
    )
    decision, reasons = decide((*against, Passed(reasons=told)))
    if decision is Decision.FAILED:
        return replace(denied, reasons=decide((*against, outcome_of(denied.reasons)))[1])
    return replace(
        denied, decision=decision, reasons=reasons, levels=levels, evidence=proof.verdict.evidence, time_verified=now
    )


def _judged(question: Question, proof: Proof, load: Load, confirmed: datetime, known: View | None) -> Outcome:
    """By the same rules, over what was last known; the ledger knew it, so that it is no first use."""
    newest = max(confirmed, known.max_time_seen or confirmed) if known is not None else confirmed
    view = View(state=known.state if known is not None else None, max_time_seen=newest)
    rule = load.rule.having(replace(VersionRule.of(load.rule), first_use="allow"))
    return compared(question, proof, rule, view, load.now)


def _unmet(question: Question, levels: tuple[str, ...]) -> tuple[Reason, ...]:
    shown = ", ".join(levels) or "no level"
    return tuple(
        Reason(
            code="verdict.level-missing",
            subject=question.reference,
            message=f"without its ledger it has {shown}, expected {level}",
        )
        for level in question.levels
        if not level_met(level, levels)
    )


def _in_time(question: Question, load: Load, grace: timedelta, confirmed: datetime) -> Outcome:
    asked, allowed = format_rfc3339(confirmed), format_duration(grace)
    seen = f"it last confirmed {question.reference} at {asked}, now is {format_rfc3339(load.now)}"
    if max(load.now, load.newest or load.now) - confirmed <= grace:
        message = f"{seen}; the policy allows {allowed}"
        return Passed(reasons=(Reason(code="ledger.offline-grace", subject=question.reference, message=message),))
    message = f"{seen}, which is more than the {allowed} that the policy allows"
    return outcome_of((Reason(code="ledger.unavailable", subject=question.reference, message=message),))
