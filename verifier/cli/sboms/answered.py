"""What came of checking an SBOM, for people and for machines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.cli import output, screen
from verifier.cli.sboms.document import answer_document
from verifier.core.outcome import Reason
from verifier.formats.json.write import page
from verifier.reports.escape import printable

if TYPE_CHECKING:
    from verifier.engine.sboms.checking import SbomAnswer
    from verifier.sbom.judging import JudgedBom
    from verifier.sbom.quality.report import QualityReport

_UNSIGNED = "not asked for: nobody was named to believe (--policy, --key, or a keyless identity)"
_QUALITY = "sbom.quality"
_WIDEST = 16
"""Characters of an ecosystem's name in the table; "operating-system" is as long."""


def report(answer: SbomAnswer, name: str, against: str | None, style: str) -> int:
    """Print the answer; the exit status."""
    if style == "json":
        output.document(page(answer_document(answer, name, against)))
    else:
        for line in _lines(answer, name, against):
            output.line(line)
    if answer.passed:
        return output.EXIT_ACCEPTED
    return output.EXIT_UNDECIDED if answer.undecided else output.EXIT_DENIED


def _lines(answer: SbomAnswer, name: str, against: str | None) -> Iterator[str]:
    decided = "PASSED" if answer.passed else "FAILED"
    true = f"against {printable(against)}" if against is not None else "by itself: nothing was compared (--against)"
    yield f"{decided}  {printable(name)} {true}"
    rows = answer.judged.quality if answer.judged is not None else ()
    ordered = sorted(answer.reasons, key=lambda each: not each.is_error)
    told = [
        each for each in ordered if each.code != _QUALITY or not rows
    ]  # the table of a profile says it, rule by rule
    for reason, after in zip(told, (*told[1:], None), strict=False):
        yield from _reason(reason, hint=after is None or (after.code, after.hint) != (reason.code, reason.hint))
    yield from (_failed(each) for each in rows if not each.conforms)
    if answer.judged is None:
        return
    yield from _document_lines(answer.judged)
    yield from _compared(answer.judged)
    for each in rows:
        yield from _quality(each)
    if against is not None:
        signers = _UNSIGNED if answer.signers is None else ", ".join(map(printable, answer.signers)) or "by nobody"
        yield f"  signed     {signers}"


def _reason(reason: Reason, *, hint: bool) -> Iterator[str]:
    """A reason, and what to do: behind the last of those for which one thing is to be done."""
    width = screen.standard_output().columns
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


def _quality(report: QualityReport) -> Iterator[str]:
    from verifier.sbom.quality.text import rows_text  # noqa: PLC0415 - only where a profile is asked for

    yield from rows_text(report, columns=screen.standard_output().columns).splitlines()
