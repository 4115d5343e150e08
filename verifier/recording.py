"""Recording: the decision goes into the ledger before the bytes go out.

* an acceptance that could not be recorded is not an acceptance
* whoever loses a race is judged again against what the winner left, and may be denied
* a denial is written down too, and changes nothing else
"""

from __future__ import annotations

from dataclasses import replace

from verifier.checks.interface import Inspection
from verifier.checks.version import candidate_of
from verifier.checks.version_order import version_rules
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.verdict import Decision, LedgerTrace, Settlement
from verifier.ledger.advance import Circumstances, event_of, record, record_denial
from verifier.ledger.interface import EventKind, Ledger
from verifier.trust.model import VersionFrom


def settle(
    ledger: Ledger,
    inspection: Inspection,
    decision: Decision,
    reasons: tuple[Reason, ...],
    *,
    scope: str,
    policy: Digest,
    correlation_id: str,
) -> Settlement:
    """Write the decision down; an acceptance stands only if the ledger took it."""
    circumstances = Circumstances(now=inspection.now, actor="verify", correlation_id=correlation_id, policy=policy)
    before = standing(inspection)
    try:
        if decision is Decision.PASSED:
            return _accept(ledger, inspection, scope, circumstances)
        codes = [reason.code for reason in reasons if reason.is_error]
        record_denial(ledger, scope, codes, circumstances, candidate_of(inspection))
    except Refused as refusal:
        trace = LedgerTrace(url=ledger.url, scope=scope, before=before, after=before, recorded=False)
        return Settlement(decision=Decision.FAILED, reasons=refusal.reasons, trace=trace)
    trace = LedgerTrace(url=ledger.url, scope=scope, before=before, after=before, recorded=True)
    return Settlement(decision=decision, trace=trace)


def unrecorded(ledger: Ledger, inspection: Inspection, decision: Decision, *, scope: str) -> Settlement:
    """The ledger was asked and stays as it is: said aloud where it could have moved."""
    before = standing(inspection)
    trace = LedgerTrace(url=ledger.url, scope=scope, before=before, after=before, recorded=False)
    if decision is not Decision.PASSED:
        return Settlement(decision=decision, trace=trace)
    message = f"{scope} stays at {before or 'nothing'} in {ledger.url}"
    reason = Reason(code="ledger.not-recorded", subject=scope, message=message)
    return Settlement(decision=decision, reasons=(reason,), trace=trace)


def standing(inspection: Inspection) -> str | None:
    """The scope's high-water mark as `epoch:version`, None where nothing was accepted in it."""
    state = inspection.ledger.state if inspection.ledger else None
    return str(state.mark) if state is not None and state.mark is not None else None


def _accept(ledger: Ledger, inspection: Inspection, scope: str, circumstances: Circumstances) -> Settlement:
    source, candidate = inspection.rule.version, candidate_of(inspection)
    before = standing(inspection)
    if not isinstance(source, VersionFrom) or candidate is None:
        return _accept_unordered(ledger, inspection, scope, circumstances)
    rules = version_rules(inspection.rule, source)
    outcome = record(ledger, scope, candidate, rules, circumstances)
    trace = LedgerTrace(
        url=ledger.url, scope=scope, before=outcome.before or before, after=outcome.after, recorded=True
    )
    decision = Decision.PASSED if outcome.accepted else Decision.FAILED
    return Settlement(decision=decision, reasons=outcome.reasons, trace=trace)


def _accept_unordered(ledger: Ledger, inspection: Inspection, scope: str, circumstances: Circumstances) -> Settlement:
    event = event_of(EventKind.ACCEPTED, scope, circumstances)
    ledger.append(replace(event, digest=inspection.artifact.digest))
    before = standing(inspection)
    trace = LedgerTrace(url=ledger.url, scope=scope, before=before, after=before, recorded=True)
    return Settlement(decision=Decision.PASSED, trace=trace)
