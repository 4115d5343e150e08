"""Freshness of what is not ordered: the signed time is judged even where there is no version to judge it with.

* a signed time older than the policy's `freshness` denies, and so does none where one is asked for
* a signed time in the future denies whatever the policy says; a clock behind what a ledger has seen is told by
  `checks.version.compare`
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.clock import CLOCK_SKEW, format_duration, format_rfc3339
from verifier.core.outcome import NotApplicable, Outcome, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.trust.evaluate import freshness_of
from verifier.trust.sections.version import VersionFrom, VersionRule

NAME = "freshness"


def check(inspection: Inspection) -> Outcome:
    """Judge the newest signed time alone; where a version is ordered, the ledger's rules judge both together."""
    if isinstance(VersionRule.of(inspection.rule).order, VersionFrom):
        return NotApplicable(why="judged together with the version")
    return outcome_of(list(_reasons(inspection)))


def _reasons(inspection: Inspection) -> Iterator[Reason]:
    subject, now = inspection.artifact.reference, inspection.now
    signed, longest = inspection.evidence.signed_time, freshness_of(inspection.rule)
    if longest is not None and signed is None:
        message = "the policy asks for freshness and no signer states a time"
        yield Reason(code="freshness.no-signed-time", subject=subject, message=message)
    if longest is not None and signed is not None and now - signed > longest:
        age = f"more than {format_duration(longest)} before {format_rfc3339(now)}"
        message = f"signed at {format_rfc3339(signed)}, which is {age}"
        yield Reason(code="freshness.expired", subject=subject, message=message)
    if signed is not None and signed - now > CLOCK_SKEW:
        message = f"now is {format_rfc3339(now)}, the signer states {format_rfc3339(signed)}"
        yield Reason(code="clock.skew", subject=subject, message=message)
