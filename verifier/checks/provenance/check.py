"""Provenance: was the artifact built as its rule demands? The demands are `checks.provenance.steps`.

* a rule that asks for no provenance judges none
* a level is established only by a provenance that satisfies the rule by itself
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from verifier.core.outcome import NotApplicable, Outcome, Passed
from verifier.evidence.inspection import Inspection
from verifier.trust.evaluate import provenance_of

if TYPE_CHECKING:
    from verifier.evidence.attested import ProvenProvenance
    from verifier.trust.sections.provenance import ProvenanceRule

NAME = "provenance"


def check(inspection: Inspection) -> Outcome:
    """Judge all provenance that was proven against the rule's demand for it."""
    rule = provenance_of(inspection.rule)
    if rule is None:
        return NotApplicable(why="the rule asks for no provenance")
    return _judge(inspection, inspection.evidence.provenances, rule)


def established_level(inspection: Inspection) -> int | None:
    """The highest level of a provenance that satisfies the rule by itself, None where the rule asks for none."""
    rule = provenance_of(inspection.rule)
    if rule is None:
        return None
    from verifier.checks.provenance.steps import build_level  # noqa: PLC0415 - only where a rule asks

    levels = [
        build_level(each, inspection.builders)
        for each in inspection.evidence.provenances
        if isinstance(_judge(inspection, [each], rule), Passed)
    ]
    return max(levels, default=None)


def _judge(inspection: Inspection, proven: Sequence[ProvenProvenance], rule: ProvenanceRule) -> Outcome:
    from verifier.checks.provenance.steps import check_provenance  # noqa: PLC0415 - only where a rule asks

    artifact = inspection.artifact
    return check_provenance(
        proven,
        rule,
        inspection.builders,
        digest=artifact.digest,
        called=tuple(each.called() for each in artifact.meant()),
        subject=artifact.reference,
    )
