"""An audit for a person at a terminal: the answer first, then the numbers, the findings, what nobody knows, what to do.

* a clean one is a few lines, and has the database's digest and date and how many packages have no record all the same
* nothing that counts is cut: what is listed in part says how many there are, and how to see the others
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.tally import (
    WORDS,
    Tally,
    by_why,
    counted,
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
from verifier.reports.media.columns import laid_out, width_of
from verifier.reports.media.escaping import plain
from verifier.reports.paint import Paint, painter
from verifier.reports.table import PLAIN, Screen

_OF_OUTCOME: Final = {"clean": "green", "vulnerable": "red", "undecided": "yellow"}
_OF_SEVERITY: Final = {"critical": "red", "unknown": "red", "high": "red", "medium": "yellow"}
_OF_REASON: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_LABEL: Final = 10
_NAMED_FIRST: Final = 5
"""Packages of a group that are named; the JSON report names all."""
_NARROW: Final = (0, 1, 4)
"""The columns of names and versions: ids and severities are never long."""
_ALL: Final = "--format json names all"


def render(result: AuditResult, screen: Screen = PLAIN, /) -> str:
    """The report, as wide as the screen where words allow, ending in a newline."""
    tally, page = tally_of(result), _Page(screen)
    page.answer(WORDS[result.outcome], _OF_OUTCOME[result.outcome], headline(result, tally))
    for label, text in _facts(result, tally):
        page.fact(label, text)
    _findings(page, "known vulnerabilities", tally.counting, compared=result.compared)
    _findings(page, "undecided: nobody can say whether these apply", tally.undecided, compared=result.compared)
    _findings(page, f"below the threshold ({result.fail_on})", tally.below, compared=result.compared)
    _reasons(page, tally.errors)
    _nobody_knows(page, tally)
    _reasons(page, (*tally.faults, *tally.warnings))
    _accepted(page, tally)
    _gone(page, result)
    _to_do(page, result, tally)
    return page.text()


def _facts(result: AuditResult, tally: Tally) -> Iterator[tuple[str, str]]:
    yield "targets", ", ".join(result.targets) or "none"
    digest, *said = database_lines(result)
    yield "database", " ".join([*said[:1], digest])
    for line in said[1:]:
        yield "", line
    yield "packages", numbers(tally)
    threshold = "" if result.fail_on == "none" else f", failing from severity {result.fail_on} on, and on unknown ones"
    yield "judged", f"{to_the_second(result.now)}{threshold}"


class _Page:
    """Lines as they come to stand on a screen."""

    def __init__(self, screen: Screen) -> None:
        self._lines: list[str] = []
        self.columns = screen.columns
        self.paint: Paint = painter(screen.colours)

    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines) + "\n"

    def line(self, *pieces: tuple[str, str]) -> None:
        """One line of texts, each with its colour or ""."""
        self._lines.append("".join(self.paint(text, colour) if colour else text for text, colour in pieces))

    def answer(self, word: str, colour: str, text: str) -> None:
        """The line that decides."""
        indent = len(word) + 2
        first, *others = self._wrapped(text, indent)
        self.line((word, colour), ("  ", ""), (first, "bold"))
        for each in others:
            self.line((" " * indent, ""), (each, "bold"))

    def heading(self, text: str) -> None:
        """A line that says what follows."""
        self._lines.append("")
        self.line((f"  {text}", "bold"))

    def fact(self, label: str, text: str) -> None:
        """A label, and beside it a text."""
        first, *others = self._wrapped(text, _LABEL + 2)
        self.line((f"  {label.ljust(_LABEL)}", "dim"), (first, ""))
        for each in others:
            self.line((self._before(each, _LABEL + 2), ""), (each, ""))

    def paragraph(self, text: str, *, indent: int = 4, first: str = "", colour: str = "") -> None:
        """A text, indented; `first` stands before it."""
        lines = self._wrapped(text, indent, width_of(first))
        self.line((" " * indent + first, ""), (lines[0], colour))
        for each in lines[1:]:
            self.line((self._before(each, indent), ""), (each, colour))

    def table(self, rows: Sequence[Sequence[str]], colours: Sequence[str], column: int) -> None:
        """Rows of cells, below a row of headings; of each but that, the cell in `column` has its colour."""
        for row, colour, cells in zip(
            rows, ("dim", *colours), laid_out(rows, self.columns, indent=4, narrow=_NARROW), strict=True
        ):
            line = ""
            for before, text in cells:
                if before < 0:
                    self._lines.append(line)
                    line = ""
                heading = colour == "dim"
                painted = text if not (heading or (colour and text == row[column])) else self.paint(text, colour)
                line += " " * abs(before) + painted
            self._lines.append(line)

    def _before(self, text: str, indent: int) -> str:
        # What is one long word stands further left, where it fits there.
        return " " * max(2, min(indent, self.columns - width_of(text)))

    def _wrapped(self, text: str, indent: int, already: int = 0) -> list[str]:
        # A digest, an id or a path stays in one piece, also where it is too long for the line: somebody copies it.
        lines: list[str] = []
        room = self.columns - indent
        for word in plain(text).split(" "):
            if lines and width_of(lines[-1]) + already + 1 + width_of(word) <= room:
                lines[-1] += f" {word}"
            else:
                already = 0 if lines else already
                lines.append(word)
        return lines


def _findings(page: _Page, title: str, findings: Sequence[Finding], *, compared: bool) -> None:
    if not findings:
        return
    page.heading(f"{title}: {len(findings):,}")
    rows: list[Sequence[str]] = [("PACKAGE", "VERSION", "ID", "SEVERITY", "FIXED BY", "")]
    rows += [_row(each, compared=compared) for each in findings]
    page.table(rows, [_OF_SEVERITY.get(each.rating.severity, "") for each in findings], 3)


def _row(finding: Finding, *, compared: bool) -> tuple[str, ...]:
    package = finding.package
    named = (package.shown_name, package.version or "", primary(finding))
    new = "NEW" if compared and finding.novelty == "new" else ""
    return (*(plain(each) for each in named), severity_text(finding), plain(fix_text(finding)), new)


def _nobody_knows(page: _Page, tally: Tally) -> None:
    said = {each.package.purl for each in tally.undecided}
    unclear = [each for each in tally.unclear if each.package.purl not in said]
    for title, packages in (
        ("unknown: nobody could be asked about these", tally.unknown),
        ("undecided: a record about these cannot be evaluated", unclear),
    ):
        if packages:
            page.heading(f"{title}: {len(packages):,}")
        for why, group in by_why(packages):
            page.paragraph(f"{counted(len(group), 'package')}: {why or 'no reason is given'}", colour="")
            page.paragraph(_named(group), indent=6)


def _named(group: Sequence[AuditedPackage]) -> str:
    names = [_where(each) for each in group[:_NAMED_FIRST]]
    more = len(group) - len(names)
    return ", ".join(names) + (f" and {more:,} more ({_ALL})" if more else "")


def _where(each: AuditedPackage) -> str:
    package, place = each.package, place_text(place_of(each.package))
    name = f"{package.shown_name} {package.version}" if package.version else package.shown_name
    return f"{name} ({place})" if place else name


def _reasons(page: _Page, reasons: Sequence[Reason]) -> None:
    groups: dict[tuple[str, Severity], list[Reason]] = {}
    for each in reasons:
        groups.setdefault((each.code, each.severity), []).append(each)
    for (code, severity), group in groups.items():
        number = f": {len(group):,}" if len(group) > 1 else ""
        page.line()
        page.line(("  ", ""), (severity.value.ljust(7), _OF_REASON[severity]), ("  ", ""), (code + number, "bold"))
        for each in group[:_NAMED_FIRST]:
            page.paragraph(f"{each.subject}: {each.message}" if each.subject else each.message, indent=11)
        if len(group) > _NAMED_FIRST:
            page.paragraph(f"and {len(group) - _NAMED_FIRST:,} more ({_ALL})", indent=11)
        page.paragraph(group[0].hint, indent=11, colour="dim")


def _accepted(page: _Page, tally: Tally) -> None:
    number = len(tally.suppressed) + len(tally.accepted)
    if number:
        page.heading(f"accepted, and still there: {number:,}")
    for finding in tally.suppressed:
        name = f"{finding.package.shown_name} {finding.package.version or ''}".rstrip()
        page.paragraph(f"{name}  {primary(finding)}  {finding.rating.severity}")
        page.paragraph(excuse_text(finding), indent=6, colour="dim")
    for each in tally.accepted:
        page.paragraph(f"{_where(each)}: {each.why}")
        page.paragraph(f"accepted by {each.accepted}", indent=6, colour="dim")


def _gone(page: _Page, result: AuditResult) -> None:
    if not result.compared:
        return
    new = sum(each.novelty == "new" for each in result.findings)
    page.heading(f"since the previous report: {new:,} new, {len(result.gone):,} gone")
    for identifier, purl in sorted(result.gone):
        page.paragraph(f"gone  {identifier}  {purl}")


def _to_do(page: _Page, result: AuditResult, tally: Tally) -> None:
    upgrades: dict[tuple[str, str], list[Finding]] = {}
    for each in (*tally.counting, *tally.undecided):
        upgrades.setdefault((each.package.purl, fix_text(each)), []).append(each)
    if upgrades:
        page.heading("what to do")
    for (_, fix), group in upgrades.items():
        page.paragraph(_upgrade(fix, group))
    if result.outcome == "undecided":
        page.line()
        page.paragraph(f'This is no "fine": it ends with status 3. {_again(tally)}', indent=2)


def _again(tally: Tally) -> str:
    own = "; whoever vouches for a package of yours writes [[unknown]] into --exceptions FILE" if tally.unknown else ""
    return f"Audit again once what is missing is there{own}."


def _upgrade(fix: str, group: Sequence[Finding]) -> str:
    package = group[0].package
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    move = f"{name} -> {fix}" if group[0].minimal_fix else f"{name}: no fixed version known"
    place = place_text(place_of(package))
    known = counted(len(group), "finding")
    return f"{move}  ({', '.join(each for each in (known, place, _reached(group[0])) if each)})"


def _reached(finding: Finding) -> str:
    package = finding.package
    if package.direct:
        return "direct"
    path = package.paths[0][:-1] if package.paths else ()
    return f"through {' > '.join(each.removeprefix('pkg:').partition('/')[2] for each in path)}" if path else ""
