"""Known vulnerabilities: was somebody asked about everything in it, and is what was found accepted?

What is asked is judged where packages, records and scans are read (`engine.vulnerabilities.judging`); without a rule
about it nothing is.
"""

from __future__ import annotations

from verifier.core.outcome import NotApplicable, Outcome, outcome_of
from verifier.evidence.inspection import Inspection

NAME = "vulnerabilities"


def check(inspection: Inspection) -> Outcome:
    """What was found of the artifact's known vulnerabilities."""
    if inspection.vulnerabilities is None:
        return NotApplicable(why="the rule does not ask about known vulnerabilities, or nobody has signed the artifact")
    return outcome_of(inspection.vulnerabilities.reasons)
