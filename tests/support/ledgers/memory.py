"""A ledger without a file: the contract's second implementation, for state machines that need many runs."""

from __future__ import annotations

import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.ledger.interface import Change, Entry, Head, Ledger, Moment, time_moved_by
from verifier.ledger.record import GENESIS, chain, placed_text, read_event, state_text
from verifier.ledger.view import View
from verifier.versions.state import ScopeState


class MemoryLedger(Ledger):
    url = ""
    findings: tuple[Reason, ...] = ()

    def __init__(self) -> None:
        self.url = f"memory:{uuid.uuid4()}"
        self.states: dict[str, ScopeState] = {}
        self.entries: list[Entry] = []
        self.time_seen: datetime | None = None
        self.lock = threading.RLock()

    def fetch(self, scope: str) -> View:
        with self.lock:
            return View(state=self.states.get(scope), max_time_seen=self.time_seen)

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> bool:
        with self.lock:
            if not all(map(self._is_expected, changes)):
                return False
            for change in changes:
                if change.state is not None:
                    self.states[change.event.scope] = change.state
                text = placed_text(change.event, len(self.entries) + 1, change.state and state_text(change.state))
                self.entries.append(Entry(event=read_event(text), text=text, head=chain(self.head(), text)))
                moved = time_moved_by(change.event, max_time_seen)
                self.time_seen = max(filter(None, (self.time_seen, moved)), default=None)
        return True

    def scopes(self) -> Moment:
        with self.lock:
            return Moment(head=self.head(), max_time_seen=self.time_seen, states=tuple(sorted(self.states.items())))

    def events(
        self,
        scope: str | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        newest: int | None = None,
        naming: Digest | None = None,
    ) -> Iterator[Entry]:
        within = self.entries[max(after, 0) : sys.maxsize if until is None else until]
        found = [entry for entry in within if scope is None or entry.event.scope == scope]
        found = [entry for entry in found if naming is None or entry.event.digest == naming]
        return iter(found if newest is None else found[max(len(found) - newest, 0) :])

    def head(self) -> Head:
        return self.entries[-1].head if self.entries else GENESIS

    def close(self) -> None:
        pass

    def _is_expected(self, change: Change) -> bool:
        if change.state is None and change.expected_revision is None:
            return True
        found = self.states.get(change.event.scope)
        return (found and found.revision) == change.expected_revision
