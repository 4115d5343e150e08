"""Recording: the decision of a verification goes into the ledger before the bytes go out (`ledger.settlement`)."""

from __future__ import annotations

from verifier.checks.version.check import candidate_of
from verifier.checks.version.rules import version_rules
from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.verdict import Decision, Settlement
from verifier.evidence.inspection import Inspection
from verifier.ledger.advance import Circumstances
from verifier.ledger.interface import Ledger
from verifier.ledger.settlement import Entry, leave_unrecorded, settle_entry, standing
from verifier.trust.sections.version import VersionFrom


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
    return settle_entry(ledger, _entry(inspection, scope), decision, reasons, circumstances)


def unrecorded(ledger: Ledger, inspection: Inspection, decision: Decision, *, scope: str) -> Settlement:
    """The ledger was asked and stays as it is: said aloud where it could have moved."""
    return leave_unrecorded(ledger, _entry(inspection, scope), decision)


def _entry(inspection: Inspection, scope: str) -> Entry:
    source = inspection.rule.version
    return Entry(
        scope=scope,
        digest=inspection.artifact.digest,
        candidate=candidate_of(inspection),
        rules=version_rules(inspection.rule, source) if isinstance(source, VersionFrom) else None,
        before=standing(inspection.ledger),
    )
