"""Tables of a page: readable as they stand; with scripts they can be searched and sorted.

* a table has a caption, its columns and the first cell of each row are headings, and it scrolls within itself
* what is longer than a screen has a height of its own, so that what comes below is not far away; printed it is whole
* no row is left out
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from verifier.reports.html.elements import Html, element, text

_LONG: Final = 25
"""Rows from which on a table has a height of its own."""
_SEARCHED: Final = 6
"""Rows from which on searching helps."""


def table(
    place: str,
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Html]],
    *,
    narrow: Collection[int] = (),
    wide: int = -1,
    said: bool = False,
) -> Html:
    """A table with the id `place`; the columns `narrow` are as wide as their words, and `wide` has
    the most room; the caption is only read aloud, unless it is `said` for all."""
    shapes = [_shape(at, narrow, wide) for at in range(len(heads))]
    lines = [_row(cells, shapes) for cells in rows]
    named = f"{place}-caption"
    columns = element("tr", *(element("th", text(each), scope="col") for each in heads))
    body = element("tbody", Html("".join(lines)))
    title = element("caption", element("span", text(caption), id=named), class_=None if said else "aloud")
    tools = str(len(lines)) if len(lines) >= _SEARCHED else None
    made = element("table", title, element("thead", columns), body, id=place, data_rows=tools)
    shape = "scroll tall" if len(lines) > _LONG else "scroll"
    return element("div", made, class_=shape, role="region", tabindex="0", aria_labelledby=named)


def _shape(column: int, narrow: Collection[int], wide: int) -> str:
    return ' class="n"' if column in narrow else ' class="w"' if column == wide else ""


def _row(cells: Sequence[Html], shapes: Sequence[str]) -> str:
    head, *others = cells
    rest = "".join(f"<td{shape}>{each}</td>" for shape, each in zip(shapes[1:], others, strict=True))
    return f'<tr><th scope="row"{shapes[0]}>{head}</th>{rest}</tr>'
