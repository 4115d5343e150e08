"""What is weak about a policy, each with the place to change.

* a weakness never changes a decision: whoever reads the list does
* what can never be accepted under the policy is a weakness as well, for somebody will loosen it in a hurry
* the time is the caller's: keys that have expired or soon will are named before they stop a release
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from verifier.core.value import Value
from verifier.trust.evaluate import unevaluated
from verifier.trust.kinds import kind_in, kinds_with
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.table import SECTIONS
from verifier.trust.tables import limits, signers, sigstore


class Weakness(Value):
    """One finding: the table of the policy that it is about, and what is weak about it."""

    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


def weaknesses(policy: TrustPolicy, now: datetime) -> list[Weakness]:
    """Everything that is weak about `policy` at `now`, in the order of the file."""
    return [Weakness(subject=subject, message=message) for subject, message in _all(policy, now)]


def _all(policy: TrustPolicy, now: datetime) -> Iterator[tuple[str, str]]:
    if not policy.artifacts:
        yield "artifacts", "no rule at all: every artifact is denied"
    yield from signers.weaknesses(policy, now)
    yield from sigstore.weaknesses(policy)
    for rule in policy.artifacts:
        for message in _rule_findings(rule, policy, now):
            yield f'artifacts."{rule.pattern}"', message
    yield from limits.weaknesses(policy.limits)


def _rule_findings(rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
    if rule.pattern.endswith(":*"):
        yield "matches every name of its kind, also those that nobody has thought of"
    for row in SECTIONS:
        if kind_in(rule.pattern) in kinds_with(row.name):
            yield from row.load().weaknesses(rule, policy, now)
    for name in unevaluated(rule):
        yield f"{name} cannot be judged by this release: everything is denied"
