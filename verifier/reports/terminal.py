"""The verdict for a person at a terminal: the answer first, then what it rests on, then every reason."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.reasons import Severity
from verifier.core.verdict import EvidenceItem, LedgerTrace, Verdict
from verifier.reports.escape import printable

Paint = Callable[[str, str], str]
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}
_BY_SEVERITY = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_LABEL = 11


def render(verdict: Verdict, *, colour: bool = False, width: int = 100) -> str:
    """A report of a few lines, `width` columns wide where words allow, ending in a newline."""
    paint = _paint if colour else _plain
    lines = [_headline(verdict, paint), *_facts(verdict, paint)]
    for reason in verdict.reasons:
        lines += ["", *_reason(reason, paint, width)]
    lines += ["", paint(printable(f"correlation id {verdict.correlation_id} · {verdict.duration_ms} ms"), "dim")]
    return "\n".join(lines) + "\n"


def _headline(verdict: Verdict, paint: Paint) -> str:
    subject = verdict.subject
    name = printable(f"{subject.kind}:{subject.name}")
    version = f" {printable(subject.version)}" if subject.version else ""
    word = "PASSED" if verdict.passed else "FAILED"
    undecided = "  (could not be decided)" if verdict.undecided else ""
    return f"{paint(word, 'green' if verdict.passed else 'red')}  {paint(name + version, 'bold')}{undecided}"


def _facts(verdict: Verdict, paint: Paint) -> Iterator[str]:
    subject = verdict.subject
    if subject.digest:
        yield _fact("digest", str(subject.digest), paint)
    yield _fact("resource", subject.resource_uri, paint)
    for item in verdict.evidence:
        yield _fact("evidence", _evidence(item), paint)
    yield _fact("policy", f"{verdict.policy.uri} ({verdict.policy.digest})", paint)
    if verdict.ledger:
        yield _fact("ledger", _ledger(verdict.ledger), paint)
    if verdict.levels:
        yield _fact("levels", ", ".join(verdict.levels), paint)
    yield _fact("verified", format_rfc3339(verdict.time_verified), paint)


def _fact(label: str, text: str, paint: Paint) -> str:
    return f"  {paint(label.ljust(_LABEL), 'dim')}{printable(text)}"


def _evidence(item: EvidenceItem) -> str:
    proven = f"proven by {item.signer}" if item.verified and item.signer else "not proven"
    when = f", signed {format_rfc3339(item.time)}" if item.time else ""
    return f"{item.kind}, {proven}{when}"


def _ledger(trace: LedgerTrace) -> str:
    before, after = trace.before or "nothing", trace.after or "nothing"
    moved = f"{before} -> {after}" if before != after else f"at {before}"
    return f"{trace.scope} {moved}{'' if trace.recorded else ' (not recorded)'} in {trace.url}"


def _reason(reason: Reason, paint: Paint, width: int) -> Iterator[str]:
    mark = paint(reason.severity.value.ljust(7), _BY_SEVERITY[reason.severity])
    yield f"  {mark}  {paint(reason.code, 'bold')}  {paint(printable(reason.subject), 'dim')}"
    for text in (reason.message, reason.hint):
        yield from textwrap.wrap(
            printable(text), width=width, initial_indent=" " * 11, subsequent_indent=" " * 11, break_on_hyphens=False
        )


def _plain(text: str, _: str) -> str:
    return text


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"
