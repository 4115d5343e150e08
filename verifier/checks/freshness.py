"""Freshness of what is not ordered: the signed time is judged even where there is no version to judge it with.

* the signed time is the one since which as many signers have signed as the rule asks for
* a signed time older than the policy's `freshness` denies, and so does none where one is asked for
* a signed time in the future denies whatever the policy says; a clock behind what a ledger has seen is told by
  `checks.version.compare`
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from verifier.core.clock import CLOCK_SKEW, format_duration, format_rfc3339
from verifier.core.outcome import NotApplicable, Outcome, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.trust.evaluate import freshness_of
from verifier.trust.sections.version import VersionFrom, VersionRule

NAME = "freshness"


def check(inspection: Inspection) -> Outcome:
    """Judge the signed time alone; where a version is ordered, the ledger's rules judge both together."""
    evidence = inspection.evidence
    if isinstance(VersionRule.of(inspection.rule).order, VersionFrom):
        if evidence.newest_time == evidence.signed_time:
            return NotApplicable(why="judged together with the version")
        return outcome_of(list(_ahead(inspection, evidence.newest_time)))
    return outcome_of([*_reasons(inspection), *_ahead(inspection, evidence.newest_time)])


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


def _ahead(inspection: Inspection, newest: datetime | None) -> Iterator[Reason]:
    """That a signer states a time to come, however many state another one."""
    now = inspection.now
    if newest is not None and newest - now > CLOCK_SKEW:
        message = f"now is {format_rfc3339(now)}, the signer states {format_rfc3339(newest)}"
        yield Reason(code="clock.skew", subject=inspection.artifact.reference, message=message)
