"""The ledger of a fleet: one PostgreSQL database, durable at every commit, safe between machines.

* a ledger is made by `create_ledger` alone, by its owner; opening what is missing is `ledger.unavailable`
* a change is one statement in one round trip: the database compares the revision, chains the event to the head and
  writes state, event, head and time together (`postgres_functions`); several changes are one transaction of these
* a role may do what it was granted: a loader advances, an operator restricts, nobody lowers, deletes or rewrites
* an acceptance of what stood already, which another writer overtook, is `ledger.locked` and not written down
* opening checks the schema, and that the head is the last event; fetching checks that a scope's state is the one that
  its last event led to; `check` walks the whole chain in one snapshot
* a database that was put back or emptied behind our back is found by `expect_head`
* a server that is gone, slow or stopped is `ledger.unavailable` or `ledger.locked` after a bounded time: a denial
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, LiteralString, Self

import psycopg

from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.ledger.interface import Change, Head, LedgerEvent, time_moved_by
from verifier.ledger.postgres.connection import BoundedConnection, Connections, Waits, read_url
from verifier.ledger.postgres.rows import Recount, head_of, members_of, require_last, require_led_to
from verifier.ledger.postgres.schema import make_schema, require_schema
from verifier.ledger.record import GENESIS, read_event, read_state, state_text
from verifier.ledger.view import View
from verifier.versions.state import ScopeState

MAX_CONNECTIONS = 4
"""Of one ledger object: its threads take turns."""

_WAITS = Waits()
_PAGE = 256
_NOTHING = ("", ScopeState(revision=1))

_FETCH: LiteralString = """SELECT store.max_time_seen, scope.state, history.event
    FROM verifier_ledger.store LEFT JOIN verifier_ledger.scope ON scope.name = %s
    LEFT JOIN verifier_ledger.history ON history.sequence = scope.sequence"""
_STORE: LiteralString = "SELECT sequence, head, max_time_seen FROM verifier_ledger.store"
_LAST: LiteralString = "SELECT sequence, head, event FROM verifier_ledger.history ORDER BY sequence DESC LIMIT 2"
_EVENT: LiteralString = "SELECT sequence, head FROM verifier_ledger.history WHERE sequence = %s"
_SCOPES: LiteralString = "SELECT name FROM verifier_ledger.scope ORDER BY name"
_PAGE_OF_ALL: LiteralString = """SELECT event FROM verifier_ledger.history
    WHERE sequence >= %s ORDER BY sequence LIMIT %s"""
_PAGE_OF_SCOPE: LiteralString = """SELECT event FROM verifier_ledger.history
    WHERE sequence >= %s AND scope = %s ORDER BY sequence LIMIT %s"""
_OLDEST_OF_ALL: LiteralString = """SELECT min(sequence) FROM (
    SELECT sequence FROM verifier_ledger.history ORDER BY sequence DESC LIMIT %s) AS newest"""
_OLDEST_OF_SCOPE: LiteralString = """SELECT min(sequence) FROM (
    SELECT sequence FROM verifier_ledger.history WHERE scope = %s ORDER BY sequence DESC LIMIT %s) AS newest"""
_ALL_EVENTS: LiteralString = "SELECT sequence, scope, head, event FROM verifier_ledger.history ORDER BY sequence"
_ALL_SCOPES: LiteralString = """SELECT scope.name, scope.sequence, scope.state, history.event
    FROM verifier_ledger.scope LEFT JOIN verifier_ledger.history ON history.sequence = scope.sequence"""
_SNAPSHOT: LiteralString = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_MAY_OPERATE: LiteralString = """SELECT has_function_privilege(
    'verifier_ledger.operate(text[], text, bigint, timestamptz)', 'EXECUTE')"""
_RECORD: LiteralString = """SELECT verifier_ledger.record(
    string_to_array(%s, chr(10)), %s::text, %s::bigint, %s::timestamptz)"""
_OPERATE: LiteralString = """SELECT verifier_ledger.operate(
    string_to_array(%s, chr(10)), %s::text, %s::bigint, %s::timestamptz)"""


def create_ledger(url: str, *, waits: Waits = _WAITS) -> str:
    """Make a new, empty ledger in the database at `url`, whose role becomes its owner; one that is there stays.

    Returns the URL without secrets.
    """
    connections = Connections(read_url(url), waits, size=1, read_only=False)
    try:
        with connections.borrowed() as connection:
            make_schema(connection, connections.url)
    finally:
        connections.close()
    return connections.url


def open_ledger(
    url: str,
    *,
    expect_head: Head | None = None,
    read_only: bool = False,
    waits: Waits = _WAITS,
    connections: int = MAX_CONNECTIONS,
) -> PostgresLedger:
    """Open an existing ledger after checking it; `expect_head` is one that this ledger once had (`Ledger.head`)."""
    pool = Connections(read_url(url), waits, size=connections, read_only=read_only)
    try:
        with pool.borrowed() as connection:
            require_schema(connection, pool.url, read_only=read_only)
            (may_operate,) = _one(connection, _MAY_OPERATE)
        ledger = PostgresLedger(pool, _OPERATE if may_operate else _RECORD)
        ledger.require_end()
        if expect_head is not None:
            ledger.require_head(expect_head)
    except BaseException:
        pool.close()
        raise
    return ledger


class PostgresLedger:
    """`interface.Ledger` over one PostgreSQL database; made by `open_ledger`."""

    def __init__(self, connections: Connections, write: LiteralString) -> None:
        self._connections = connections
        self._write_statement = write
        self._parsed = _NOTHING  # the newest text and what it says: whoever advances need not read it again

    @property
    def url(self) -> str:
        """User, host, port and database; no password and no other parameter."""
        return self._connections.url

    @property
    def findings(self) -> tuple[Reason, ...]:
        """None: the place is the database's to look after."""
        return ()

    def fetch(self, scope: str) -> View:
        """The newest committed view of one scope."""
        with self._reading() as connection:
            time_seen, text, event = _one(connection, _FETCH, (scope,))
            return View(
                state=None if text is None else self._proven(scope, text, event),
                max_time_seen=time_seen,
            )

    def create(self, scope: str, state: ScopeState, event: LedgerEvent) -> bool:
        """Make a scope that does not exist; False where it does."""
        return self._swap_one(scope, Change(state=state, event=event))

    def replace(self, scope: str, state: ScopeState, *, expected_revision: int, event: LedgerEvent) -> bool:
        """Replace the state that has `expected_revision`; False where it has another or does not exist."""
        return self._swap_one(scope, Change(state=state, expected_revision=expected_revision, event=event))

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> bool:
        """Make all changes, each to the scope of its event, or none; and raise the newest time seen."""
        with self._connections.borrowed() as connection:
            if len(changes) == 1:
                return self._make(connection, changes[0], max_time_seen)
            made = False
            with connection.transaction() as transaction:
                made = all(self._make(connection, change, max_time_seen) for change in changes)
                if not made:
                    raise psycopg.Rollback(transaction)
            return made

    def append(self, event: LedgerEvent) -> None:
        """Add an event that changes no scope: a denial, or what was accepted before."""
        if not self.swap((Change(event=event),), max_time_seen=time_moved_by(event)):
            # Written down now, the history would say that the older version was accepted after the newer one.
            message = "what was to be accepted again no longer stands: another writer moved the scope"
            raise refuse("ledger.locked", event.scope, message, "Ask again.")

    def scopes(self) -> tuple[str, ...]:
        """The names of all scopes, sorted."""
        with self._reading() as connection:
            return tuple(name for (name,) in connection.execute(_SCOPES))

    def history(self, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:
        """The newest `limit` events (of one scope), oldest first; read page by page."""
        query, names = (_PAGE_OF_ALL, ()) if scope is None else (_PAGE_OF_SCOPE, (scope,))
        following = 1 if limit is None else self._oldest(scope, limit)
        while True:
            with self._reading() as connection:
                rows = connection.execute(query, (following, *names, _PAGE)).fetchall()
                page = [read_event(text) for (text,) in rows]
            yield from page
            if len(page) < _PAGE:
                return
            following = (page[-1].sequence or 0) + 1

    def head(self) -> Head:
        """The end of the history."""
        with self._reading() as connection:
            sequence, digest, _ = _one(connection, _STORE)
            return head_of(sequence, digest)

    def max_time_seen(self) -> datetime | None:
        """The newest time of an acceptance."""
        with self._reading() as connection:
            newest: datetime | None = _one(connection, _STORE)[2]
            return newest

    def check(self) -> int:
        """Walk the whole history and compare it with the scopes; the number of events, or `ledger.corrupt`."""
        recount = Recount()
        with self._snapshot() as connection:
            for row in _streamed(connection, _ALL_EVENTS):
                recount.add(*row)
            for name, sequence, text, event in _streamed(connection, _ALL_SCOPES):
                recount.settle(name, sequence)
                require_led_to(name, text, event)
                read_state(text)
            sequence, digest, newest = _one(connection, _STORE)
            recount.require_end(head_of(sequence, digest), newest)
        return recount.head.sequence

    def require_end(self) -> None:
        """Refuse a ledger whose head is not what its last event leads to."""
        with self._snapshot() as connection:
            sequence, digest, _ = _one(connection, _STORE)
            require_last(connection.execute(_LAST).fetchall(), head_of(sequence, digest))

    def require_head(self, expected: Head) -> None:
        """Refuse a ledger that never had the head `expected`: an older copy was put back, or it is another one."""
        if expected == GENESIS:
            return
        with self._reading() as connection:
            found = connection.execute(_EVENT, (expected.sequence,)).fetchone()
            had = found is not None and head_of(*found) == expected
        if not had:
            message = f"its history ends at {self.head()} and never was at {expected}: an older or another copy"
            raise refuse("ledger.corrupt", self.url, message)

    def close(self) -> None:
        """Close the connections; nothing else may be called afterwards."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _oldest(self, scope: str | None, limit: int) -> int:
        """The sequence of the oldest of the newest `limit` events."""
        query, names = (_OLDEST_OF_ALL, ()) if scope is None else (_OLDEST_OF_SCOPE, (scope,))
        with self._reading() as connection:
            return int(_one(connection, query, (*names, limit))[0] or sys.maxsize)

    def _swap_one(self, scope: str, change: Change) -> bool:
        if change.event.scope != scope:
            raise ValueError(f"the event is of {change.event.scope!r}, the state of {scope!r}")
        return self.swap((change,), max_time_seen=time_moved_by(change.event))

    def _proven(self, scope: str, text: str, event: str | None) -> ScopeState:
        """The state with the text `text`, if the event that is said to have led to it did."""
        require_led_to(scope, text, event)
        known, state = self._parsed
        if text != known:
            state = read_state(text)
            self._parsed = (text, state)
        return state

    def _make(self, connection: BoundedConnection, change: Change, max_time_seen: datetime | None) -> bool:
        """Write one change; False where the scope is not what was expected."""
        text = None if change.state is None else state_text(change.state)
        row = (members_of(change.event), text, change.expected_revision, max_time_seen)
        (sequence,) = _one(connection, self._write_statement, row)
        if sequence is not None and text is not None and change.state is not None:
            self._parsed = (text, change.state)
        return sequence is not None

    @contextmanager
    def _reading(self) -> Iterator[BoundedConnection]:
        """What is read must make sense: where it does not, the database is not ours or not whole."""
        with self._connections.borrowed() as connection:
            try:
                yield connection
            except (ValueError, TypeError, OverflowError) as error:
                message = f"its rows contradict each other or cannot be read: {error}"
                raise refuse("ledger.corrupt", self.url, message) from error

    @contextmanager
    def _snapshot(self) -> Iterator[BoundedConnection]:
        """One moment of the database for several statements."""
        with self._reading() as connection:
            connection.execute(_SNAPSHOT)
            yield connection
            connection.execute("ROLLBACK")  # where something was raised, the connection is not used again


def _one(connection: BoundedConnection, query: LiteralString, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise ValueError("a row that every ledger has is missing")
    return row


def _streamed(connection: BoundedConnection, query: LiteralString) -> Iterator[tuple[Any, ...]]:
    """The rows of a long answer, some at a time; inside a transaction."""
    with connection.cursor(name="rows") as cursor:
        cursor.execute(query)
        while page := cursor.fetchmany(_PAGE):
            yield from page
