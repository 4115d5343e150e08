"""What is said of packages and findings, each with what was seen and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.audit.question import Question
from verifier.core.outcome import Reason
from verifier.formats.audit.result import AuditedPackage, Finding

_MOST_IDS = 3


def said_of(question: Question, packages: Sequence[AuditedPackage], findings: Sequence[Finding]) -> Iterator[Reason]:
    """A reason for every finding and every package of which nobody could say anything."""
    if all(each.accepted for each in packages) and not question.unread:
        message = "nobody was asked about any package there" if packages else "no package is listed there"
        yield Reason(
            code="input.empty",
            subject=", ".join(question.targets),
            message=f"{message}; an audit of nothing is not fine",
        )
    yield from map(finding_said, findings)
    yield from (note for each in findings for note in each.notes)
    for each in packages:
        if each.status == "unknown":
            yield unknown_said(each)


def finding_said(finding: Finding) -> Reason:
    """What is said of one finding."""
    purl = finding.package.purl
    ids = ", ".join(finding.ids[:_MOST_IDS]) + (
        f" and {len(finding.ids) - _MOST_IDS} more" if len(finding.ids) > _MOST_IDS else ""
    )
    if finding.suppressed:
        return Reason(code="vulnerability.accepted", subject=purl, message=f"{ids}: {_excused(finding)}")
    if finding.status == "undecided":
        return Reason(code="vulnerability.undecided", subject=purl, message=f"{ids}: {finding.why}")
    fix = f"fixed in {finding.minimal_fix}" if finding.minimal_fix is not None else "no fixed version is known"
    message = f"{ids}: severity {finding.rating.severity}; {fix}"
    if not finding.counts:
        return Reason(code="vulnerability.accepted", subject=purl, message=f"{message}; below the threshold")
    return Reason(code="vulnerability.known", subject=purl, message=message)


def _excused(finding: Finding) -> str:
    excuse = finding.excuse
    if excuse is None:
        raise TypeError("asked of a finding that is excused")
    end = f" until {excuse.expires:%Y-%m-%d}" if excuse.expires is not None else ""
    return f"{excuse.status} by {excuse.where}{end}"


def unknown_said(each: AuditedPackage) -> Reason:
    """What is said of a package of which nobody knows anything."""
    message = f"{each.why}; accepted by {each.accepted}" if each.accepted else each.why
    reason = Reason(code="vulnerability.unknown-dependency", subject=each.package.purl, message=message)
    return reason.as_warning() if each.accepted else reason
