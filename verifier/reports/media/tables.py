"""Markdown for the summary of a job or an issue: a heading, facts, tables.

* what comes first is never what is cut
* every text of a stranger is a code span (`reports.media.escaping.cell`): no mention, link, markup or row comes of it
* it is never larger than is said: then rows are left out, the last ones, and how many is said

Source: GitHub Flavored Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MAX_SUMMARY: Final = 1_048_576
"""Bytes that GitHub takes as the summary of a step."""
REASONS: Final = ("Code", "About", "What", "What to do")
"""The headings of a table of reasons."""
_ROOM: Final = 2_048
"""Bytes that are kept for the sentence that says what was cut, and the ends of sections."""
_NONE: Final = "–"


class Section(NamedTuple):
    """A table below its heading; `rows` are lines as `row` makes them."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[str]


def row(cells: Iterable[str]) -> str:
    """A row of cells that are escaped; one that is empty has a dash."""
    return f"| {' | '.join(each or _NONE for each in cells)} |"


def bounded(opening: Sequence[str], sections: Iterable[Section], most: int) -> str:
    """The lines of the opening, and below them the sections that have rows, in at most so many bytes of UTF-8."""
    lines = list(opening)
    room, left_out = most - _ROOM - _size(lines), 0
    for title, heads, rows in sections:
        if not rows:
            continue
        beginning = ["", f"#### {title}: {len(rows):,}", "", row(heads), row(["---"] * len(heads))]
        if _size(beginning) > room:
            left_out += len(rows)
            continue
        room -= _size(beginning)
        kept = 0
        for each in rows:
            room -= len(each.encode()) + 1
            if room < 0:
                break
            kept += 1
        lines += [*beginning, *rows[:kept]]
        left_out += len(rows) - kept
        room = 0 if kept < len(rows) else room
    if left_out:
        lines += ["", f"**{left_out:,} rows are left out**: more does not fit into a summary. `--format json` has all."]
    return "\n".join(lines) + "\n"


def _size(lines: Sequence[str]) -> int:
    return sum(len(each.encode()) + 1 for each in lines)
