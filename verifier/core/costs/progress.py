"""How far long work has come, for whoever wants to show it: the library tells, and never prints.

* whoever is told gets a `Step`; by default nobody is, which costs a call that does nothing for each piece of work
* what a step is called may hold names that somebody else has chosen: whoever shows it escapes it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Step(NamedTuple):
    """`done` of `whole` units ("bytes", "records", "packages", "artifacts", ...) of `what`, as in "reading a.tar.gz";
    `whole` is None where nobody knows yet how many there are."""

    what: str
    done: int
    whole: int | None
    unit: str


Progress = Callable[[Step], None]
"""Who is told. It may be called by several threads, often, and must not take long."""


def silent(_: Step) -> None:
    """Nobody is told."""


class Counted:
    """One piece of work that is done bit by bit, by one thread or several."""

    def __init__(self, told: Progress, what: str, whole: int | None, unit: str) -> None:
        from threading import Lock  # noqa: PLC0415 - only for who shows what is done

        self._told, self._what, self._whole, self._unit = told, what, whole, unit
        self._done, self._lock = 0, Lock()
        if told is not silent:
            told(Step(what, 0, whole, unit))

    def add(self, more: int = 1) -> None:
        """So much more is done."""
        if self._told is silent:
            return
        with self._lock:
            self._done += more
        self._told(Step(self._what, self._done, self._whole, self._unit))

    def pieces(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces, each counted by its bytes once it was taken."""
        for piece in pieces:
            yield piece
            self.add(len(piece))
