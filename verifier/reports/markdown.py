"""Verdicts as Markdown, for the summary of a job or an issue.

* the line that decides comes first, then why, then what was checked; of several artifacts a table of them
* every text of a stranger is a code span, and the whole is never larger than GitHub takes (`reports.media.tables`)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.core.severity import Severity
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.found import Found, found
from verifier.reports.media.escaping import cell
from verifier.reports.media.tables import MAX_SUMMARY, REASONS, Section, bounded, row
from verifier.reports.table import PLAIN, Screen
from verifier.reports.told import RETOLD, UNDECIDED, counted, facts, named, run_text, what_next


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """The whole report, at most `MAX_SUMMARY` bytes of UTF-8, ending in a newline."""
    return within(dossier, MAX_SUMMARY)


def within(dossier: Dossier, most: int) -> str:
    """The report in at most so many bytes of UTF-8."""
    return bounded(list(_opening(dossier)), _sections(dossier), most)


def _mark(verdict: Verdict) -> str:
    return "✅" if verdict.passed else "❓" if verdict.undecided else "❌"


def _opening(dossier: Dossier) -> Iterator[str]:
    worst, several = dossier.worst, len(dossier.verdicts) > 1
    said = counted(dossier) if several else cell(named(worst.subject))
    undecided = f" {UNDECIDED}" if worst.undecided and not several else ""
    yield f"### {_mark(worst)} {worst.decision.value}: {said}{undecided}"
    yield ""
    if several:
        yield cell(run_text(worst))
        if dossier.retold:
            yield ""
            yield RETOLD
    else:
        yield what_next(dossier, worst)


def _sections(dossier: Dossier) -> Iterator[Section]:
    listed = found(dossier)
    several = len(dossier.verdicts) > 1
    if several:
        ordered = sorted(dossier.verdicts, key=lambda each: (each.passed, each.undecided))
        yield Section("Artifacts", ("Verdict", "Artifact", "Digest", "Why"), [_artifact(each) for each in ordered])
    heads = (*(("Artifact",) if several else ()), *REASONS)
    for title, severity in (("Errors", Severity.ERROR), ("Warnings", Severity.WARNING), ("Notes", Severity.NOTE)):
        rows = [_reason(each, several=several) for each in listed if each.reason.severity is severity]
        yield Section(title, heads, rows)
    if not several:
        yield Section("What was checked", ("What", "Seen"), _facts(dossier.worst))


def _artifact(verdict: Verdict) -> str:
    digest = verdict.subject.digest
    codes = ", ".join(dict.fromkeys(f"`{each.code}`" for each in verdict.reasons))
    word = f"{_mark(verdict)} {verdict.decision.value}{f' {UNDECIDED}' if verdict.undecided else ''}"
    return row((word, cell(named(verdict.subject)), cell(str(digest)) if digest else "", codes))


def _reason(each: Found, *, several: bool) -> str:
    reason = each.reason
    about = (cell(named(each.verdict.subject)),) if several else ()
    return row((*about, f"`{reason.code}`", cell(reason.subject), cell(reason.message), cell(reason.hint)))


def _facts(verdict: Verdict) -> Sequence[str]:
    return [row((label, cell(text))) for label, text in (*facts(verdict), ("run", run_text(verdict)))]
