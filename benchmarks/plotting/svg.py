"""Elements of an SVG document, as text: escaped, and well-formed whatever the labels are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has not, however they are written."""


def text_of(content: str) -> str:
    """Text inside an element."""
    return escape(_NOT_XML.sub("\ufffd", content))


def element(name: str, /, *children: str, **attributes: str | float) -> str:
    """An element; children are markup already. An attribute's `_` stands for `-`, one at its end is left away."""
    given = "".join(f" {_name(key)}={_value(value)}" for key, value in attributes.items())
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def label(content: str, x: float, y: float, **attributes: str | float) -> str:
    """A line of text."""
    return element("text", text_of(content), x=x, y=y, **attributes)


def path(points: Iterable[tuple[float, float]], **attributes: str | float) -> str:
    """A line through the points."""
    steps = " ".join(f"{'M' if not at else 'L'}{_number(x)},{_number(y)}" for at, (x, y) in enumerate(points))
    return element("path", d=steps, fill="none", **attributes)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", value) if isinstance(value, str) else _number(value))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
