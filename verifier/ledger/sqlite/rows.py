"""What the rows of a SQLite ledger mean, and whether they hang together. Pure; raises `ValueError`.

* a row says twice what it says (in its columns and in its text): both must agree
* the head is what the chain of all events, from the first, ends in
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from verifier.core.clock import EPOCH
from verifier.core.digest import Digest
from verifier.ledger.interface import Head, LedgerEvent, time_moved_by
from verifier.ledger.record import GENESIS, chain, read_event

_MICROSECOND = timedelta(microseconds=1)


def time_of(microseconds: int | None) -> datetime | None:
    """A time as it is stored: microseconds since 1970."""
    return None if microseconds is None else EPOCH + microseconds * _MICROSECOND


def microseconds_of(moment: datetime | None) -> int | None:
    """A time as it is to be stored."""
    return None if moment is None else (moment - EPOCH) // _MICROSECOND


def head_of(sequence: int, digest: str) -> Head:
    """A head from its two columns."""
    return Head(sequence=sequence, digest=Digest.parse(digest))


def end_of(newest: Sequence[tuple[int, str, str]]) -> Head:
    """The head that the newest event leads to, from the newest two rows (sequence, head, event), newest first."""
    if not newest:
        return GENESIS
    previous = head_of(*newest[1][:2]) if len(newest) > 1 else GENESIS
    return chain(previous, newest[0][2])


def walk(rows: Iterable[tuple[int, str, str, str]], scopes: dict[str, int], end: Head, newest: datetime | None) -> int:
    """Follow the chain of (sequence, scope, head, event) to `end`; the number of events.

    `scopes` says which event last changed each scope, `newest` what time the store says it has seen.
    """
    head, changed, time_seen = GENESIS, dict[str, int](), newest
    for sequence, scope, digest, text in rows:
        head = chain(head, text)
        if head != head_of(sequence, digest):
            raise ValueError(f"the chain breaks at event {sequence}")
        event = read_event(text)
        if (event.sequence, event.scope) != (sequence, scope):
            raise ValueError(f"event {sequence} stands where another belongs")
        if event.state is not None:
            changed[scope] = sequence
        time_seen = _later(time_seen, event)
    if head != end:
        raise ValueError(f"the history ends at {head}, the store says {end}")
    if changed != scopes:
        raise ValueError("the scopes are not those that the history leads to")
    if time_seen != newest:
        raise ValueError(f"the newest time seen is {newest}, the history has {time_seen}")
    return head.sequence


def _later(time_seen: datetime | None, event: LedgerEvent) -> datetime | None:
    moved = time_moved_by(event)
    if moved is None or (time_seen is not None and time_seen >= moved):
        return time_seen
    return moved
