"""Bills of materials: is there one that counts, is it true, and is it good enough?

What is asked of it is judged where its documents are read (`engine.sboms.boms`); without a rule about it nothing is.
"""

from __future__ import annotations

from verifier.core.outcome import NotApplicable, Outcome, outcome_of
from verifier.evidence.inspection import Inspection

NAME = "sbom"


def check(inspection: Inspection) -> Outcome:
    """What was found of the artifact's SBOMs."""
    if inspection.sbom is None:
        return NotApplicable(why="the rule asks for no SBOM, or nobody has signed the artifact")
    return outcome_of(inspection.sbom.reasons)
