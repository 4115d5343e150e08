"""Drawings within a page: SVG of a few shapes, each text cut to the room that it has and whole in its title.

* a drawing is never the only one to say something: a table beside it says the same
* it has no style of its own, and no link
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from verifier.reports.escape import printable
from verifier.reports.html.elements import Html, element, text
from verifier.reports.media.columns import width_of

_WIDE: Final = {"h": 7.4, "": 7.0, "t": 6.3, "m t": 7.0}
"""Pixels of a character by the shape of its text, no less than any usual one of these fonts takes."""
_SIGNS: Final = {
    "good": "M15 27l8 8 15-17",
    "bad": "M17 17l18 18M35 17L17 35",
    "warn": "M26 14v15M26 37v.5",
}


def svg(width: int, height: int, named: str, inside: Iterable[Html], *, class_: str = "drawing") -> Html:
    """A drawing, which scrolls within itself where it is wider than the page; `named` says what it shows."""
    shape = element(
        "svg", *inside, viewBox=f"0 0 {width} {height}", width=width, height=height, role="img", aria_label=named
    )
    return element("div", shape, class_=class_, role="region", tabindex="0", aria_label=named)


def sign(colour: str) -> Html:
    """The sign of a decision: a tick, a cross, an exclamation mark."""
    face = element("circle", class_="face", cx=26, cy=26, r=25)
    return element(
        "svg", face, element("path", class_="sign", d=_SIGNS[colour]), viewBox="0 0 52 52", aria_hidden="true"
    )


def label(x: int, y: int, said: str, room: int, *, shape: str = "", anchor: str | None = None) -> Html:
    """A text in a drawing, in `room` pixels; the whole of it is its title."""
    shown = cut(said, int(room / _WIDE[shape]))
    whole = element("title", text(said)) if shown != printable(said) else Html("")
    return element("text", text(shown), whole, x=x, y=y, class_=shape or None, text_anchor=anchor)


def cut(said: str, columns: int) -> str:
    """`said` in so many columns, with a mark where something is left out."""
    shown = printable(said)
    if width_of(shown) <= columns:
        return shown
    while width_of(shown) >= max(columns, 2):
        shown = shown[: max(1, len(shown) - max(1, (width_of(shown) - columns) // 2))]
        if len(shown) == 1:
            break
    return f"{shown}…"
