"""The comparison of what is ordered: the policy's rule in the ledger's terms, asked of `versions.rules`.

* that there was nothing to compare with is said, and so is that a name alone picks the scope
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.checks.version.compared import Compared
from verifier.checks.version.relabelled import relabelled
from verifier.checks.version.rules import version_rules
from verifier.core.errors import Refused
from verifier.core.outcome import Reason, outcome_of
from verifier.core.value import replace
from verifier.ledger.view import View
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom, VersionRule
from verifier.versions.candidate import Candidate
from verifier.versions.rules import judge_version

if TYPE_CHECKING:
    from verifier.versions.state import Floor


def compare_ordered(
    candidate: Candidate,
    rule: ArtifactRule,
    source: VersionFrom,
    said: View | Refused,
    *,
    reference: str,
    now: datetime,
    elsewhere: bool,
) -> Compared:
    """Judge `candidate` against what the ledger `said`; see `checks.version.compare.compare`."""
    rules, state, seen = version_rules(rule, source), None, None
    if isinstance(said, Refused) or (elsewhere and not said.consulted):
        # What nobody could ask about is no first use, nor is what was compared with something else.
        rules = replace(rules, first_use="allow")
    if not isinstance(said, Refused):
        state, seen = said.state, said.max_time_seen
    decision = judge_version(state, candidate, rules, now=now, max_time_seen=seen)
    reasons = decision.reasons
    if not isinstance(said, Refused) and said.state is not None:
        reasons = (*reasons, *relabelled(candidate.version, candidate.scheme, candidate.digest, said))
    floors = (rules.floor, state.floor if state is not None else None)
    told = tuple(_told(candidate, rule, said, floors, reference=reference, elsewhere=elsewhere))
    # What is denied is no use, and so no first one.
    reasons = (*reasons, *(each for each in told if not (reasons and each.code == "version.first-use")))
    bounded = (state is not None and state.mark is not None) or any(floor is not None for floor in floors)
    return Compared(outcome=outcome_of(reasons), decision=decision, bounded=bounded)


def _told(
    candidate: Candidate,
    rule: ArtifactRule,
    said: View | Refused,
    floors: tuple[str | Floor | None, ...],
    *,
    reference: str,
    elsewhere: bool,
) -> Iterator[Reason]:
    """What the comparison did not see, said aloud."""
    version = f"{candidate.version:.80}"
    if not isinstance(said, Refused) and not said.consulted:
        if not elsewhere:
            message = f"{version} was not compared with anything: no ledger was consulted"
            yield Reason(code="version.unchecked", subject=reference, message=message)
        return
    if VersionRule.of(rule).parts_unsaid(rule.pattern):
        message = f"{reference} is compared with what was accepted under this very name; {rule.pattern} has no scope"
        yield Reason(code="scope.each-name", subject=reference, message=message)
    if isinstance(said, Refused) or elsewhere or (said.state is not None and said.state.mark is not None):
        return
    lowest = " and ".join(str(floor) for floor in floors if floor is not None)
    compared = f"compared with the floor {lowest} alone" if lowest else "compared with nothing"
    message = f"nothing was accepted in this scope before: {version} was {compared}"
    yield Reason(code="version.first-use", subject=reference, message=message)
