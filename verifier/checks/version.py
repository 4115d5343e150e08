"""Version: is the artifact at least as new as what the ledger has accepted, and fresh?

* an artifact without a version where one is wanted is denied
* what is not ordered says so in every report, and is denied all the same where its content is quarantined
* the order itself is `checks.version_order`; this check never records
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.checks.interface import Inspection
from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.trust.model import VersionFrom, VersionUnchecked

if TYPE_CHECKING:
    from verifier.ledger.candidate import Candidate

NAME = "version"


def check(inspection: Inspection) -> Outcome:
    """Ask the ledger's rules whether this version may follow what was accepted."""
    match inspection.rule.version:
        case VersionUnchecked():
            return outcome_of(_unordered(inspection))
        case VersionFrom() as source:
            from verifier.checks.version_order import check_order  # noqa: PLC0415 - only where there is an order

            return check_order(inspection, source)


def candidate_of(inspection: Inspection) -> Candidate | None:
    """What the ledger is asked about, or None where the artifact has no version or none is wanted."""
    source = inspection.rule.version
    if isinstance(source, VersionUnchecked):
        return None
    from verifier.checks.version_order import candidate_from  # noqa: PLC0415 - only where there is an order

    return candidate_from(inspection, source)


def _unordered(inspection: Inspection) -> list[Reason]:
    reference = inspection.artifact.reference
    why = 'its rule says version = "none", or flags were given without --version-from'
    message = f"{reference} has no version to order: {why}"
    reasons = [Reason(code="version.unchecked", subject=reference, message=message)]
    state, digest = inspection.ledger.state if inspection.ledger else None, inspection.artifact.digest
    if state is not None and digest in state.quarantined_digests:
        message = f"digest {digest} is quarantined"
        reasons.append(Reason(code="version.quarantined", subject=reference, message=message))
    return reasons
