"""A difference as Markdown, for a pull request: a table a category. Nothing in it is anything but text.

* every text is a code span, with a fence longer than any run of backticks in it; a bar is written
  `\\x7c`, so that none ends a cell
* control, bidirectional and zero-width characters are written out
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from verifier.reports.escape import printable
from verifier.sbom.difference.changes import CATEGORIES, Difference
from verifier.sbom.difference.shown.text import LONGEST_SHOWN

_TICKS = re.compile("`+")


def render(difference: Difference) -> str:
    """The whole page, ending in a newline."""
    return "\n".join(_lines(difference)) + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    yield f"# {_code(difference.old or 'the older one')} → {_code(difference.new or 'the newer one')}"
    yield ""
    counts = difference.counts()
    summary = ", ".join(f"**{count}** {category}" for category, count in counts.items())
    yield f"{summary or 'No component differs'}; {difference.kept} in both with the same version."
    for category in difference.unsaid:
        yield ""
        yield f"**The newer one says nothing of any {category}**: nobody can say what changed."
    last = ""
    for change in difference.changes:
        if change.category != last:
            yield ""
            yield f"## {change.category.capitalize()}: {CATEGORIES[change.category]}"
            yield ""
            yield from ("| component | old | new |", "|---|---|---|")
            last = change.category
        yield f"| {_code(change.subject)} | {_code(change.old)} | {_code(change.new)} |"


def _code(text: str) -> str:
    """A code span. A bar ends a cell even there, and readers differ about a backslash before it: it is written out."""
    if not text:
        return ""
    shown = printable(text, longest=LONGEST_SHOWN).replace("|", "\\x7c")
    fence = "`" * (1 + max((len(each) for each in _TICKS.findall(shown)), default=0))
    apart = " " if shown.startswith("`") or shown.endswith("`") or shown.isspace() else ""
    return f"{fence}{apart}{shown}{apart}{fence}"
