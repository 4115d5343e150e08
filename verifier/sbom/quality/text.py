"""A quality report for a terminal: a line for each rule, what is wrong below it, everything escaped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from verifier.reports.escape import printable
from verifier.sbom.quality.report import QualityReport, Row, told

COLUMNS: Final = 80
_WORDS: Final = {"passed": "passed", "failed": "FAILED", "not applicable": "-"}
_INDENT: Final = " " * 18
"""As wide as outcome and level are."""


def rows_text(report: QualityReport, *, columns: int = COLUMNS) -> str:
    """The report in lines of at most `columns` characters, ending in a newline; a purl is whole, however long."""
    return "\n".join(_lines(report, max(columns, 40))) + "\n"


def _lines(report: QualityReport, columns: int) -> Iterator[str]:
    counts = ", ".join(f"{report.count(each)} {each}" for each in ("passed", "failed", "not applicable"))
    yield from _wrapped(f"{report.profile.name} ({report.profile.title}): {counts}", columns, "  ", "    ")
    if report.why:
        yield from _wrapped(f"not applicable: {printable(report.why)}", columns, "    ", "    ")
        return
    if report.left_out:
        types = " and ".join(sorted(report.profile.without))
        said = f"{report.components} components judged, {report.left_out} of type {types} left out"
        yield from _wrapped(said, columns, "    ", "    ")
    for row in report.rows:
        yield from _row(row, columns)


def _row(row: Row, columns: int) -> Iterator[str]:
    first = f"    {_WORDS[row.outcome]:<7}{row.rule.level:<7}"
    said = f"{row.rule.element} ({row.rule.section})"
    if row.outcome == "failed" and row.judged > 1:
        said += f": {row.failed} of {row.judged}"
    if row.why:
        said += f": {printable(row.why)}"
    yield from _wrapped(said, columns, first, _INDENT)
    for label, problem in row.offenders:
        yield from _wrapped(printable(told(label, problem)), columns, _INDENT + "  ", _INDENT + "    ")
    if row.failed > len(row.offenders):
        yield f"{_INDENT}  and {row.failed - len(row.offenders)} more"


def _wrapped(text: str, columns: int, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, columns, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
    )
