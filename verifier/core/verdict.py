"""The verdict: the one place where outcomes become a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from verifier.core.digest import Digest
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Outcome, Passed, Reason
from verifier.core.severity import Severity
from verifier.core.value import Value, field

MONOTONIC_LEVEL = "POLICY_VERIFIER_MONOTONIC"
"""A `verifiedLevels` value of ours: the version was compared with a ledger, and is recorded in it."""

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


class Decision(StrEnum):
    """SLSA's `verificationResult`."""

    PASSED = "PASSED"
    FAILED = "FAILED"


class Subject(Value):
    """What the verdict is about. `digest` is None only where the artifact could not be read at all."""

    kind: str
    name: str
    resource_uri: str
    digest: Digest | None
    version: str | None = None
    epoch: int | None = None


class EvidenceItem(Value):
    """One piece of evidence that was looked at: used or not, and proven by whom."""

    kind: str
    digest: Digest
    signer: str | None
    verified: bool
    time: datetime | None = None


class PolicyReference(Value):
    """The trust policy in force: its `id` and the SHA-256 of its bytes."""

    uri: str
    digest: Digest


class LedgerTrace(Value):
    """Where the ledger stood before and after; versions as `epoch:version`, None for a scope never seen."""

    url: str
    scope: str
    before: str | None
    after: str | None
    recorded: bool


class Settlement(Value):
    """What became of a decision: the decision that stands, what recording adds to its reasons, and the trace."""

    decision: Decision
    reasons: tuple[Reason, ...] = ()
    trace: LedgerTrace | None = None


class Verdict(Value):
    """A decision with everything that led to it. Build it with `Verdict.of`, which alone decides."""

    decision: Decision
    subject: Subject
    reasons: tuple[Reason, ...]
    policy: PolicyReference
    time_verified: datetime
    correlation_id: str
    evidence: tuple[EvidenceItem, ...] = ()
    levels: tuple[str, ...] = ()
    dependency_levels: Mapping[str, int] | None = None
    ledger: LedgerTrace | None = None
    verifier_id: str = ""
    verifier_version: Mapping[str, str] = field(default_factory=dict)
    duration_ms: int = 0

    @property
    def passed(self) -> bool:
        """Whether the artifact may be used."""
        return self.decision is Decision.PASSED

    @property
    def undecided(self) -> bool:
        """FAILED only because something could not be decided: nothing that was seen is wrong."""
        errors = [reason for reason in self.reasons if reason.is_error]
        return not self.passed and all(reason.is_undecided for reason in errors)


def decide(outcomes: Iterable[Outcome]) -> tuple[Decision, tuple[Reason, ...]]:
    """Turn outcomes into a decision and the reasons in order: errors first, equal ones once.

    No outcome at all is a failure of the caller, not a pass: raises `ValueError`.
    """
    reasons: dict[Reason, None] = {}
    decision = Decision.PASSED
    seen = False
    for outcome in outcomes:
        seen = True
        match outcome:
            case Passed():
                reasons.update(dict.fromkeys(outcome.reasons))
            case NotApplicable():
                pass
            case Failed() | CouldNotCheck():
                decision = Decision.FAILED
                reasons.update(dict.fromkeys(outcome.reasons))
            case _:
                assert_never(outcome)
    if not seen:
        raise ValueError("a verdict needs at least one outcome")
    return decision, tuple(sorted(reasons, key=lambda reason: _WEIGHT[reason.severity]))
