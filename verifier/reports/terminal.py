"""The verdict for a person at a terminal: the answer first, then what it rests on, then every reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.text.shown import shown
from verifier.core.verdict import EvidenceItem, LedgerTrace, Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.escape import printable
from verifier.reports.paint import Paint, painter
from verifier.reports.table import PLAIN, Screen

_BY_SEVERITY = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_LABEL = 11


def render(dossier: Dossier, screen: Screen = PLAIN, /) -> str:
    """A report of a few lines for each verdict, as wide as the screen where words allow, ending in a newline."""
    return "\n".join(_report(each, screen) for each in dossier.verdicts)


def _report(verdict: Verdict, screen: Screen) -> str:
    paint, width = painter(screen.colours), screen.columns
    lines = [_headline(verdict, paint)]
    for label, text in _facts(verdict):
        lines += _fact(label, text, paint, width)
    heads = {reason.code for reason in verdict.reasons if not reason.follows}
    for reason in verdict.reasons:
        # Nothing is left out: what follows from something that is not there stands for itself.
        if reason.follows not in heads:
            lines += ["", *_reason(reason, paint, width)]
            lines += _followers(reason, verdict.reasons, paint, width)
    lines += ["", paint(f"correlation id {printable(verdict.correlation_id)} · {verdict.duration_ms} ms", "dim")]
    return "\n".join(lines) + "\n"


def _headline(verdict: Verdict, paint: Paint) -> str:
    subject = verdict.subject
    name = printable(f"{subject.kind}:{subject.name}")
    version = f" {printable(subject.version)}" if subject.version else ""
    word = "PASSED" if verdict.passed else "FAILED"
    undecided = "  (could not be decided)" if verdict.undecided else ""
    return f"{paint(word, 'green' if verdict.passed else 'red')}  {paint(name + version, 'bold')}{undecided}"


def _facts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    subject = verdict.subject
    if subject.digest:
        yield "digest", str(subject.digest)
    yield "resource", shown(subject.resource_uri)
    for part in verdict.parts:
        digest = "" if part.digest == subject.digest else f" {part.digest}"
        yield subject.kind, f"{part.name}{digest}, {part.read}"
    for item in verdict.evidence:
        yield "evidence", _evidence(item)
    yield "policy", f"{verdict.policy.uri} ({verdict.policy.digest})"
    if verdict.rule_digest:
        yield "rule", f"{verdict.rule_digest}"
    if verdict.ledger:
        yield "ledger", _ledger(verdict.ledger)
    if verdict.levels:
        yield "levels", ", ".join(verdict.levels)
    yield "verified", format_rfc3339(verdict.time_verified)


def _fact(label: str, text: str, paint: Paint, width: int) -> Iterator[str]:
    indent = _LABEL + 2
    first, *others = _wrapped(text, width, indent=indent)
    yield f"  {paint(label.ljust(_LABEL), 'dim')}{first[indent:]}"
    yield from others


def _evidence(item: EvidenceItem) -> str:
    proven = f"proven by {item.signer}" if item.verified and item.signer else "not proven"
    when = f", signed {format_rfc3339(item.time)}" if item.time else ""
    return f"{item.kind}, {proven}{when}"


def _ledger(trace: LedgerTrace) -> str:
    if trace.before == trace.after:
        moved = "has accepted nothing yet" if trace.before is None else f"at {trace.before}"
    else:
        moved = f"{trace.before or 'nothing'} -> {trace.after or 'nothing'}"
    return f"{trace.scope} {moved}{'' if trace.recorded else ' (not recorded)'} in {trace.url}"


def _reason(reason: Reason, paint: Paint, width: int) -> Iterator[str]:
    mark = paint(reason.severity.value.ljust(7), _BY_SEVERITY[reason.severity])
    yield f"  {mark}  {paint(reason.code, 'bold')}  {paint(printable(reason.subject), 'dim')}"
    for text in (reason.message, reason.hint):
        yield from _wrapped(text, width, indent=11)


def _followers(reason: Reason, reasons: Sequence[Reason], paint: Paint, width: int) -> Iterator[str]:
    """What follows from `reason`, in a line each: below the first that has its code."""
    if reason is not next((each for each in reasons if each.code == reason.code and not each.follows), None):
        return
    for each in reasons:
        if each.follows == reason.code:
            first, *others = _wrapped(f"and so {each.code}: {each.message}", width, indent=11)
            yield paint(first, "dim")
            yield from (paint(other, "dim") for other in others)


def _wrapped(text: str, width: int, *, indent: int) -> list[str]:
    # A digest or a path stays in one piece, also where it is too long for the line: it is there to be copied.
    lines: list[str] = []
    for word in printable(text).split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(" " * indent + word)
    return lines
