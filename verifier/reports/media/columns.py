"""A table in columns for a terminal.

* no cell is cut or broken: behind one that is wider than its column the row goes on below
* only columns that may be narrow give way, and what does not fit at its place stands further left
* widths are those that a terminal has: wide characters take two columns, combining ones none
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

_GAP: Final = 2
_LEAST: Final = 10
"""A column is not made narrower than this to make room."""


def laid_out(
    rows: Sequence[Sequence[str]], columns: int, *, indent: int, narrow: Collection[int]
) -> Iterator[Iterator[tuple[int, str]]]:
    """Each row as its pieces: how many blanks stand before each (a line begins where it is negative: so many blanks
    behind the end of the line), and the cell's own text. `narrow` are the columns that may be made narrow."""
    widths = _widths(rows, columns - indent, narrow)
    for row in rows:
        yield _row(row, widths, indent, columns)


def _row(row: Sequence[str], widths: Sequence[int], indent: int, columns: int) -> Iterator[tuple[int, str]]:
    at, start = 0, indent
    for text, width in zip(row, widths, strict=True):
        if text:
            taken = width_of(text)
            place = max(indent, min(start, columns - taken))
            begins = at > 0 and at + _GAP > place
            yield -place if begins else place - at, text
            at = place + taken
        if width:
            start += width + _GAP


def _widths(rows: Sequence[Sequence[str]], room: int, narrow: Collection[int]) -> list[int]:
    widths = [max(map(width_of, column), default=0) for column in zip(*rows, strict=True)]
    gaps = _GAP * max(0, sum(width > 0 for width in widths) - 1)
    while sum(widths) + gaps > room:
        widest = max(narrow, key=lambda index: widths[index])
        if widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
    return widths


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width  # noqa: PLC0415 - most text is ASCII, and its table is a megabyte to load

    wide = sum(east_asian_width(each) in {"W", "F"} for each in text)
    return len(text) + wide - sum(category(each) in {"Mn", "Me"} for each in text)
