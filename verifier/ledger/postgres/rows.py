"""What the rows of a PostgreSQL ledger mean, and whether they hang together. Pure; raises `ValueError`.

* the head is what the chain of all events, from the first, ends in
* a scope's state is the one that its last event led to
* the newest time seen is not earlier than any acceptance
"""

from __future__ import annotations

import json
from datetime import datetime

from verifier.core.digest import Digest
from verifier.ledger.interface import Head, LedgerEvent, time_moved_by
from verifier.ledger.record import GENESIS, chain, leads_to, placed_text, read_event

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


def head_of(sequence: int, digest: str) -> Head:
    """A head from its two columns."""
    return Head(sequence=sequence, digest=Digest.parse(digest))


def members_of(event: LedgerEvent) -> str:
    """The members of an event's text as JSON, in order, one a line, but for the two that the database fills in."""
    members: dict[str, object] = json.loads(placed_text(event, 0, None))
    del members["sequence"], members["state"]
    return "\n".join(map(_ENCODE, members.values()))


def require_last(rows: list[tuple[int, str, str]], head: Head) -> None:
    """Refuse a head that is not what the newest event leads to; `rows` are the newest two (sequence, head, event)."""
    ends = [head_of(sequence, digest) for sequence, digest, _ in rows] + [GENESIS]
    reached = chain(ends[1], rows[0][2]) if rows else GENESIS
    if reached != head:
        raise ValueError(f"its head is {head}, its last event leads to {reached}")


def require_led_to(scope: str, text: str, event: str | None) -> None:
    """Refuse a state with the text `text` where the event that is said to have led to it did not."""
    if event is None or not leads_to(event, scope, text):
        raise ValueError(f"the state of {scope} is not the one that its last event led to")


class Recount:
    """A walk over a whole history, row by row, that keeps what it should have led to."""

    def __init__(self) -> None:
        self.head = GENESIS
        self._changed: dict[str, int] = {}
        self._newest: datetime | None = None

    def add(self, sequence: int, scope: str, digest: str, text: str) -> None:
        """Follow the chain by one event."""
        self.head = chain(self.head, text)
        if self.head != head_of(sequence, digest):
            raise ValueError(f"the chain breaks at event {sequence}")
        event = read_event(text)
        if (event.sequence, event.scope) != (sequence, scope):
            raise ValueError(f"event {sequence} stands where another belongs")
        if event.state is not None:
            self._changed[scope] = sequence
        moved = time_moved_by(event)
        if moved is not None:
            self._newest = moved if self._newest is None else max(moved, self._newest)

    def settle(self, scope: str, sequence: int) -> None:
        """Tick a scope off, which says that this event changed it last."""
        if self._changed.pop(scope, None) != sequence:
            raise ValueError(f"{scope} was last changed by another event than {sequence}")

    def require_end(self, head: Head, newest: datetime | None) -> None:
        """Refuse a store that says something else, or lacks a scope."""
        if self.head != head:
            raise ValueError(f"the history ends at {self.head}, the store says {head}")
        if self._changed:
            raise ValueError(f"{len(self._changed)} scopes are missing")
        if self._newest is not None and (newest is None or newest < self._newest):
            raise ValueError(f"the newest time seen is {newest}, the history has {self._newest}")
