"""A curve as an SVG picture: both axes logarithmic, so that what is linear is a diagonal.

Readable on light and dark ground, for it brings a ground of its own that follows the reader's setting; lines differ by
their dashes and marks as well as by colour, and are named at their ends; `<title>` and `<desc>` say what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.curves.curve import LIMIT, OURS, Curve, Series
from benchmarks.plotting.scale import Scale, scale, seconds
from benchmarks.plotting.svg import element, label, path, text_of

_WIDTH, _HEIGHT = 760, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 250, 64, 52
_LINE = 15
_DASHES = ("", "7 4", "2 4", "10 3 2 3", "5 2")
_STYLE = """
svg { --paper: #fff; --ink: #1f2328; --quiet: #59636e; --grid: #d9dee3; --a: #0550ae; --b: #953800; --c: #116329; --d: #6639ba; --e: #a40e26 }
@media (prefers-color-scheme: dark) {
svg { --paper: #161b22; --ink: #e6edf3; --quiet: #9aa4ae; --grid: #30363d; --a: #79c0ff; --b: #ffa657; --c: #7ee787; --d: #d2a8ff; --e: #ff9a92 } }
text { font: 12px system-ui, sans-serif; fill: var(--ink) }
.quiet { fill: var(--quiet) }
.title { font-size: 14px; font-weight: 600 }
"""  # noqa: E501 - one line a palette
_COLOURS = ("a", "b", "c", "d", "e")


def drawn(curve: Curve) -> str:
    """The document; the same for the same curve."""
    lines = [each for each in curve.series if any(value > 0 for _, value in each.points)]
    points = [(count, value) for each in lines for count, value in each.points if value > 0]
    across = scale((count for count, _ in points), _LEFT, _WIDTH - _RIGHT)
    up = scale((value for _, value in points), _HEIGHT - _BOTTOM, _TOP)
    parts = [
        element("title", text_of(curve.title)),
        element("desc", text_of(described(curve))),
        element("style", _STYLE),
        element("rect", width=_WIDTH, height=_HEIGHT, rx=6, fill="var(--paper)"),
        label(curve.title, 16, 24, class_="title"),
        *_axes(across, up, curve),
        *_lines(lines, across, up),
    ]
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return element("svg", *parts, xmlns="http://www.w3.org/2000/svg", viewBox=box, width=_WIDTH, role="img") + "\n"


def described(curve: Curve) -> str:
    """What the picture shows, for those who do not see it."""
    told = []
    for each in curve.series:
        if each.points:
            (first, least), (last, most) = each.points[0], each.points[-1]
            told.append(f"{each.name}: {seconds(least)} for {first:,}, {seconds(most)} for {last:,}")
    return f"{curve.unit} by {curve.counted}, both axes logarithmic. {'; '.join(told)}."


def _axes(across: Scale, up: Scale, curve: Curve) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = []
    for power in across.decades:
        x = across(10.0**power)
        parts.append(path([(x, _TOP), (x, bottom)], stroke="var(--grid)"))
        parts.append(label(f"{10**power:,}", x, bottom + 18, text_anchor="middle", class_="quiet"))
    for power in up.decades:
        y = up(10.0**power)
        parts.append(path([(_LEFT, y), (right, y)], stroke="var(--grid)"))
        parts.append(label(seconds(10.0**power), _LEFT - 8, y + 4, text_anchor="end", class_="quiet"))
    parts.append(label(curve.counted, (_LEFT + right) / 2, _HEIGHT - 12, text_anchor="middle"))
    parts.append(label(curve.unit, _LEFT - 60, _TOP - 16, class_="quiet"))
    return parts


def _lines(lines: Sequence[Series], across: Scale, up: Scale) -> list[str]:
    parts, ends = [], []
    for at, each in enumerate(lines):
        colour = f"var(--{_COLOURS[at % len(_COLOURS)]})"
        places = [(across(count), up(value)) for count, value in each.points if value > 0]
        width = 3 if each.role == OURS else 1.8
        parts.append(path(places, stroke=colour, stroke_width=width, stroke_dasharray=_DASHES[at % len(_DASHES)]))
        parts += [_mark(x, y, each.role, colour) for x, y in places]
        ends.append((places[-1][1], each, colour))
    last: float = _TOP - _LINE
    for y, each, colour in sorted(ends, key=lambda end: end[0]):
        last = max(y + 4, last + _LINE)
        parts.append(label(each.name, _WIDTH - _RIGHT + 12, last, style=f"fill: {colour}"))
    return parts


def _mark(x: float, y: float, role: str, colour: str) -> str:
    """A disc for ours, a square for peers, a ring for limits."""
    if role == OURS:
        return element("circle", cx=x, cy=y, r=4, fill=colour)
    if role == LIMIT:
        return element("circle", cx=x, cy=y, r=3, fill="var(--paper)", stroke=colour)
    return element("rect", x=x - 3, y=y - 3, width=6, height=6, fill=colour)
