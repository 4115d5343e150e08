"""The organisation's own rules: what they said, as an outcome.

* each member of a `deny` set is one reason; a rule can only deny
* rules that could not be evaluated leave the release undecided
* a module that could not be analysed leaves it undecided: the rules would judge it by what they cannot see
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.core.errors import Refused
from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.core.rego import ModuleAnalysis
from verifier.rego.interface import OrganisationDenial


def check_organisation(
    answer: Sequence[OrganisationDenial] | Refused, *, analyses: Sequence[ModuleAnalysis]
) -> Outcome:
    """Judge what `RegoEngine.evaluate` returned, or the `Refused` that it raised; `analyses` are the artifact's."""
    reasons = [_unanalysed(analysis) for analysis in analyses if analysis.problem]
    if isinstance(answer, Refused):
        return outcome_of([*answer.reasons, *reasons])
    return outcome_of([*map(_denied, answer), *reasons])


def _denied(denial: OrganisationDenial) -> Reason:
    return Reason(code="organisation.denied", subject=denial.path, message=f"{denial.rule}: {denial.message}")


def _unanalysed(analysis: ModuleAnalysis) -> Reason:
    message = f"module {analysis.path} {analysis.problem}, so the rules cannot see what it does"
    return Reason(code="organisation.unevaluated", subject=analysis.path, message=message, hint=analysis.hint)
