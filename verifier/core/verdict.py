"""The verdict: the one place where outcomes become a decision.

* `Verdict.of` alone makes one, from all outcomes; nobody else decides
* a verdict that contradicts itself cannot be made: PASSED beside an error, FAILED without one, PASSED at level FAILED
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, assert_never

from verifier.core.digest import Digest
from verifier.core.outcome import Answer, CouldNotCheck, Failed, NotApplicable, Outcome, Passed, Reason, outcome_of
from verifier.core.severity import Severity
from verifier.core.value import Value, field, replace

if TYPE_CHECKING:
    from typing import ClassVar

MONOTONIC_LEVEL = "POLICY_VERIFIER_MONOTONIC"
"""A `verifiedLevels` value of ours: the version was above, or was, what is published; or it was above a mark or a
floor, and the ledger has recorded it. A first use, which is compared with nothing, has not this level."""

FAILED_LEVEL = "FAILED"
"""SLSA's `verifiedLevels` of what was denied."""

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


class Decision(StrEnum):
    """SLSA's `verificationResult`."""

    PASSED = "PASSED"
    FAILED = "FAILED"

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"the decision {self.value} is neither true nor false: compare it, or ask the verdict's `passed`"
        )


class Subject(Value):
    """What the verdict is about. `digest` is None only where the artifact could not be read at all. `index` is the
    digest of what an image was chosen from, which a ledger knows all its platforms by."""

    kind: str
    name: str
    resource_uri: str
    digest: Digest | None
    version: str | None = None
    epoch: int | None = None
    index: Digest | None = None


class EvidenceItem(Value):
    """One piece of evidence that was looked at: used or not, and proven by whom."""

    kind: str
    digest: Digest
    signer: str | None
    verified: bool
    time: datetime | None = None


class Input(Value):
    """One thing that was judged and that somebody else may keep: what it is called, and the digest of its bytes."""

    kind: str
    digest: Digest


class Part(Value):
    """One of the things that an artifact stands for, as an image of an index: what it is called, its digest, and in
    words how much of it was read."""

    name: str
    digest: Digest
    read: str


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


class Verdict(Answer):
    """A decision with everything that led to it. `Verdict.of` makes it.

    `rule_digest` is the SHA-256 of the effective rule (`trust.effective`), None where no rule applied. With the
    artifact, `inputs` and that rule, whoever keeps them can judge the artifact again. `expires_at` is the first moment
    after `time_verified` at which some of what a PASSED one rests on counts no longer, None where nothing of it ends.
    """

    asks: ClassVar[str] = "its `passed`"
    decision: Decision
    subject: Subject
    reasons: tuple[Reason, ...]
    policy: PolicyReference
    rule_digest: Digest | None = None
    time_verified: datetime
    correlation_id: str
    evidence: tuple[EvidenceItem, ...] = ()
    inputs: tuple[Input, ...] = ()
    parts: tuple[Part, ...] = ()
    levels: tuple[str, ...] = ()
    dependency_levels: Mapping[str, int] | None = None
    ledger: LedgerTrace | None = None
    verifier_id: str = ""
    verifier_version: Mapping[str, str] = field(default_factory=dict)
    duration_ms: int = 0
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.passed is any(reason.is_error for reason in self.reasons):
            raise ValueError(f"{self.decision.value} contradicts its reasons")
        if self.passed and FAILED_LEVEL in self.levels:
            raise ValueError("what has passed is not at the level FAILED")

    @classmethod
    def of(cls, outcomes: Iterable[Outcome], *, levels: tuple[str, ...] = (), **said: Any) -> Verdict:
        """Decide upon `outcomes`. `levels` are reached where it is PASSED; `said` are the other fields.

        No outcome at all is a failure of the caller, not a pass: raises `ValueError`.
        """
        decision, reasons = decide(outcomes)
        reached = levels if decision is Decision.PASSED else (FAILED_LEVEL,)
        return cls(decision=decision, reasons=reasons, levels=reached, **said)

    def with_warnings(self, warnings: Iterable[Reason]) -> Verdict:
        """The same decision with more to say of it; `ValueError` for errors, which would be another decision."""
        _, reasons = decide((outcome_of(self.reasons), Passed(reasons=tuple(warnings))))
        return replace(self, reasons=reasons)

    @property
    def passed(self) -> bool:
        """Whether the artifact may be used."""
        return self.decision is Decision.PASSED

    @property
    def undecided(self) -> bool:
        """FAILED only because something could not be decided: nothing that was seen is wrong."""
        errors = [reason for reason in self.reasons if reason.is_error]
        return not self.passed and all(reason.is_undecided for reason in errors)


def inputs_of(items: Iterable[EvidenceItem]) -> tuple[Input, ...]:
    """What these items say was judged, each once."""
    return tuple(dict.fromkeys(Input(kind=each.kind, digest=each.digest) for each in items))


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
    in_order = tuple(sorted(reasons, key=lambda reason: _WEIGHT[reason.severity]))
    return decision, in_order if decision is Decision.PASSED else _folded(in_order)


def _folded(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    from verifier.core.reasons.folding import fold  # noqa: PLC0415 - only what was denied has anything to fold

    return fold(reasons)
