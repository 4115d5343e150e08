"""A ledger without a file: the contract's second implementation, for state machines that need many runs."""

from __future__ import annotations

import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from verifier.core.outcome import Reason
from verifier.ledger.causes import Known, adds_content, effect_of, stands
from verifier.ledger.interface import (
    Change,
    Entry,
    EventKind,
    Head,
    Layers,
    Ledger,
    LedgerEvent,
    Moment,
    Naming,
    TagName,
    time_moved_by,
)
from verifier.ledger.record import GENESIS, chain, placed_text, read_event, state_text
from verifier.ledger.view import View
from verifier.versions.state import Effect, ScopeState


class MemoryLedger(Ledger):
    url = ""
    findings: tuple[Reason, ...] = ()

    def __init__(self) -> None:
        self.url = f"memory:{uuid.uuid4()}"
        self.states: dict[str, ScopeState] = {}
        self.entries: list[Entry] = []
        self.time_seen: datetime | None = None
        self.known: dict[tuple[object, object], Known | None] = {}
        self.lock = threading.RLock()

    def fetch(self, scope: str) -> View:
        with self.lock:
            return View(state=self.states.get(scope), max_time_seen=self.time_seen)

    def swap(self, changes: Sequence[Change]) -> bool:
        with self.lock:
            kept = (dict(self.states), list(self.entries), self.time_seen, dict(self.known))
            try:
                made = all(map(self._make, changes))
            except BaseException:
                self.states, self.entries, self.time_seen, self.known = kept
                raise
            if not made:
                self.states, self.entries, self.time_seen, self.known = kept
        return made

    def _make(self, change: Change) -> bool:
        event, before = change.event, self.states.get(change.event.scope)
        if not self._is_expected(change):
            return False
        if change.state is None and event.kind is EventKind.ACCEPTED and not stands(before, event):
            return False
        place = (event.scope, event.digest)
        effect = effect_of(before, event, change.state, self.known.get(place))
        if event.tag is not None:
            told = list(self.events(event.scope, naming=TagName(name=event.tag.name)))
            if event.tag.after != (told[-1].head.sequence if told else 0):
                return False
        if change.state is not None:
            self.states[event.scope] = change.state
        if adds_content(event, effect):
            self.known.setdefault(place, Known.of(event))
        text = placed_text(event, len(self.entries) + 1, effect, change.state and state_text(change.state))
        self.entries.append(Entry(event=read_event(text), text=text, head=chain(self.head(), text)))
        self.time_seen = max(filter(None, (self.time_seen, time_moved_by(event))), default=None)
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
        naming: Naming | None = None,
    ) -> Iterator[Entry]:
        within = self.entries[max(after, 0) : sys.maxsize if until is None else until]
        found = [entry for entry in within if scope is None or entry.event.scope == scope]
        found = [entry for entry in found if naming is None or _names(entry, naming)]
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


def _names(entry: Entry, naming: Naming) -> bool:
    if isinstance(naming, TagName):
        return entry.event.tag is not None and entry.event.tag.name == naming.name
    if isinstance(naming, Layers):
        return bool(set(entry.event.layers) & set(naming.chains))
    return entry.event.digest == naming and adds_content(entry.event, entry.event.effect)


def forge(ledger: MemoryLedger, event: LedgerEvent, after: ScopeState | None, effect: Effect | None = None) -> None:
    """Write an event past all rules, as whoever computes the chain anew can; the effect is the mark's by default."""
    if after is not None and effect is None:
        effect = Effect(mark=after.mark)
    text = placed_text(event, len(ledger.entries) + 1, effect, after and state_text(after))
    ledger.entries.append(Entry(event=read_event(text), text=text, head=chain(ledger.head(), text)))
    if after is not None:
        ledger.states[event.scope] = after
    ledger.time_seen = max(filter(None, (ledger.time_seen, time_moved_by(event))), default=None)
