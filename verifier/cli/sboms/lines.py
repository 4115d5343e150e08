"""What came of checking an SBOM, line by line: for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.cli.sboms.checked import Checked
from verifier.core.outcome import Reason
from verifier.reports.escape import printable
from verifier.reports.table import Screen

if TYPE_CHECKING:
    from verifier.sbom.judging import JudgedBom
    from verifier.sbom.quality.report import QualityReport

_UNSIGNED = "not asked for: --policy, --key or an identity names whom to believe"
_QUALITY = "sbom.quality"
_WIDEST = 16
"""Characters of an ecosystem's name in the table; "operating-system" is as long."""


def lines_of(checked: Checked, shown: Screen) -> Iterator[str]:
    """The report, as wide as the screen where words allow."""
    answer, against = checked.answer, checked.against
    decided = "PASSED" if answer.passed else "FAILED"
    true = f"against {printable(against)}" if against is not None else "by itself: nothing was compared (--against)"
    yield f"{decided}  {printable(checked.name)} {true}"
    if shown.detail == "quiet":
        yield from (f"  {each.severity.value:<8} {each.code}" for each in answer.reasons if each.is_error)
        return
    rows = answer.judged.quality if answer.judged is not None else ()
    ordered = sorted(answer.reasons, key=lambda each: not each.is_error)
    told = [
        each for each in ordered if each.code != _QUALITY or not rows
    ]  # the table of a profile says it, rule by rule
    for reason, after in zip(told, (*told[1:], None), strict=False):
        yield from _reason(
            reason, shown.columns, hint=after is None or (after.code, after.hint) != (reason.code, reason.hint)
        )
    yield from (_failed(each) for each in rows if not each.conforms)
    if answer.judged is None:
        return
    yield from _document_lines(answer.judged)
    yield from _compared(answer.judged)
    for each in rows:
        yield from _quality(each, shown.columns)
    if against is not None:
        signers = _UNSIGNED if answer.signers is None else ", ".join(map(printable, answer.signers)) or "by nobody"
        yield f"  signed     {signers}"


def _reason(reason: Reason, width: int, *, hint: bool) -> Iterator[str]:
    """A reason, and what to do: behind the last of those for which one thing is to be done."""
    yield f"  {reason.severity.value:<8} {reason.code}"
    said = f"{printable(reason.subject)}: {printable(reason.message)}"
    yield from _wrapped(said, width, " " * 11)
    if hint:
        yield from _wrapped(f"-> {printable(reason.hint)}", width, " " * 14)


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """Lines in which no digest and no purl is broken."""
    first = " " * 11
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def _document_lines(judged: JudgedBom) -> Iterator[str]:
    document = judged.document
    tools = ", ".join(f"{each.name} {each.version}".strip() for each in document.tools) or "an unnamed tool"
    yield f"  document   {document.format} {document.spec_version} by {printable(tools, longest=200)}"
    yield f"  components {len(document.components)}"


def _compared(judged: JudgedBom) -> Iterator[str]:
    comparison = judged.comparison
    if comparison is None or comparison.other is not None:
        return
    rows = (*comparison.counts, comparison.total) if len(comparison.counts) > 1 else comparison.counts
    names = [printable(row.ecosystem)[:_WIDEST] or "all" for row in rows]
    wide = max([10, *map(len, names)])
    yield f"  {'':{wide}} {'same':>7} {'missing':>8} {'surplus':>8} {'altered':>8} {'unverified':>11}  complete"
    for name, row in zip(names, rows, strict=True):
        share = "" if row.ratio is None else f"{int(row.ratio * 1000) / 10:.1f} %"
        counts = f"{row.same:>7} {row.missing:>8} {row.surplus:>8} {row.altered:>8} {row.unverified:>11}"
        yield f"  {name:{wide}} {counts}  {share:>8}"


def _failed(report: QualityReport) -> str:
    """A profile that is not satisfied, in one line; its table follows."""
    broken = [row.rule.element for row in report.rows if row.outcome == "failed" and row.rule.level == "MUST"]
    return f"  error    {_QUALITY}  {report.profile.name}: {', '.join(broken) or 'not about such documents'}"


def _quality(report: QualityReport, columns: int) -> Iterator[str]:
    from verifier.sbom.quality.text import rows_text  # noqa: PLC0415 - only where a profile is asked for

    yield from rows_text(report, columns=columns).splitlines()
