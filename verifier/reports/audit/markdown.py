"""An audit as Markdown, for the summary of a job or an issue.

* the answer, the numbers and the database come first, so that what is cut is never one of them
* every text of a stranger is a code span (`reports.audit.escaping`): no mention, link, markup or row comes out of it
* it is never larger than GitHub takes: then rows are left out, the least severe ones, and how many is said

Source: GitHub Flavored Markdown; formats/audit.md section 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.escaping import cell
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
from verifier.reports.table import PLAIN, Screen

MAX_SUMMARY: Final = 1_048_576
"""Bytes that GitHub takes as the summary of a step."""
_MARK: Final = {"clean": "✅", "vulnerable": "❌", "undecided": "❓"}
_ROOM: Final = 2_048
"""Bytes that are kept for the sentence that says what was cut, and the ends of sections."""
_NONE: Final = "–"


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """The whole report, at most `MAX_SUMMARY` bytes of UTF-8, ending in a newline."""
    return bounded(result, MAX_SUMMARY)


def bounded(result: AuditResult, most: int) -> str:
    """The report in at most so many bytes of UTF-8."""
    tally = tally_of(result)
    lines = [
        f"### {_MARK[result.outcome]} {WORDS[result.outcome]}: {headline(result, tally)}",
        "",
        *_facts(result, tally),
    ]
    room = most - _ROOM - _size(lines)
    left_out = 0
    for title, heads, rows in _sections(result, tally):
        opening = ["", f"#### {title}: {len(rows):,}", "", _row(heads), _row(["---"] * len(heads))]
        if _size(opening) > room:
            left_out += len(rows)
            continue
        room -= _size(opening)
        kept = 0
        for row in rows:
            room -= len(row.encode()) + 1
            if room < 0:
                break
            kept += 1
        lines += [*opening, *rows[:kept]]
        left_out += len(rows) - kept
        room = 0 if kept < len(rows) else room
    if left_out:
        lines += ["", f"**{left_out:,} rows are left out**: more does not fit into a summary. `--format json` has all."]
    return "\n".join(lines) + "\n"


def _size(lines: Sequence[str]) -> int:
    return sum(len(each.encode()) + 1 for each in lines)


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


def _sections(result: AuditResult, tally: Tally) -> Iterator[tuple[str, Sequence[str], list[str]]]:
    """Title, headings and rows of every table that is not empty."""
    heads = ("Package", "Version", "Vulnerability", "Severity", "Fixed by", "Where", "What")
    groups = (
        ("Known vulnerabilities", tally.counting),
        ("Undecided: nobody can say whether these apply", tally.undecided),
        ("Below the threshold", tally.below),
        ("Accepted, and still there", tally.suppressed),
    )
    sections: list[tuple[str, Sequence[str], list[str]]] = [
        (
            "Errors",
            ("Code", "About", "What", "What to do"),
            [_of_reason(each) for each in (*tally.errors, *tally.faults)],
        ),
        (groups[0][0], heads, [_of_finding(each) for each in groups[0][1]]),
        (groups[1][0], heads, [_of_finding(each) for each in groups[1][1]]),
        (
            "Unknown or undecided packages",
            ("Package", "Version", "State", "Where", "Why"),
            [_of_package(each) for each in (*tally.unknown, *tally.unclear, *tally.accepted)],
        ),
        (groups[2][0], heads, [_of_finding(each) for each in groups[2][1]]),
        (groups[3][0], heads, [_of_finding(each) for each in groups[3][1]]),
        (
            "Gone since the previous report",
            ("Vulnerability", "Package"),
            [_row(map(cell, each)) for each in sorted(result.gone)],
        ),
        ("Warnings", ("Code", "About", "What", "What to do"), [_of_reason(each) for each in tally.warnings]),
    ]
    yield from (each for each in sections if each[2])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(each or _NONE for each in cells)} |"


def _of_finding(finding: Finding) -> str:
    package = finding.package
    others = f" ({', '.join(map(cell, finding.ids[1:6]))})" if len(finding.ids) > 1 else ""
    new = "**NEW** " if finding.novelty == "new" else ""
    fix = cell(finding.minimal_fix) if finding.minimal_fix else fix_text(finding)
    said = [each for each in (finding.summary, finding.why, excuse_text(finding)) if each]
    names = (cell(package.shown_name), cell(package.version or ""), f"{new}{cell(primary(finding))}{others}")
    return _row((*names, severity_text(finding), fix, cell(place_text(place_of(package))), " ".join(map(cell, said))))


def _of_package(each: AuditedPackage) -> str:
    package = each.package
    why = f"{cell(each.why)} accepted by {cell(each.accepted)}" if each.accepted else cell(each.why)
    return _row(
        (cell(package.shown_name), cell(package.version or ""), each.status, cell(place_text(place_of(package))), why)
    )


def _of_reason(reason: Reason) -> str:
    return _row((f"`{reason.code}`", cell(reason.subject), cell(reason.message), cell(reason.hint)))
