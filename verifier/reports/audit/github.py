"""An audit as annotations: commands to the runner of GitHub's workflows.

* GitHub shows ten errors and ten warnings of a step: the most severe ones; the others are counted in the last of them
* every text is escaped for the command that it stands in, so that it ends none and begins none
* one that is undecided has an error that says so, and a clean one a notice with the numbers

Source: https://docs.github.com/actions, "Workflow commands"; formats/audit.md section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from verifier.core.outcome import Reason
from verifier.formats.audit.package import Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.escaping import command_data, command_property
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
from verifier.reports.table import PLAIN, Screen

MOST_SHOWN: Final = 10
"""Annotations of one level that a step shows."""


class _Annotation(NamedTuple):
    title: str
    text: str
    place: Place = Place("")


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """Commands, one a line, ending in a newline."""
    tally = tally_of(result)
    lines = [*_shown("error", list(_errors(result, tally))), *_shown("warning", list(_warnings(tally)))]
    text = "\n".join([f"{WORDS[result.outcome]}: {headline(result, tally)}", numbers(tally), *database_lines(result)])
    return "\n".join([*lines, _command("notice", _Annotation("Dependency audit", text))]) + "\n"


def _shown(level: str, found: Sequence[_Annotation]) -> Iterator[str]:
    kept = found if len(found) <= MOST_SHOWN else found[: MOST_SHOWN - 1]
    for each in kept:
        yield _command(level, each)
    if left := found[len(kept) :]:
        text = f"{len(left):,} more are not shown here: the job summary (--format markdown) and --format json have all."
        yield _command(level, _Annotation(f"and {len(left):,} more", text))


def _command(level: str, said: _Annotation) -> str:
    properties = [("title", said.title)]
    if said.place.file:
        properties = [("file", said.place.file), ("line", str(max(1, said.place.line))), *properties]
    written = ",".join(f"{name}={command_property(value)}" for name, value in properties)
    return f"::{level} {written}::{command_data(said.text)}"


def _errors(result: AuditResult, tally: Tally) -> Iterator[_Annotation]:
    if result.outcome == "undecided":
        yield _Annotation("Dependency audit: nobody can say", headline(result, tally))
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


def _warnings(tally: Tally) -> Iterator[_Annotation]:
    for finding in (*tally.suppressed, *tally.below):
        yield _of_finding(finding)
    for each in tally.accepted:
        yield _of_package(each)
    for reason in tally.warnings:
        yield _of_reason(tally, reason)


def _of_finding(finding: Finding) -> _Annotation:
    package, rating = finding.package, finding.rating
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    state = ", undecided" if finding.status == "undecided" else ", accepted" if finding.suppressed else ""
    return _Annotation(
        f"{primary(finding)} in {name} ({rating.severity}{state})", "\n".join(details(finding)), place_of(package)
    )


def _of_package(each: AuditedPackage) -> _Annotation:
    package = each.package
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    accepted = f"\nAccepted by {each.accepted}." if each.accepted else ""
    return _Annotation(f"{name} is {each.status}", f"Nobody can say: {each.why}.{accepted}", place_of(package))


def _of_reason(tally: Tally, reason: Reason) -> _Annotation:
    text = f"{reason.subject}: {reason.message}\n{reason.hint}"
    return _Annotation(reason.code, text, reason_place(tally, reason))
