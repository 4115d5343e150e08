"""Judging what a ledger has recorded, from outside: the invariants of docs/monotonicity.md over its history.

* `require_invariants` reads the whole history of a ledger that nobody writes to now, and asserts I1 to I5 and I8 over
  it, I6 by `check`, and I7 against a `Snapshot` that was taken before
* it knows nothing of how a ledger stores or decides: only events, states and the order of versions
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from verifier.core.digest import Digest
from verifier.ledger.history import checked, history, require_head
from verifier.ledger.interface import EventKind, Head, Ledger, LedgerEvent
from verifier.versions.schemes import Scheme, order_key
from verifier.versions.state import ScopeState

Place = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A ledger at one moment."""

    head: Head
    time: datetime | None
    states: dict[str, ScopeState]


def snapshot(ledger: Ledger) -> Snapshot:
    """What `require_invariants` compares with later."""
    moment = ledger.scopes()
    return Snapshot(head=moment.head, time=moment.max_time_seen, states=dict(moment.states))


def require_invariants(
    ledger: Ledger, *, since: Snapshot | None = None, told: Iterable[tuple[str, str]] = ()
) -> Snapshot:
    """Assert them all; `told` are the (scope, version) that somebody was told were accepted."""
    events = tuple(history(ledger))
    now, scopes = snapshot(ledger), dict[str, _Scope]()
    for event in events:
        scopes.setdefault(event.scope, _Scope()).take(event)
    for name, state in now.states.items():
        scopes[name].require(state)
    times = [event.time for event in events if event.kind is EventKind.ACCEPTED]
    assert max(times, default=now.time) is None or max(times, default=now.time) <= now.time
    accepted = {(event.scope, event.version) for event in events if event.kind is EventKind.ACCEPTED}
    assert set(told) <= accepted, f"accepted and lost: {set(told) - accepted}"
    # The independent checker: I5, I6, one order, and each event could have led to what it is said to have led to.
    assert checked(ledger)[1] == len(events)
    if since is not None:
        require_head(ledger, since.head)
        _require_no_weaker(since, now)
    return now


@dataclass(slots=True)
class _Scope:
    """One scope, followed through its history."""

    place: Place | None = None
    digest: Digest | None = None
    names: dict[Place, Digest] = field(default_factory=dict)

    def take(self, event: LedgerEvent) -> None:
        if event.kind is EventKind.DENIED:
            assert event.state is None, f"I4: the denial {event.sequence} changed a state"
        elif event.version is not None and event.kind in {EventKind.ACCEPTED, EventKind.IMPORT}:
            self._move(event, (event.epoch, order_key(Scheme(event.scheme), event.version)))

    def require(self, state: ScopeState) -> None:
        found = None if state.mark is None else (state.mark.key, state.mark.digest)
        expected = None if self.place is None else (self.place, self.digest)
        assert found == expected, f"I6: the mark {state.mark} is not the newest acceptance"

    def _move(self, event: LedgerEvent, place: Place) -> None:
        shown = f"event {event.sequence} ({event.scope} {event.epoch}:{event.version})"
        named = self.names.setdefault((*place, event.scheme), event.digest)
        assert named == event.digest, f"I2: {shown} has two contents"
        if self.place is not None:
            assert place >= self.place, f"I1: {shown} went back"
            if event.kind is EventKind.ACCEPTED:
                assert event.epoch == self.place[0], f"I8: {shown} raised the epoch"
        if event.kind is EventKind.ACCEPTED:
            repeated = place == self.place
            assert repeated == (event.state is None), f"I3: {shown} repeats or moves, and says the other"
        if place != self.place:
            self.place, self.digest = place, event.digest


def _require_no_weaker(before: Snapshot, after: Snapshot) -> None:
    """I7, and that nothing which was accepted is gone."""
    assert before.time is None or after.time >= before.time
    for name, held in before.states.items():
        state = after.states[name]
        assert state.revision >= held.revision
        assert held.mark is None or state.mark.key >= held.mark.key
        assert held.floor is None or state.floor.key >= held.floor.key
        assert set(held.quarantined_digests) <= set(state.quarantined_digests)
        assert set(held.quarantined_versions) <= set(state.quarantined_versions)
