"""What is asked of a history: functions over the events and scopes of any store.

* `check` compares the scopes of one moment with the history up to that moment's head, which nobody can change any more:
  who writes meanwhile adds to its end, and is never taken for damage
* a ledger that was put back or emptied is found by a head that was kept elsewhere (`require_head`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.ledger.interface import EventKind, Head, Ledger, LedgerEvent, Moment, time_moved_by
from verifier.ledger.record import GENESIS, chain, state_digest, state_text
from verifier.versions.state import ScopeState


class Replay:
    """A walk over a whole history, event by event, that keeps what it leads to. Pure; raises `ValueError`."""

    __slots__ = ("head", "newest", "states")

    def __init__(self) -> None:
        self.head = GENESIS
        self.newest: datetime | None = None
        self.states: dict[str, Digest] = {}

    def add(self, event: LedgerEvent, text: str) -> None:
        """Follow the chain by one event with the canonical text `text`."""
        self.head = chain(self.head, text)
        if event.sequence != self.head.sequence:
            raise ValueError(f"event {event.sequence} stands in place {self.head.sequence}")
        if event.state is not None:
            self.states[event.scope] = event.state
        moved = time_moved_by(event)
        if moved is not None:
            self.newest = moved if self.newest is None else max(moved, self.newest)

    def require(self, head: Head, states: Iterable[tuple[str, ScopeState]]) -> None:
        """Refuse a head or scopes that the history does not lead to."""
        if self.head != head:
            raise ValueError(f"the events lead to {self.head}, the head is said to be {head}")
        if self.states != {name: state_digest(state_text(state)) for name, state in states}:
            raise ValueError("the scopes are not those that the events lead to")

    def require_time(self, newest: datetime | None) -> None:
        """Refuse a newest time seen that an acceptance is later than."""
        if self.newest is not None and (newest is None or newest < self.newest):
            raise ValueError(f"the newest time seen is said to be {newest}, an acceptance is of {self.newest}")


def check(ledger: Ledger) -> Moment:
    """Walk the whole history and compare it with the scopes; the moment that is sound, or `ledger.corrupt`."""
    moment, replay = ledger.scopes(), Replay()
    try:
        for entry in ledger.events(until=moment.head.sequence):
            replay.add(entry.event, entry.text)
            if replay.head != entry.head:
                raise ValueError(f"the chain breaks at event {entry.head.sequence}")
        replay.require(moment.head, moment.states)
        replay.require_time(moment.max_time_seen)
    except ValueError as error:
        raise refuse("ledger.corrupt", ledger.url, f"its rows contradict each other: {error}") from error
    ledger.head()  # nothing follows that the head does not know
    return moment


def history(ledger: Ledger, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:
    """The newest `limit` events (of one scope), oldest first."""
    return (entry.event for entry in ledger.events(scope, newest=limit))


def versions_of(ledger: Ledger, scope: str, content: Digest) -> tuple[tuple[str, str], ...]:
    """The versions under which `content` was accepted in the scope, each with its scheme: the first two of them.

    There is at most one, and a second one shows that it was not always so.
    """
    found: dict[tuple[str, str], None] = {}
    for entry in ledger.events(scope, naming=content):
        event = entry.event
        if event.kind is EventKind.ACCEPTED and event.digest == content and event.version and event.scheme:
            found[event.version, event.scheme] = None
        if len(found) > 1:
            break
    return tuple(found)


def require_head(ledger: Ledger, expected: Head) -> None:
    """Refuse a ledger that never had the head `expected`: an older copy was put back, or it is another one."""
    if expected == GENESIS:
        return
    found = next(ledger.events(after=expected.sequence - 1, until=expected.sequence), None)
    if found is None or found.head != expected:
        message = f"its history ends at {ledger.head()} and never was at {expected}: an older or another copy"
        raise refuse("ledger.corrupt", ledger.url, message)


def max_time_seen(ledger: Ledger) -> datetime | None:
    """The newest time of an acceptance, here or where it was imported from: the same in the view of any scope."""
    return ledger.fetch("").max_time_seen
