"""What a bundle has been through: kept for people and metrics, never asked in order to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.core.verdict import Verdict


class Incident(Value):
    """Something that was refused, or could not be had."""

    time: datetime
    correlation_id: str
    reasons: tuple[Reason, ...]
    digest: Digest | None = None
    version: str | None = None

    def is_like(self, other: Incident | None) -> bool:
        """Whether the same was refused before, for the same."""
        return other is not None and (self.digest, self.codes) == (other.digest, other.codes)

    @property
    def codes(self) -> tuple[str, ...]:
        """Why, in short."""
        return tuple(reason.code for reason in self.reasons)

    @classmethod
    def of(cls, verdict: Verdict, time: datetime) -> Incident:
        """A refusal."""
        return cls(
            time=time,
            correlation_id=verdict.correlation_id,
            reasons=tuple(reason for reason in verdict.reasons if reason.is_error),
            digest=verdict.subject.digest,
            version=verdict.subject.version,
        )


@dataclass(kw_only=True, slots=True)
class History:
    """The newest of each; `failures` counts those in a row, `refusing` is whether upstream has what is refused, and
    `repeats` how often it was found to have the same still since that was told."""

    contacted_at: datetime | None = None
    accepted_at: datetime | None = None
    failures: int = 0
    refusing: bool = False
    repeats: int = 0
    last_failure: Incident | None = None
    last_refusal: Incident | None = None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why nothing newer came: of the refusal where there is one now, else of the failure."""
        if self.refusing and self.last_refusal:
            return self.last_refusal.reasons
        return self.last_failure.reasons if self.failures and self.last_failure else ()
