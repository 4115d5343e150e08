"""What is asked of a PostgreSQL ledger about a moment, in one statement each; and what the end of its rows must be.

A ledger that nobody has brought to the third migration yet has one chain, and is asked in another way.
"""

from __future__ import annotations

from typing import Any, LiteralString

from verifier.core.value import Value
from verifier.ledger.chains.heads import linked
from verifier.ledger.postgres.chains import CHAINED, ENDS, HEAD
from verifier.ledger.record import GENESIS
from verifier.ledger.rows import proven_head


class Questions(Value):
    """`fetch` one scope, all `scopes` at one moment, the `end` of the history, and its `head` (None: `end` says it)."""

    fetch: LiteralString
    scopes: LiteralString
    end: LiteralString
    head: LiteralString | None


_FETCH: LiteralString = """SELECT {}, scope.state, history.event
    FROM verifier_ledger.store LEFT JOIN verifier_ledger.scope ON scope.name = %s
    LEFT JOIN verifier_ledger.history ON history.sequence = scope.sequence"""
_SCOPES_OF_ONE: LiteralString = """
    SELECT store.sequence, store.head, store.max_time_seen, scope.name, scope.state, history.event
    FROM verifier_ledger.store LEFT JOIN verifier_ledger.scope ON true
    LEFT JOIN verifier_ledger.history ON history.sequence = scope.sequence ORDER BY scope.name"""
_END_OF_ONE: LiteralString = """SELECT store.sequence, store.head, newest.sequence, newest.head, newest.event
    FROM verifier_ledger.store LEFT JOIN (
        SELECT sequence, head, event FROM verifier_ledger.history ORDER BY sequence DESC LIMIT 2) AS newest ON true
    ORDER BY newest.sequence DESC NULLS LAST"""
_END: LiteralString = """SELECT store.sequence, store.head, newest.sequence, newest.head, newest.event,
        chain.sequence, chain.head, trunk.head, EXISTS (
            SELECT FROM verifier_ledger.chain AS each WHERE each.sequence > store.sequence)
    FROM verifier_ledger.store LEFT JOIN (
        SELECT sequence, head, event, scope FROM verifier_ledger.history ORDER BY sequence DESC LIMIT 2) AS newest
    ON true LEFT JOIN verifier_ledger.chain ON chain.scope = newest.scope
    LEFT JOIN verifier_ledger.history AS trunk ON trunk.sequence = store.sequence
    ORDER BY newest.sequence DESC NULLS LAST"""
_MOMENT: LiteralString = "SELECT sequence, head, seen, name, state, event FROM verifier_ledger.moment(true)"
_HEAD: LiteralString = "SELECT sequence, head FROM verifier_ledger.moment(false)"

_OF_ONE = Questions(fetch=_FETCH.format("store.max_time_seen"), scopes=_SCOPES_OF_ONE, end=_END_OF_ONE, head=None)
_OF_MANY = Questions(
    fetch=_FETCH.format("greatest(store.max_time_seen, (SELECT pg_catalog.max(seen) FROM verifier_ledger.history))"),
    scopes=_MOMENT,
    end=_END,
    head=_HEAD,
)

HEAD_AT: LiteralString = f"""
    SELECT found.place, {HEAD} FROM verifier_ledger.store CROSS JOIN (
        SELECT max(newest.sequence) AS place, {ENDS} AS ends FROM (
            SELECT last.scope, last.sequence, last.head
            FROM verifier_ledger.store CROSS JOIN verifier_ledger.chain CROSS JOIN LATERAL (
                SELECT history.scope, history.sequence, history.head FROM verifier_ledger.history
                WHERE history.scope = chain.scope AND history.sequence <= %(until)s
                    AND history.sequence > store.sequence
                ORDER BY history.sequence DESC LIMIT 1) AS last) AS newest) AS found
    WHERE store.sequence < %(until)s AND found.place IS NOT NULL"""  # noqa: S608 - constants of ours
"""The head over the scopes' chains as far as a place: what was written up to it stays as it is."""


def questions_for(version: int) -> Questions:
    """How a ledger of this version of the schema is asked."""
    return _OF_ONE if version < CHAINED else _OF_MANY


def require_end(rows: list[tuple[Any, ...]]) -> tuple[int, str] | None:
    """The trunk's end where nothing follows it; else None, once the newest event is what its scope's chain ends in.

    Raises `ValueError`.
    """
    if not rows or len(rows[0]) == 5:
        return _one(rows)
    trunk, trunk_head, place, head, text, *end, trunk_event, forked = rows[0]
    if (trunk, trunk_head) != (0, str(GENESIS.digest)) and (not trunk or trunk_head != trunk_event):
        raise ValueError(f"scopes go on from event {trunk}, which is not what {trunk_head} says")
    if place is None or place <= trunk:
        if forked:
            raise ValueError(f"scopes go on from event {trunk}, and no event follows it")
        return _one([row[:5] for row in rows])
    if head != f"sha256:{linked(text)}":
        raise ValueError(f"event {place} does not lead to its head")
    if tuple(end) != (place, head):
        raise ValueError(f"its scope's chain ends at {end[0]}, its newest event is {place}")
    return None


def _one(rows: list[tuple[Any, ...]]) -> tuple[int, str]:
    head = proven_head(rows)
    return head.sequence, str(head.digest)
