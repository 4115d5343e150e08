"""Where there is no ledger: stores behind the same interface, so that nobody asks twice whether there is one.

* `NoLedger`: none was to be consulted; it knows nothing, says so (`View.consulted`), and nothing is written into it
* `Unopened`: one was to be, and cannot be; every question is refused for the reasons that opening it was
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.ledger.interface import Entry, Head, Ledger, Moment, View
from verifier.ledger.record import GENESIS

NOT_CONSULTED = View(state=None, max_time_seen=None, consulted=False)
"""What is known where no ledger was asked."""


class NoLedger(Ledger):
    """No ledger was to be consulted."""

    url = ""
    findings: tuple[Reason, ...] = ()

    def fetch(self, scope: str) -> View:  # noqa: ARG002 - whatever is asked
        """`NOT_CONSULTED`."""
        return NOT_CONSULTED

    def swap(self, *_: object, **__: object) -> NoReturn:
        """Always refused (`ledger.unavailable`): what is to be recorded needs a ledger."""
        raise refuse("ledger.unavailable", "ledger", "no ledger was to be consulted: nothing can be recorded")

    def scopes(self) -> Moment:
        """There are none."""
        return Moment(head=GENESIS, max_time_seen=None, states=())

    def events(self, *_: object, **__: object) -> Iterator[Entry]:
        """Nothing has happened."""
        return iter(())

    def head(self) -> Head:
        """That of a history without events."""
        return GENESIS

    def close(self) -> None:
        """Nothing is open."""


class Unopened(Ledger):
    """A ledger that could not be opened: its `reasons` are the answer to every question."""

    url = ""
    findings: tuple[Reason, ...] = ()

    def __init__(self, refusal: Refused) -> None:
        self.reasons = refusal.reasons

    def _refused(self, *_: object, **__: object) -> NoReturn:
        """Raises `Refused`: a new one each time, as an exception remembers who has raised it."""
        raise Refused(*self.reasons)

    fetch = swap = scopes = events = head = _refused

    def close(self) -> None:
        """Nothing is open."""
