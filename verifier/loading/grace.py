"""Going on without the ledger, for as long as the policy's `offline_grace` allows.

* only what the ledger has confirmed goes on: the same bytes, question, policy, keys and verifier
* only while the ledger cannot be reached (`ledger.unavailable`): one that is corrupt, or busy, is another matter
* what was known of the scope still binds: floors, quarantine and versions, freshness, and a clock that was set back
* it is said loudly, and what is handed on is not called compared with a ledger
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from verifier.checks.levels import level_met
from verifier.core.clock import format_duration, format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.core.verdict import MONOTONIC_LEVEL, Verdict
from verifier.engine.finding import Finding
from verifier.engine.settle import by_rule, settle
from verifier.engine.situation import Recording, Situation
from verifier.ledger.absent import NoLedger
from verifier.ledger.view import View
from verifier.loading.question import Asked
from verifier.trust.evaluate import offline_grace_of
from verifier.trust.sections.version import VersionRule


def only_unavailable(verdict: Verdict) -> bool:
    """Whether nothing speaks against it but that the ledger could not be reached."""
    codes = {reason.code for reason in verdict.reasons if reason.is_error}
    return codes == {"ledger.unavailable"}


def on_grace(
    asked: Asked, finding: Finding, situation: Situation, denied: Verdict, *, confirmed: datetime, known: View | None
) -> Verdict:
    """What becomes of what was `denied` for want of a ledger that last `confirmed` it; `known` is what it last said.

    It is settled by the same rules, with what was last known in the ledger's place.
    """
    if offline_grace_of(asked.rule) is None or not only_unavailable(denied):
        return denied
    newest = max(confirmed, known.max_time_seen or confirmed) if known is not None else confirmed
    # The ledger knew it: it is no first use.
    rule = asked.rule.having(replace(VersionRule.of(asked.rule), first_use="allow"))
    said = View(state=known.state if known is not None else None, max_time_seen=newest)
    remembered = replace(
        situation,
        ledger=NoLedger(),
        ask=lambda: said,
        recording=Recording.NEVER,
        compare=by_rule(rule, asked.now, known=True),
        levels=(),
    )
    levels = tuple(level for level in finding.levels if level != MONOTONIC_LEVEL)
    against = (*finding.reasons, *_unmet(asked, levels), *_in_time(asked, situation, confirmed))
    told = tuple(reason.as_warning() if reason.is_error else reason for reason in denied.reasons)

    def upon(*reasons: Reason) -> Verdict:
        found = replace(finding, reasons=tuple(dict.fromkeys((*against, *reasons))), levels=levels)
        return replace(settle(lambda _: found, remembered), ledger=None)

    gone_on = upon(*told)
    return gone_on if gone_on.passed else upon(*denied.reasons)


def _unmet(asked: Asked, levels: tuple[str, ...]) -> Iterator[Reason]:
    shown, reference = ", ".join(levels) or "no level", asked.question.reference
    for level in asked.question.levels:
        if not level_met(level, levels):
            message = f"without its ledger it has {shown}, expected {level}"
            yield Reason(code="verdict.level-missing", subject=reference, message=message)


def _in_time(asked: Asked, situation: Situation, confirmed: datetime) -> Iterator[Reason]:
    grace, now, reference = offline_grace_of(asked.rule), asked.now, asked.question.reference
    if grace is None:
        return
    allowed = format_duration(grace)
    seen = f"it last confirmed {reference} at {format_rfc3339(confirmed)}, now is {format_rfc3339(now)}"
    if max(now, situation.newest or now) - confirmed <= grace:
        message = f"{seen}; the policy allows {allowed}"
        yield Reason(code="ledger.offline-grace", subject=reference, message=message)
        return
    message = f"{seen}, which is more than the {allowed} that the policy allows"
    yield Reason(code="ledger.unavailable", subject=reference, message=message)
