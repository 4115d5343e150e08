"""Where there is no ledger: stores behind the same interface, so that nobody asks twice whether there is one.

* `NoLedger`: none was to be consulted; it knows nothing, says so (`View.consulted`), and nothing is written into it
* `Unopened`: one was to be, and cannot be; every question is refused for the reasons that opening it was
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.ledger.view import NOT_CONSULTED, View

if TYPE_CHECKING:
    # Who consults no ledger loads nothing of one.
    from verifier.ledger.interface import Change, Head, Ledger, LedgerEvent
    from verifier.versions.state import ScopeState


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

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> bool:  # noqa: ARG002
        """Always refused (`ledger.unavailable`): what is to be recorded needs a ledger."""
        raise _none()

    def scopes(self) -> tuple[str, ...]:
        """None."""
        return ()

    def head(self) -> Head:
        """The head of a history without events."""
        from verifier.ledger.record import GENESIS  # noqa: PLC0415 - as above

        return GENESIS

    def create(self, scope: str, state: ScopeState, event: LedgerEvent) -> bool:  # noqa: ARG002
        """As `swap`."""
        raise _none()

    def replace(self, scope: str, state: ScopeState, *, expected_revision: int, event: LedgerEvent) -> bool:  # noqa: ARG002
        """As `swap`."""
        raise _none()

    def append(self, event: LedgerEvent) -> None:  # noqa: ARG002
        """As `swap`."""
        raise _none()

    def history(self, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:  # noqa: ARG002
        """Nothing has happened."""
        return iter(())

    def max_time_seen(self) -> datetime | None:
        """None was seen."""
        return None

    def check(self) -> int:
        """There is nothing to walk."""
        return 0

    def require_head(self, expected: Head) -> None:  # noqa: ARG002
        """As `swap`."""
        raise _none()


class Unopened(_Absent):
    """A ledger that could not be opened: its `reasons` are the answer to every question."""

    def __init__(self, refusal: Refused) -> None:
        self.reasons = refusal.reasons

    def fetch(self, scope: str) -> NoReturn:  # noqa: ARG002 - whatever is asked
        """Refused."""
        self._refuse()

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse()

    def scopes(self) -> NoReturn:
        """Refused."""
        self._refuse()

    def head(self) -> NoReturn:
        """Refused."""
        self._refuse()

    def create(self, scope: str, state: ScopeState, event: LedgerEvent) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse()

    def replace(self, scope: str, state: ScopeState, *, expected_revision: int, event: LedgerEvent) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse()

    def append(self, event: LedgerEvent) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse()

    def history(self, scope: str | None = None, *, limit: int | None = None) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse()

    def max_time_seen(self) -> NoReturn:
        """Refused."""
        self._refuse()

    def check(self) -> NoReturn:
        """Refused."""
        self._refuse()

    def require_head(self, expected: Head) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise Refused(*self.reasons)  # a new one each time: an exception remembers who has raised it


def ledger_of(given: Ledger | Refused | None) -> Ledger:
    """The ledger that was opened, or the store that stands for why there is none."""
    if given is None:
        return NoLedger()
    return Unopened(given) if isinstance(given, Refused) else given


def _none() -> Refused:
    return refuse("ledger.unavailable", "ledger", "no ledger was to be consulted: nothing can be recorded")
