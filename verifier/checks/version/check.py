"""Version: is the artifact at least as new as what the ledger has accepted, and fresh?

* an artifact without a version where one is wanted is denied
* what is not ordered says so in every report, and is denied all the same where its content is quarantined
* the order itself is `checks.version_order`; this check never records
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.trust.sections.version import VersionFrom, VersionUnchecked

if TYPE_CHECKING:
    from verifier.core.digest import Digest
    from verifier.versions.candidate import Candidate
    from verifier.versions.state import ScopeState

NAME = "version"


def check(inspection: Inspection) -> Outcome:
    """Ask the ledger's rules whether this version may follow what was accepted."""
    match inspection.rule.version:
        case VersionUnchecked():
            state = inspection.ledger.state if inspection.ledger else None
            return check_unordered(inspection.artifact.reference, inspection.artifact.digest, state)
        case VersionFrom() as source:
            from verifier.checks.version.order import check_order  # noqa: PLC0415 - only where there is an order

            return check_order(inspection, source)


def candidate_of(inspection: Inspection) -> Candidate | None:
    """What the ledger is asked about, or None where the artifact has no version or none is wanted."""
    source = inspection.rule.version
    if isinstance(source, VersionUnchecked):
        return None
    from verifier.checks.version.order import candidate_from  # noqa: PLC0415 - only where there is an order

    return candidate_from(inspection, source)


def check_unordered(reference: str, digest: Digest, state: ScopeState | None) -> Outcome:
    """What is not ordered says so, and is denied all the same where the ledger's `state` quarantines its content."""
    why = 'its rule says version = "none", or flags were given without --version-from'
    message = f"{reference} has no version to order: {why}"
    reasons = [Reason(code="version.unchecked", subject=reference, message=message)]
    if state is not None and digest in state.quarantined_digests:
        message = f"digest {digest} is quarantined"
        reasons.append(Reason(code="version.quarantined", subject=reference, message=message))
    elif state is not None and state.quarantined_digests and digest.algorithm != "sha256":
        message = f"{digest} cannot be compared with the sha256 digests that are quarantined"
        reasons.append(Reason(code="version.unorderable", subject=reference, message=message))
    return outcome_of(reasons)
