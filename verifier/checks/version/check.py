"""Version: does the artifact state one, where one is wanted, that a ledger could be asked about?

* an artifact without a version where one is wanted is denied, and so is one of which no sha256 is known
* whether the version may follow what a ledger has accepted is `checks.version.compare`
"""

from __future__ import annotations

from verifier.core.outcome import NotApplicable, Outcome, Passed, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.trust.sections.version import VersionFrom, VersionRule

NAME = "version"


def check(inspection: Inspection) -> Outcome:
    """Judge what the artifact says of its version."""
    source, artifact = VersionRule.of(inspection.rule).order, inspection.artifact
    if not isinstance(source, VersionFrom):
        return NotApplicable(why="nothing is ordered")
    if artifact.digest.algorithm != "sha256":
        message = f"only {artifact.digest} is known of it, and a ledger knows content by its sha256"
        return outcome_of([Reason(code="version.unorderable", subject=artifact.reference, message=message)])
    if inspection.candidate is None:
        message = f"{source.source} of {artifact.reference} is empty or absent"
        return outcome_of([Reason(code="version.missing", subject=artifact.reference, message=message)])
    return Passed()
