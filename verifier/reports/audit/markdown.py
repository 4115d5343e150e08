"""An audit as Markdown, for the summary of a job or an issue.

* the answer, the numbers and the database come first, so that what is cut is never one of them
* every text of a stranger is a code span (`reports.media.escaping`): no mention, link, markup or row comes out of it
* it is never larger than GitHub takes: then rows are left out, the least severe ones, and how many is said

Source: GitHub Flavored Markdown; formats/audit.md section 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.tally import (
    WORDS,
    Tally,
    database_lines,
    excuse_text,
    fix_text,
    headline,
    numbers,
    place_of,
    place_text,
    primary,
    severity_text,
    tally_of,
    to_the_second,
)
from verifier.reports.media import tables
from verifier.reports.media.escaping import cell
from verifier.reports.media.tables import MAX_SUMMARY, REASONS, Section, row
from verifier.reports.table import PLAIN, Screen

_MARK: Final = {"clean": "✅", "vulnerable": "❌", "undecided": "❓"}
_FINDINGS: Final = ("Package", "Version", "Vulnerability", "Severity", "Fixed by", "Where", "What")


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """The whole report, at most `MAX_SUMMARY` bytes of UTF-8, ending in a newline."""
    return bounded(result, MAX_SUMMARY)


def bounded(result: AuditResult, most: int) -> str:
    """The report in at most so many bytes of UTF-8."""
    tally = tally_of(result)
    heading = f"### {_MARK[result.outcome]} {WORDS[result.outcome]}: {headline(result, tally)}"
    return tables.bounded([heading, "", *_facts(result, tally)], _sections(result, tally), most)


def _facts(result: AuditResult, tally: Tally) -> Iterator[str]:
    if result.outcome == "undecided":
        yield "**Nobody knows whether this is fine.** Repeat the audit once what is missing is there."
        yield ""
    yield f"- {numbers(tally)}"
    for number, line in enumerate(database_lines(result)):
        yield f"- {'database ' if not number else ''}{cell(line)}"
    threshold = "" if result.fail_on == "none" else f", failing from severity {result.fail_on} on, and on unknown ones"
    shown = ", ".join(cell(each) for each in result.targets[:10]) or "none"
    more = f" and {len(result.targets) - 10:,} more" if len(result.targets) > 10 else ""
    yield f"- audited {shown}{more}, judged at {to_the_second(result.now)}{threshold}"
    if result.compared:
        new = sum(each.novelty == "new" for each in result.findings)
        yield f"- since the previous report: {new:,} new, {len(result.gone):,} gone"


def _sections(result: AuditResult, tally: Tally) -> Iterator[Section]:
    errors, packages = (*tally.errors, *tally.faults), (*tally.unknown, *tally.unclear, *tally.accepted)
    yield Section("Errors", REASONS, list(map(_of_reason, errors)))
    yield Section("Known vulnerabilities", _FINDINGS, list(map(_of_finding, tally.counting)))
    undecided = "Undecided: nobody can say whether these apply"
    yield Section(undecided, _FINDINGS, list(map(_of_finding, tally.undecided)))
    heads = ("Package", "Version", "State", "Where", "Why")
    yield Section("Unknown or undecided packages", heads, list(map(_of_package, packages)))
    yield Section("Below the threshold", _FINDINGS, list(map(_of_finding, tally.below)))
    yield Section("Accepted, and still there", _FINDINGS, list(map(_of_finding, tally.suppressed)))
    gone = [row(map(cell, each)) for each in sorted(result.gone)]
    yield Section("Gone since the previous report", ("Vulnerability", "Package"), gone)
    yield Section("Warnings", REASONS, list(map(_of_reason, tally.warnings)))


def _of_finding(finding: Finding) -> str:
    package = finding.package
    others = f" ({', '.join(map(cell, finding.ids[1:6]))})" if len(finding.ids) > 1 else ""
    new = "**NEW** " if finding.novelty == "new" else ""
    fix = cell(finding.minimal_fix) if finding.minimal_fix else fix_text(finding)
    said = [each for each in (finding.summary, finding.why, excuse_text(finding)) if each]
    names = (cell(package.shown_name), cell(package.version or ""), f"{new}{cell(primary(finding))}{others}")
    return row((*names, severity_text(finding), fix, cell(place_text(place_of(package))), " ".join(map(cell, said))))


def _of_package(each: AuditedPackage) -> str:
    package = each.package
    why = f"{cell(each.why)} accepted by {cell(each.accepted)}" if each.accepted else cell(each.why)
    return row(
        (cell(package.shown_name), cell(package.version or ""), each.status, cell(place_text(place_of(package))), why)
    )


def _of_reason(reason: Reason) -> str:
    return row((f"`{reason.code}`", cell(reason.subject), cell(reason.message), cell(reason.hint)))
