"""An audit as annotations: commands to the runner of GitHub's workflows.

* the most severe ones come first: GitHub shows ten of a level (`reports.media.annotations`)
* one that is undecided has an error that says so, and a clean one a notice with the numbers

Source: formats/audit.md section 10.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.outcome import Reason
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.tally import (
    WORDS,
    Tally,
    database_lines,
    details,
    headline,
    numbers,
    place_of,
    primary,
    reason_place,
    tally_of,
)
from verifier.reports.media.annotations import Annotation, command, shown
from verifier.reports.table import PLAIN, Screen


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """Commands, one a line, ending in a newline."""
    tally = tally_of(result)
    lines = [*shown("error", list(_errors(result, tally))), *shown("warning", list(_warnings(tally)))]
    text = "\n".join([f"{WORDS[result.outcome]}: {headline(result, tally)}", numbers(tally), *database_lines(result)])
    return "\n".join([*lines, command("notice", Annotation("Dependency audit", text))]) + "\n"


def _errors(result: AuditResult, tally: Tally) -> Iterator[Annotation]:
    if result.outcome == "undecided":
        yield Annotation("Dependency audit: nobody can say", headline(result, tally))
    for reason in tally.errors:
        yield _of_reason(tally, reason)
    for finding in tally.counting:
        yield _of_finding(finding)
    for finding in tally.undecided:
        yield _of_finding(finding)
    for reason in tally.faults:
        yield _of_reason(tally, reason)
    for each in (*tally.unclear, *tally.unknown):
        yield _of_package(each)


def _warnings(tally: Tally) -> Iterator[Annotation]:
    for finding in (*tally.suppressed, *tally.below):
        yield _of_finding(finding)
    for each in tally.accepted:
        yield _of_package(each)
    for reason in tally.warnings:
        yield _of_reason(tally, reason)


def _of_finding(finding: Finding) -> Annotation:
    package, rating = finding.package, finding.rating
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    state = ", undecided" if finding.status == "undecided" else ", accepted" if finding.suppressed else ""
    return Annotation(
        f"{primary(finding)} in {name} ({rating.severity}{state})", "\n".join(details(finding)), *place_of(package)[:2]
    )


def _of_package(each: AuditedPackage) -> Annotation:
    package = each.package
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    accepted = f"\nAccepted by {each.accepted}." if each.accepted else ""
    return Annotation(f"{name} is {each.status}", f"Nobody can say: {each.why}.{accepted}", *place_of(package)[:2])


def _of_reason(tally: Tally, reason: Reason) -> Annotation:
    text = f"{reason.subject}: {reason.message}\n{reason.hint}"
    return Annotation(reason.code, text, *reason_place(tally, reason)[:2])
