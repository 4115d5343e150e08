"""Where there is no ledger: stores behind the same interface, so that nobody asks twice whether there is one.

* `NoLedger`: none was to be consulted; it knows nothing, says so (`View.consulted`), and nothing is written into it
* `Unopened`: one was to be, and cannot be; every question is refused for the reasons that opening it was
* who consults none loads nothing of one
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.ledger.view import NOT_CONSULTED, View

if TYPE_CHECKING:
    from verifier.ledger.interface import Entry, Head, Ledger, Moment


class _Absent:
    """What both are: nothing is open."""

    url = ""
    findings: tuple[Reason, ...] = ()

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""


class NoLedger(_Absent):
    """No ledger was to be consulted."""

    def fetch(self, scope: str) -> View:  # noqa: ARG002 - whatever is asked
        """`NOT_CONSULTED`."""
        return NOT_CONSULTED

    def swap(self, *_: object, **__: object) -> NoReturn:
        """Always refused (`ledger.unavailable`): what is to be recorded needs a ledger."""
        raise refuse("ledger.unavailable", "ledger", "no ledger was to be consulted: nothing can be recorded")

    decide = swap

    def scopes(self) -> Moment:
        """There are none."""
        from verifier.ledger.interface import Moment  # noqa: PLC0415 - as the module says

        return Moment(head=self.head(), max_time_seen=None, states=())

    def events(self, *_: object, **__: object) -> Iterator[Entry]:
        """Nothing has happened."""
        return iter(())

    def head(self) -> Head:
        """That of a history without events."""
        from verifier.ledger.record import GENESIS  # noqa: PLC0415 - as the module says

        return GENESIS

    def had(self, head: Head) -> bool:
        """None but that."""
        return head == self.head()


class Unopened(_Absent):
    """A ledger that could not be opened: its `reasons` are the answer to every question."""

    def __init__(self, refusal: Refused) -> None:
        self.reasons = refusal.reasons

    def _refused(self, *_: object, **__: object) -> NoReturn:
        """Raises `Refused`: a new one each time, as an exception remembers who has raised it."""
        raise Refused(*self.reasons)

    fetch = swap = decide = scopes = events = head = had = _refused


def ledger_of(given: Ledger | Refused | None) -> Ledger:
    """The ledger that was opened, or the store that stands for why there is none."""
    if given is None:
        return NoLedger()
    return Unopened(given) if isinstance(given, Refused) else given
