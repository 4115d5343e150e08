"""A difference for a person at a terminal: how many of what, then every change in a line. Hostile text is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.reports.escape import printable
from verifier.sbom.difference.changes import CATEGORIES, Change, Difference

LONGEST_SHOWN: Final = 200
"""Characters of one text: a name in hostile input can be as long as the input."""


def render(difference: Difference) -> str:
    """All lines, ending in a newline."""
    return "\n".join(_lines(difference)) + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    yield f"{_shown(difference.old) or 'the older one'} -> {_shown(difference.new) or 'the newer one'}"
    counts = difference.counts()
    summary = ", ".join(f"{count} {category}" for category, count in counts.items())
    yield f"  {summary or 'no component differs'}; {difference.kept} in both with the same version"
    for category in difference.unsaid:
        yield f"  the newer one says nothing of any {category}: nobody can say what changed"
    last = ""
    for change in difference.changes:
        if change.category != last:
            yield ""
            yield f"{change.category}: {CATEGORIES[change.category]}"
            last = change.category
        yield f"  {_shown(change.subject)}{_move(change)}"


def _move(change: Change) -> str:
    old, new = _shown(change.old), _shown(change.new)
    if change.category in {"added", "removed"}:
        said = old or new
        return "" if not said or said in _shown(change.subject) else f"  {said}"
    if change.category == "capability":
        return "".join(f"  {word} {texts}" for word, texts in (("lost", old), ("gained", new)) if texts)
    return f"  {old or 'nothing'} -> {new or 'nothing'}"


def _shown(text: str) -> str:
    return printable(text, longest=LONGEST_SHOWN)
