"""Verdicts for a person at a terminal: one line that decides, then why, then what was checked, then what is next.

* no digest, code or path is broken or cut: it is there to be copied. What does not fit behind its label stands at the
  margin, where a digest fits into 80 columns
* of several artifacts there is a row for each, what is denied first, and then why
* quiet is the line that decides, with the codes of errors; verbose is all that is known
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.media.columns import laid_out
from verifier.reports.media.escaping import plain
from verifier.reports.media.wrapping import filled
from verifier.reports.paint import Paint, painter
from verifier.reports.table import PLAIN, Screen
from verifier.reports.told import UNDECIDED, counted, facts, more_facts, named, run_text, what_next

_BY_SEVERITY: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_MARGIN: Final = 8
"""Columns of a label, with the blank behind it; "warning" is the longest."""
_NARROW: Final = (1, 2)
"""The columns of names and codes in the table of several artifacts."""


def render(dossier: Dossier, screen: Screen = PLAIN, /) -> str:
    """The report, as wide as the screen where words allow, ending in a newline."""
    page = _Page(screen)
    if screen.detail == "quiet":
        _quiet(page, dossier)
    elif len(dossier.verdicts) == 1:
        _headline(page, dossier.worst)
        _whole(page, dossier, dossier.worst)
    else:
        _several(page, dossier)
    return page.text()


class _Page:
    """Lines as they come to stand on a screen."""

    def __init__(self, screen: Screen) -> None:
        self._lines: list[str] = []
        self.screen = screen
        self.paint: Paint = painter(screen.colours)

    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines) + "\n"

    def gap(self) -> None:
        """An empty line, but never two."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def line(self, text: str) -> None:
        """A line as it is."""
        self._lines.append(text)

    def entry(self, label: str, text: str, *, of_label: str = "dim", of_text: str = "") -> None:
        """A label, and behind it a text of strangers, wrapped."""
        lines = filled(plain(text).split(" "), self.screen.columns, begin=_MARGIN, hang=_MARGIN)
        begins = f"{self.paint(label, of_label)}{' ' * max(1, _MARGIN - len(label))}" if label else " " * _MARGIN
        if lines[0].startswith(" " * _MARGIN):
            first, *others = lines
            self._lines.append(begins + self._painted(first[_MARGIN:], of_text))
        else:  # a word so long that it fits at the margin only, or nowhere
            others = lines
            if label:
                self._lines.append(self.paint(label, of_label))
        for each in others:
            bare = each.lstrip(" ")
            self._lines.append(" " * (len(each) - len(bare)) + self._painted(bare, of_text))

    def _painted(self, text: str, colour: str) -> str:
        return self.paint(text, colour) if colour else text


def _headline(page: _Page, verdict: Verdict, more: str = "") -> None:
    said = "  ".join(each for each in (UNDECIDED if verdict.undecided else "", more) if each)
    text = f"{named(verdict.subject)}{f'  {said}' if said else ''}"
    page.entry(verdict.decision.value, text, of_label=_colour(verdict), of_text="bold")


def _colour(verdict: Verdict) -> str:
    return "green" if verdict.passed else "yellow" if verdict.undecided else "red"


def _codes(verdict: Verdict) -> str:
    """The codes of the errors, each once."""
    return ", ".join(dict.fromkeys(each.code for each in verdict.reasons if each.is_error))


def _quiet(page: _Page, dossier: Dossier) -> None:
    if len(dossier.verdicts) > 1:
        page.entry(dossier.worst.decision.value, counted(dossier), of_label=_colour(dossier.worst), of_text="bold")
    for verdict in _worst_first(dossier):
        if len(dossier.verdicts) == 1 or not verdict.passed:
            _headline(page, verdict, _codes(verdict))


def _several(page: _Page, dossier: Dossier) -> None:
    page.entry(dossier.worst.decision.value, counted(dossier), of_label=_colour(dossier.worst), of_text="bold")
    page.gap()
    ordered = _worst_first(dossier)
    rows = [(each.decision.value, plain(named(each.subject)), _told_of(each)) for each in ordered]
    for verdict, row, cells in zip(
        ordered, rows, laid_out(rows, page.screen.columns, indent=0, narrow=_NARROW), strict=True
    ):
        line = ""
        for before, text in cells:
            if before < 0:
                page.line(line)
                line = ""
            line += " " * abs(before) + (page.paint(text, _colour(verdict)) if text == row[0] else text)
        page.line(line)
        if verdict.subject.digest:
            page.entry("", str(verdict.subject.digest), of_text="dim")
    for verdict in ordered:
        if page.screen.detail == "verbose" or verdict.reasons:
            page.gap()
            _headline(page, verdict)
            _whole(page, dossier, verdict)


def _told_of(verdict: Verdict) -> str:
    if not verdict.passed:
        return _codes(verdict)
    return ", ".join(dict.fromkeys(each.code for each in verdict.reasons))


def _worst_first(dossier: Dossier) -> Sequence[Verdict]:
    """Denied, then undecided, then passed; in the order that was asked otherwise."""
    return sorted(dossier.verdicts, key=lambda each: (each.passed, each.undecided))


def _whole(page: _Page, dossier: Dossier, verdict: Verdict) -> None:
    """All below the line that decides: why, what was checked, what is next."""
    verbose = page.screen.detail == "verbose"
    for reason, followers in _grouped(verdict.reasons):
        page.gap()
        _reason(page, reason)
        for each in followers:
            page.entry("", f"and so {each.code}: {each.message}", of_text="dim")
    page.gap()
    for label, text in (*facts(verdict), *(more_facts(verdict) if verbose else ())):
        page.entry(label, text)
    page.gap()
    page.entry("next", what_next(dossier, verdict))
    page.entry("run", run_text(verdict), of_text="dim")


def _grouped(reasons: Sequence[Reason]) -> Iterator[tuple[Reason, Sequence[Reason]]]:
    """Each reason with those that follow from it, which stand below the first that has its code."""
    heads = {reason.code for reason in reasons if not reason.follows}
    following: dict[str, list[Reason]] = {}
    for each in reasons:
        if each.follows in heads:
            following.setdefault(each.follows, []).append(each)
    for each in reasons:
        # Nothing is left out: what follows from something that is not there stands for itself.
        if each.follows not in heads:
            yield each, following.pop(each.code, ()) if not each.follows else ()


def _reason(page: _Page, reason: Reason) -> None:
    page.entry(
        reason.severity.value,
        f"{reason.code}  {reason.subject}",
        of_label=_BY_SEVERITY[reason.severity],
        of_text="bold",
    )
    page.entry("", reason.message)
    page.entry("", f"-> {reason.hint}")
