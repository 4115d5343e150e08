"""The comparison of what is ordered: the policy's rule in the ledger's terms, asked of `versions.rules`."""

from __future__ import annotations

from datetime import datetime

from verifier.checks.version.compared import Compared
from verifier.checks.version.relabelled import relabelled
from verifier.checks.version.rules import version_rules
from verifier.core.errors import Refused
from verifier.core.outcome import Reason, outcome_of
from verifier.core.value import replace
from verifier.ledger.view import View
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom
from verifier.versions.candidate import Candidate
from verifier.versions.rules import judge_version


def compare_ordered(
    candidate: Candidate,
    rule: ArtifactRule,
    source: VersionFrom,
    said: View | Refused,
    *,
    reference: str,
    now: datetime,
) -> Compared:
    """Judge `candidate` against what the ledger `said`; see `checks.version.compare.compare`."""
    rules, state, seen = version_rules(rule, source), None, None
    if isinstance(said, Refused):
        # What nobody could ask about is no first use.
        rules = replace(rules, first_use="allow")
    else:
        state, seen = said.state, said.max_time_seen
    decision = judge_version(state, candidate, rules, now=now, max_time_seen=seen)
    reasons = decision.reasons
    if not isinstance(said, Refused) and said.state is not None:
        reasons = (*reasons, *relabelled(candidate.version, candidate.scheme, candidate.digest, said))
    if not (isinstance(said, Refused) or said.consulted):
        message = f"{candidate.version} was not compared with anything: no ledger was consulted"
        reasons = (*reasons, Reason(code="version.unchecked", subject=reference, message=message))
    return Compared(outcome=outcome_of(reasons), decision=decision)
