"""A ledger that is timed: what reading and writing takes is what the gateway's answers wait for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from verifier.core.outcome import Reason
from verifier.gateway.metrics import Metrics
from verifier.ledger.interface import Change, Head, Ledger, LedgerEvent
from verifier.ledger.view import View
from verifier.versions.state import ScopeState


class MeasuredLedger:
    """`interface.Ledger` over another one."""

    def __init__(self, ledger: Ledger, metrics: Metrics) -> None:
        self._ledger, self._metrics = ledger, metrics

    @property
    def url(self) -> str:
        """Where it is, without secrets."""
        return self._ledger.url

    @property
    def findings(self) -> tuple[Reason, ...]:
        """Warnings about the place that the store lies in."""
        return self._ledger.findings

    def fetch(self, scope: str) -> View:
        """The newest committed view of one scope."""
        with self._metrics.ledger("read"):
            return self._ledger.fetch(scope)

    def create(self, scope: str, state: ScopeState, event: LedgerEvent) -> bool:
        """Make a scope, the event's, that does not exist; False where it does."""
        with self._metrics.ledger("write"):
            return self._ledger.create(scope, state, event)

    def replace(self, scope: str, state: ScopeState, *, expected_revision: int, event: LedgerEvent) -> bool:
        """Replace the event's scope where it has `expected_revision`."""
        with self._metrics.ledger("write"):
            return self._ledger.replace(scope, state, expected_revision=expected_revision, event=event)

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> bool:
        """Make all changes or none; and raise the newest time seen."""
        with self._metrics.ledger("write"):
            return self._ledger.swap(changes, max_time_seen=max_time_seen)

    def append(self, event: LedgerEvent) -> None:
        """Add an event that changes no scope."""
        with self._metrics.ledger("write"):
            self._ledger.append(event)

    def scopes(self) -> tuple[str, ...]:
        """The names of all scopes, sorted."""
        return self._ledger.scopes()

    def history(self, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:
        """The newest `limit` events (of one scope), oldest first."""
        return self._ledger.history(scope, limit=limit)

    def head(self) -> Head:
        """The end of the history."""
        return self._ledger.head()

    def max_time_seen(self) -> datetime | None:
        """The newest time of an acceptance."""
        return self._ledger.max_time_seen()

    def check(self) -> int:
        """Walk the whole history and compare it with the scopes."""
        return self._ledger.check()

    def require_head(self, expected: Head) -> None:
        """`ledger.corrupt` where the ledger never had the head `expected`."""
        self._ledger.require_head(expected)

    def close(self) -> None:
        """Let go of the store."""
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
