"""The ledger of a fleet: one PostgreSQL database, durable at every commit, safe between machines.

* a ledger is made by `create_ledger` alone, by its owner; opening what is missing is `ledger.unavailable`
* a change is one statement in one round trip: the database compares the revision, chains the event to the head and
  writes state, event, head and time together (`postgres.functions`); several changes are one transaction of these
* a role may do what it was granted: a loader advances, an operator restricts, nobody lowers, deletes or rewrites
* an acceptance of what stood already, which another writer overtook, is not written down (`swap` is False)
* opening checks the schema, and that the head is what the last event leads to; fetching checks that a scope's state is
  the one that its last event led to
* every answer is one statement, so of one moment
* a server that is gone, slow or stopped is `ledger.unavailable` or `ledger.locked` after a bounded time: a denial
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.ledger.causes import require_readable, unsound
from verifier.ledger.interface import Change, Entry, Head, Layers, Ledger, Moment, Naming, TagName
from verifier.ledger.postgres.connection import BoundedConnection, Connections, Waits, read_url
from verifier.ledger.postgres.exposure import open_schema
from verifier.ledger.postgres.questions import HEAD_AT, questions_for, require_end
from verifier.ledger.postgres.rows import members_of
from verifier.ledger.postgres.schema import make_schema, require_schema
from verifier.ledger.record import read_state, state_text
from verifier.ledger.rows import PAGE, entry_of, head_of, moment_of, require_led_to
from verifier.ledger.view import View
from verifier.versions.state import ScopeState

MAX_CONNECTIONS = 4
"""Of one ledger object: its threads take turns."""

_WAITS = Waits()
_NOTHING = ("", ScopeState(revision=1))

_RANGE: LiteralString = "FROM verifier_ledger.history WHERE sequence > %(after)s AND sequence <= %(until)s"
_RANGE_OF_SCOPE: LiteralString = _RANGE + " AND scope = %(scope)s"
_RANGE_OF_CONTENT: LiteralString = _RANGE_OF_SCOPE + " AND content = %(named)s"
_RANGE_OF_TAG: LiteralString = _RANGE_OF_SCOPE + " AND tag = %(named)s"
_RANGE_OF_LAYERS: LiteralString = _RANGE + " AND layers && %(named)s::text[]"
_PAGE_OF: LiteralString = "SELECT sequence, scope, content, head, event {} ORDER BY sequence LIMIT %(most)s"
_NEWEST_OF: LiteralString = """SELECT pg_catalog.min(sequence) - 1, pg_catalog.max(sequence) FROM (
    SELECT sequence {} ORDER BY sequence DESC LIMIT %(most)s) AS newest"""
_TEXTS: LiteralString = """SELECT sequence, event FROM verifier_ledger.history
    WHERE sequence > %s ORDER BY sequence LIMIT %s"""
_MAY_OPERATE: LiteralString = """SELECT pg_catalog.has_function_privilege(
    'verifier_ledger.operate(text[], text, bigint)', 'EXECUTE')"""
_RECORD: LiteralString = """SELECT verifier_ledger.record(
    pg_catalog.string_to_array(%s, pg_catalog.chr(10)), %s::text, %s::bigint)"""
_OPERATE: LiteralString = """SELECT verifier_ledger.operate(
    pg_catalog.string_to_array(%s, pg_catalog.chr(10)), %s::text, %s::bigint)"""


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
    read_only: bool = False,
    waits: Waits = _WAITS,
    connections: int = MAX_CONNECTIONS,
) -> PostgresLedger:
    """Open an existing ledger after checking it."""
    pool = Connections(read_url(url), waits, size=connections, read_only=read_only)
    try:
        with pool.borrowed() as connection:
            version = require_schema(connection, pool.url, read_only=read_only)
            (may_operate,) = _one(connection, _MAY_OPERATE)
            findings = open_schema(connection, pool.url)
        ledger = PostgresLedger(pool, _OPERATE if may_operate else _RECORD, findings, version)
        ledger.require_end()
    except BaseException:
        pool.close()
        raise
    return ledger


def history_texts(url: str, *, waits: Waits = _WAITS) -> Iterator[str]:
    """The texts of its events as far as they can be read, for whoever judges them: nothing is checked here."""
    pool, after = Connections(read_url(url), waits, size=1, read_only=True), 0
    try:
        while True:
            with pool.borrowed() as connection:
                page = connection.execute(_TEXTS, (after, PAGE)).fetchall()
            yield from (text for _, text in page)
            if len(page) < PAGE:
                return
            after = page[-1][0]
    finally:
        pool.close()


class PostgresLedger(Ledger):
    """`interface.Ledger` over one PostgreSQL database; made by `open_ledger`."""

    def __init__(
        self, connections: Connections, write: LiteralString, findings: tuple[Reason, ...], version: int
    ) -> None:
        # A schema that may not be brought to the newest knows nothing of tags and layers, and has none.
        self._names_images = version > 1
        self._questions = questions_for(version)
        self._connections = connections
        self._write_statement, self._findings = write, findings
        self._parsed = _NOTHING  # the newest text and what it says: whoever advances need not read it again

    @property
    def url(self) -> str:
        """User, host, port and database; no password and no other parameter."""
        return self._connections.url

    @property
    def findings(self) -> tuple[Reason, ...]:
        """A warning where others may make objects in the database's schema `public`."""
        return self._findings

    def fetch(self, scope: str) -> View:
        """The newest committed view of one scope."""
        with self._reading() as connection:
            time_seen, text, event = _one(connection, self._questions.fetch, (scope,))
            return View(
                state=None if text is None else self._proven(scope, text, event),
                max_time_seen=time_seen,
            )

    def swap(self, changes: Sequence[Change]) -> bool:
        """Make all changes, each to the scope of its event, or none."""
        for change in changes:
            _require_readable(change)
        with self._connections.borrowed() as connection:
            if len(changes) == 1:
                return self._make(connection, changes[0])
            made = False
            # Turns are taken in one order, by scope: nobody waits in a circle.
            ordered = sorted(changes, key=lambda change: change.event.scope.encode())
            with connection.transaction() as transaction:
                made = all(self._make(connection, change) for change in ordered)
                if not made:
                    raise psycopg.Rollback(transaction)
            return made

    def scopes(self) -> Moment:
        """All scopes at one moment."""
        with self._reading() as connection:
            return moment_of(connection.execute(self._questions.scopes))

    def events(
        self,
        scope: str | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        newest: int | None = None,
        naming: Naming | None = None,
    ) -> Iterator[Entry]:
        """The history (of one scope), oldest first; read page by page."""
        if isinstance(naming, TagName | Layers) and not self._names_images:
            return
        within, named = _range(scope, naming)
        until = sys.maxsize if until is None else until
        if newest is not None:
            asked = {"scope": scope, "after": after, "until": until, "most": newest, "named": named}
            with self._reading() as connection:
                found = _one(connection, _NEWEST_OF.format(within), asked)
                after, until = (until, until) if found[0] is None else found
        while after < until:
            asked = {"scope": scope, "after": after, "until": until, "most": PAGE, "named": named}
            with self._reading() as connection:
                page = [entry_of(*row) for row in connection.execute(_PAGE_OF.format(within), asked)]
            yield from page
            after = until if len(page) < PAGE else page[-1].head.sequence

    def head(self) -> Head:
        """The end of the history, once its newest event was proven to lead there."""
        end = self.require_end()
        if self._questions.head is None and end is not None:
            return head_of(*end)
        with self._reading() as connection:
            return head_of(*_one(connection, str(self._questions.head)))

    def require_end(self) -> tuple[int, str] | None:
        """Refuse a ledger whose newest event does not lead where its chain ends; the end of one chain, None of many."""
        with self._reading() as connection:
            return require_end(connection.execute(self._questions.end).fetchall())

    def had(self, head: Head) -> bool:
        """Whether the history once ended in this head."""
        if self._questions.head is not None:
            with self._reading() as connection:
                rows = connection.execute(HEAD_AT, {"until": head.sequence}).fetchall()
                if rows:
                    return rows == [(head.sequence, str(head.digest))]
        return super().had(head)

    def close(self) -> None:
        """Close the connections; nothing else may be called afterwards."""
        self._connections.close()

    def _proven(self, scope: str, text: str, event: str | None) -> ScopeState:
        """The state with the text `text`, if the event that is said to have led to it did."""
        require_led_to(scope, text, event)
        known, state = self._parsed
        if text != known:
            state = read_state(text)
            self._parsed = (text, state)
        return state

    def _make(self, connection: BoundedConnection, change: Change) -> bool:
        """Write one change; False where the scope is not what was expected."""
        text = None if change.state is None else state_text(change.state)
        row = (members_of(change.event), text, change.expected_revision)
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


def _require_readable(change: Change) -> None:
    try:
        require_readable(change.event)
    except ValueError as error:
        raise unsound(change.event, error) from error


def _range(scope: str | None, naming: Naming | None) -> tuple[LiteralString, str | list[str] | None]:
    """Which events are asked for, and what they are to name."""
    match naming:
        case None:
            return _RANGE if scope is None else _RANGE_OF_SCOPE, None
        case Layers(chains=chains):
            return _RANGE_OF_LAYERS, [str(each) for each in chains]
        case TagName(name=name):
            return _RANGE_OF_TAG, name
        case Digest():
            return _RANGE_OF_CONTENT, str(naming)


def _one(
    connection: BoundedConnection, query: LiteralString, parameters: Sequence[object] | Mapping[str, object] = ()
) -> tuple[Any, ...]:
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise ValueError("a row that every ledger has is missing")
    return row
