"""What the rows of a store mean, and whether they hang together. Pure; raises `ValueError`.

* a row of the history says twice where it belongs (in its columns and in its text): both must agree
* the head of a store is what its newest event leads to
* a scope's state is the one that its last event led to
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from verifier.core.digest import Digest
from verifier.ledger.causes import adds_content
from verifier.ledger.interface import Entry, Head, LedgerEvent, Moment
from verifier.ledger.record import GENESIS, SHA256, chain, leads_to, link, read_event, read_state
from verifier.versions.state import Effect

PAGE = 256
"""Events that a store reads at once: a history is read page by page, and nobody waits for who reads a long one."""


def head_of(sequence: int, digest: str) -> Head:
    """A head from its two columns."""
    return Head(sequence=sequence, digest=Digest.parse(digest))


def entry_of(sequence: int, scope: str, content: str | None, digest: str, text: str) -> Entry:
    """A line of the history from its columns."""
    event = read_event(text)
    if (event.sequence, event.scope, content_of(event, event.effect)) != (sequence, scope, content):
        raise ValueError(f"event {sequence} stands where another belongs")
    return Entry(event=event, text=text, head=head_of(sequence, digest))


def require_linked(sequence: int, before: str | None, digest: str, text: str) -> None:
    """Refuse the text of an event that does not lead from the digest before it, None for the first one, to its own."""
    previous = str(GENESIS.digest) if before is None and sequence == GENESIS.sequence + 1 else before
    if previous is None or SHA256 + link(previous.removeprefix(SHA256), text) != digest:
        raise ValueError(f"event {sequence} is not the one that its history was continued with")


def content_of(event: LedgerEvent, effect: Effect | None) -> str | None:
    """What a row says in its column of content: the digest that the scope knows by a version from then on."""
    return str(event.digest) if adds_content(event, effect) else None


def proven_head(rows: Sequence[tuple[Any, ...]]) -> Head:
    """The head that the store says, if its newest event leads to it.

    Each row has the store's sequence and head, then sequence, head and text of one of the newest two events, newest
    first; three None where there is no event.
    """
    if not rows:
        raise ValueError("the row that every ledger has is missing")
    head, newest = head_of(*rows[0][:2]), [row[2:] for row in rows if row[2] is not None]
    previous = head_of(*newest[1][:2]) if len(newest) > 1 else GENESIS
    reached = chain(previous, newest[0][2]) if newest else GENESIS
    if reached != head:
        raise ValueError(f"its head is {head}, its last event leads to {reached}")
    return head


def moment_of(rows: Iterable[tuple[int, str, datetime | None, str | None, str, str | None]]) -> Moment:
    """The moment in rows of sequence, head and newest time of the store, then name, state and last event of a scope.

    The name is None where there is no scope.
    """
    store, states = None, []
    for sequence, digest, time_seen, name, state, event in rows:
        store = (sequence, digest, time_seen)
        if name is not None:
            require_led_to(name, state, event)
            states.append((name, read_state(state)))
    if store is None:
        raise ValueError("the row that every ledger has is missing")
    return Moment(head=head_of(*store[:2]), max_time_seen=store[2], states=tuple(states))


def require_led_to(scope: str, text: str, event: str | None) -> None:
    """Refuse a state with the text `text` where the event that is said to have led to it did not."""
    if event is None or not leads_to(event, scope, text):
        raise ValueError(f"the state of {scope} is not the one that its last event led to")
