"""A ledger that is timed: what reading and writing takes is what the gateway's answers wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from verifier.core.outcome import Reason
from verifier.gateway.metrics import Metrics
from verifier.ledger.interface import Change, Entry, Head, Ledger, Moment, Naming
from verifier.ledger.view import View

T = TypeVar("T")


class MeasuredLedger(Ledger):
    """Another ledger, whose reads and writes are counted."""

    def __init__(self, ledger: Ledger, metrics: Metrics) -> None:
        self._ledger, self._metrics = ledger, metrics

    @property
    def url(self) -> str:
        """As the ledger's."""
        return self._ledger.url

    @property
    def findings(self) -> tuple[Reason, ...]:
        """As the ledger's."""
        return self._ledger.findings

    def fetch(self, scope: str) -> View:
        """As the ledger's, timed."""
        with self._metrics.ledger("read"):
            return self._ledger.fetch(scope)

    def swap(self, changes: Sequence[Change]) -> bool:
        """As the ledger's, timed."""
        with self._metrics.ledger("write"):
            return self._ledger.swap(changes)

    def decide(self, scope: str, judge: Callable[[View], tuple[T, Change]]) -> T:
        """As the ledger's, timed."""
        with self._metrics.ledger("write"):
            return self._ledger.decide(scope, judge)

    def scopes(self) -> Moment:
        """As the ledger's."""
        return self._ledger.scopes()

    def events(
        self,
        scope: str | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        newest: int | None = None,
        naming: Naming | None = None,
    ) -> Iterator[Entry]:
        """As the ledger's."""
        return self._ledger.events(scope, after=after, until=until, newest=newest, naming=naming)

    def head(self) -> Head:
        """As the ledger's."""
        return self._ledger.head()

    def had(self, head: Head) -> bool:
        """As the ledger's."""
        return self._ledger.had(head)

    def close(self) -> None:
        """As the ledger's."""
        self._ledger.close()
