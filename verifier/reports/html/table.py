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
_MANY: Final = 200
"""Rows from which on a browser lays out those alone that are seen, a group of them at a time: as lines of boxes."""
_GROUP: Final = 100
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
    said_of = [f' class="{each}"' if each else "" for each in shapes]
    lines = [_row(cells, said_of) for cells in rows]
    named = f"{place}-caption"
    columns = element(
        "tr", *(element("th", text(each), scope="col", class_=shapes[at]) for at, each in enumerate(heads))
    )
    group = _GROUP if len(lines) > _MANY else max(1, len(lines))
    bodies = [element("tbody", Html("".join(lines[at : at + group]))) for at in range(0, len(lines), group)]
    title = element("caption", element("span", text(caption), id=named), class_=None if said else "aloud")
    tools = str(len(lines)) if len(lines) >= _SEARCHED else None
    many = "many" if len(lines) > _MANY else None
    made = element("table", title, element("thead", columns), *bodies, id=place, class_=many, data_rows=tools)
    shape = "scroll tall" if len(lines) > _LONG else "scroll"
    return element("div", made, class_=shape, role="region", tabindex="0", aria_labelledby=named)


def _shape(column: int, narrow: Collection[int], wide: int) -> str | None:
    return "n" if column in narrow else "w" if column == wide else None


def _row(cells: Sequence[Html], shapes: Sequence[str]) -> str:
    head, *others = cells
    rest = "".join(f"<td{shape}>{each}</td>" for shape, each in zip(shapes[1:], others, strict=True))
    return f'<tr><th scope="row"{shapes[0]}>{head}</th>{rest}</tr>'
