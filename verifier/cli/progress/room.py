"""The last line of the terminal, which what shows progress gives up before anything is written there."""

from __future__ import annotations

from collections.abc import Callable

_give_up: list[Callable[[], None]] = []
"""At most one: a terminal has one last line."""


def make_room() -> None:
    """Take away what shows progress: something is about to be written, or asked."""
    for each in _give_up:
        each()


def before_writing(give_up: Callable[[], None] | None) -> None:
    """Have what shows progress asked to go before anything is written, or nothing any more."""
    _give_up[:] = [] if give_up is None else [give_up]
