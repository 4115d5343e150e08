"""Colours of a terminal: a painter adds nothing but colours, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Paint = Callable[[str, str], str]
"""Given a text and one of the names below: what is shown."""
_COLOURS: Final = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}


def painter(colours: bool) -> Paint:
    """Who paints, where colours are wanted."""
    return _paint if colours else _plain


def _plain(text: str, _: str) -> str:
    return text


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"
