"""A ledger without a file: the contract's second implementation, for state machines that need many runs."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Self

from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.ledger.interface import Change, Head, LedgerEvent, time_moved_by
from verifier.ledger.record import GENESIS, chain, placed_text, read_event, state_text
from verifier.ledger.view import View
from verifier.versions.state import ScopeState


class MemoryLedger:
    findings: tuple[Reason, ...] = ()

    def __init__(self) -> None:
        self.url = f"memory:{uuid.uuid4()}"
        self.states: dict[str, ScopeState] = {}
        self.events: list[str] = []
        self.heads: list[Head] = [GENESIS]
        self.time_seen: datetime | None = None
        self.lock = threading.Lock()

    def fetch(self, scope: str) -> View:
        return View(state=self.states.get(scope), max_time_seen=self.time_seen)

    def create(self, scope: str, state: ScopeState, event: LedgerEvent) -> bool:
        return self._swap_one(scope, Change(state=state, event=event))

    def replace(self, scope: str, state: ScopeState, *, expected_revision: int, event: LedgerEvent) -> bool:
        return self._swap_one(scope, Change(state=state, expected_revision=expected_revision, event=event))

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> bool:
        with self.lock:
            return self._swap(changes, max_time_seen)

    def _swap_one(self, scope: str, change: Change) -> bool:
        if change.event.scope != scope:
            raise ValueError("the event is of another scope")
        return self.swap((change,), max_time_seen=time_moved_by(change.event))

    def _swap(self, changes: Sequence[Change], max_time_seen: datetime | None) -> bool:
        for change in changes:
            found = self.states.get(change.event.scope)
            compared = change.state is not None or change.expected_revision is not None
            if compared and (found.revision if found else None) != change.expected_revision:
                return False
        for change in changes:
            if change.state is not None:
                self.states[change.event.scope] = change.state
            text = placed_text(change.event, len(self.heads), change.state and state_text(change.state))
            self.events.append(text)
            self.heads.append(chain(self.heads[-1], text))
        times = [moment for moment in (self.time_seen, max_time_seen) if moment is not None]
        self.time_seen = max(times, default=None)
        return True

    def append(self, event: LedgerEvent) -> None:
        self.swap((Change(event=event),), max_time_seen=time_moved_by(event))

    def scopes(self) -> tuple[str, ...]:
        return tuple(sorted(self.states))

    def history(self, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:
        events = [event for event in map(read_event, self.events) if scope is None or event.scope == scope]
        yield from events if limit is None else events[-limit:]

    def head(self) -> Head:
        return self.heads[-1]

    def max_time_seen(self) -> datetime | None:
        return self.time_seen

    def check(self) -> int:
        return len(self.events)

    def require_head(self, expected: Head) -> None:
        if expected not in self.heads:
            raise refuse("ledger.corrupt", self.url, f"never was at {expected}")

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
