"""The embedded ledger: one SQLite file, durable at every commit, safe between processes.

* a ledger is made by `create_ledger` alone, whole or not at all; opening what is missing is `ledger.unavailable`
* a change is one transaction (`BEGIN IMMEDIATE`, WAL, `synchronous=FULL`): state, event, head and time together
* opening checks the file (`PRAGMA integrity_check`), its schema, and that the head is the last event;
  fetching checks that a scope's state is the one that its last event led to; `check` walks the whole chain
* a file that was put back or emptied behind our back is found by `expect_head`; one that is taken away or exchanged
  under an open ledger, by the next question
* whatever SQLite says becomes `ledger.corrupt`, `ledger.locked` or `ledger.unavailable`, never its exception
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.outcome import Reason
from verifier.ledger.interface import Change, Head, LedgerEvent, time_moved_by
from verifier.ledger.record import GENESIS, chain, leads_to, placed_text, read_event, read_state, state_text
from verifier.ledger.sqlite.file import connect, make_file, refusal, require_sound, translated
from verifier.ledger.sqlite.place import FileIdentity, place_findings, require_file, require_same_file, resolve
from verifier.ledger.sqlite.rows import end_of, head_of, microseconds_of, time_of, walk
from verifier.ledger.view import View
from verifier.versions.state import ScopeState

LOCK_SECONDS = 10.0
"""How long a writer waits for another one before `ledger.locked`."""

_PAGE = 256
_NOTHING = (None, None, None, ScopeState(revision=1))
_Execute = Callable[..., sqlite3.Cursor]

_FETCH = """SELECT store.max_time_seen, scope.state, history.event
    FROM store LEFT JOIN scope ON scope.name = ? LEFT JOIN history ON history.sequence = scope.sequence"""
_HEAD = "SELECT sequence, head FROM store"
_END = """SELECT store.sequence, store.head, newest.sequence, newest.head, newest.event FROM store LEFT JOIN
    (SELECT sequence, head, event FROM history ORDER BY sequence DESC LIMIT 2) AS newest
    ORDER BY newest.sequence DESC"""
_APPEND = "INSERT INTO history SELECT ?, ?, ?, ? FROM store WHERE sequence = ? AND head = ?"
_MOVE = """UPDATE store SET sequence = ?1, head = ?2,
    max_time_seen = CASE WHEN ?3 IS NULL OR max_time_seen >= ?3 THEN max_time_seen ELSE ?3 END"""
_REVISION = "SELECT revision FROM scope WHERE name = ?"
_CREATE = "INSERT INTO scope (revision, sequence, state, name) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REPLACE = "UPDATE scope SET revision = ?, sequence = ?, state = ? WHERE name = ? AND revision = ?"
_PAGE_OF_ALL = "SELECT event FROM history WHERE sequence >= ? ORDER BY sequence LIMIT ?"
_PAGE_OF_SCOPE = "SELECT event FROM history WHERE sequence >= ? AND scope = ? ORDER BY sequence LIMIT ?"
_OLDEST_OF_ALL = "SELECT min(sequence) FROM (SELECT sequence FROM history ORDER BY sequence DESC LIMIT ?)"
_OLDEST_OF_SCOPE = (
    "SELECT min(sequence) FROM (SELECT sequence FROM history WHERE scope = ? ORDER BY sequence DESC LIMIT ?)"
)


def create_ledger(path: Path) -> None:
    """Make a new, empty ledger (mode 0600), and its folder (0700) where there is none.

    `ConfigurationError` where something stands there already: it is never replaced.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("ledger.unavailable", str(path), f"its folder cannot be made: {error.strerror}") from error
    target = resolve(path)
    if os.path.lexists(target):
        raise ConfigurationError(f"{path} exists already and is never replaced", where="ledger")
    with translated(str(path)):
        make_file(target)


def open_ledger(
    path: Path, *, expect_head: Head | None = None, read_only: bool = False, lock_seconds: float = LOCK_SECONDS
) -> SqliteLedger:
    """Open an existing ledger after checking it; `expect_head` is one that this ledger once had (`Ledger.head`)."""
    target = resolve(path)
    file = require_file(target)
    with translated(str(path)):
        connection = connect(target, read_only=read_only, lock_seconds=lock_seconds)
        try:
            require_sound(connection, str(path), read_only=read_only)
            again = partial(connect, target, read_only=read_only, lock_seconds=lock_seconds)
            ledger = SqliteLedger(connection, target, file, again)
            ledger.require_end()
            if expect_head is not None:
                ledger.require_head(expect_head)
        except BaseException:
            connection.close()
            raise
    return ledger


class SqliteLedger:
    """`interface.Ledger` over one SQLite file; made by `open_ledger`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        file: FileIdentity,
        again: Callable[[], sqlite3.Connection],
    ) -> None:
        self._connection, self._again = connection, again
        self._path, self._file = path, file
        self._lock = threading.RLock()
        self._aside: sqlite3.Connection | None = None
        self._aside_lock = threading.Lock()
        # The newest scope, the texts of its state and of the event that led there, and what they say; and the newest
        # head: whoever advances need not read them again.
        self._proved: tuple[str | None, str | None, str | None, ScopeState] = _NOTHING
        self._end = GENESIS

    @property
    def url(self) -> str:
        """`sqlite:///` and the file's path."""
        return f"sqlite://{quote(os.fsencode(self._path))}"

    @property
    def findings(self) -> tuple[Reason, ...]:
        """A warning where the file lies on a network file system."""
        return place_findings(self._path)

    def fetch(self, scope: str) -> View:
        """The newest committed view of one scope."""
        with self._reading() as execute:
            time_seen, state, event = execute(_FETCH, (scope,)).fetchone()
            return View(
                state=None if state is None else self._proven(scope, state, event),
                max_time_seen=time_of(time_seen),
            )

    def create(self, scope: str, state: ScopeState, event: LedgerEvent) -> bool:
        """Make a scope that does not exist; False where it does."""
        return self._swap_one(scope, Change(state=state, event=event))

    def replace(self, scope: str, state: ScopeState, *, expected_revision: int, event: LedgerEvent) -> bool:
        """Replace the state that has `expected_revision`; False where it has another or does not exist."""
        return self._swap_one(scope, Change(state=state, expected_revision=expected_revision, event=event))

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> bool:
        """Make all changes, each to the scope of its event, or none; and raise the newest time seen."""
        with self._writing() as execute:
            for change in changes:
                if not self._make(execute, change, max_time_seen):
                    execute("ROLLBACK")
                    return False
        return True

    def append(self, event: LedgerEvent) -> None:
        """Add an event that changes no scope: a denial, or what was accepted before."""
        self.swap((Change(event=event),), max_time_seen=time_moved_by(event))

    def scopes(self) -> tuple[str, ...]:
        """The names of all scopes, sorted."""
        with self._reading() as execute:
            return tuple(name for (name,) in execute("SELECT name FROM scope ORDER BY name"))

    def history(self, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:
        """The newest `limit` events (of one scope), oldest first; read page by page."""
        query, names = (_PAGE_OF_ALL, ()) if scope is None else (_PAGE_OF_SCOPE, (scope,))
        following = 1 if limit is None else self._oldest(scope, limit)
        while True:
            with self._reading() as execute:
                page = [read_event(text) for (text,) in execute(query, (following, *names, _PAGE))]
            yield from page
            if len(page) < _PAGE:
                return
            following = (page[-1].sequence or 0) + 1

    def head(self) -> Head:
        """The end of the history."""
        with self._reading() as execute:
            return head_of(*execute(_HEAD).fetchone())

    def max_time_seen(self) -> datetime | None:
        """The newest time of an acceptance."""
        with self._reading() as execute:
            return time_of(*execute("SELECT max_time_seen FROM store").fetchone())

    def check(self) -> int:
        """Walk the whole history and compare it with the scopes; the number of events, or `ledger.corrupt`."""
        with self._lock, self._reading() as execute:  # by one connection
            execute("BEGIN")  # one snapshot for all that follows
            try:
                rows = execute("SELECT sequence, scope, head, event FROM history ORDER BY sequence")
                scopes = dict(execute("SELECT name, sequence FROM scope").fetchall())
                count = walk(rows, scopes, self.head(), self.max_time_seen())
                for name in scopes:
                    self.fetch(name)
            finally:
                execute("ROLLBACK")
        return count

    def require_end(self) -> None:
        """Refuse a ledger whose head is not what its last event leads to."""
        with self._reading() as execute:
            # One statement, one snapshot: between two of them another process may write.
            rows = execute(_END).fetchall()
            newest = [row[2:] for row in rows if row[2] is not None]
            if not rows or end_of(newest) != head_of(*rows[0][:2]):
                raise ValueError("its head is not what its last event leads to")

    def require_head(self, expected: Head) -> None:
        """Refuse a ledger that never had the head `expected`: an older copy was put back, or it is another one."""
        if expected == GENESIS:
            return
        with self._lock, self._reading() as execute:
            found = execute("SELECT sequence, head FROM history WHERE sequence = ?", (expected.sequence,)).fetchone()
            if found is None or head_of(*found) != expected:
                message = f"its history ends at {self.head()} and never was at {expected}: an older or another copy"
                raise refuse("ledger.corrupt", str(self._path), message)

    def close(self) -> None:
        """Close the file; nothing else may be called afterwards."""
        with self._lock, self._aside_lock:
            self._connection.close()
            if self._aside is not None:
                self._aside.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _oldest(self, scope: str | None, limit: int) -> int:
        """The sequence of the oldest of the newest `limit` events."""
        with self._reading() as execute:
            found = execute(_OLDEST_OF_ALL, (limit,)) if scope is None else execute(_OLDEST_OF_SCOPE, (scope, limit))
            return int(found.fetchone()[0] or sys.maxsize)

    def _swap_one(self, scope: str, change: Change) -> bool:
        if change.event.scope != scope:
            raise ValueError(f"the event is of {change.event.scope!r}, the state of {scope!r}")
        return self.swap((change,), max_time_seen=time_moved_by(change.event))

    def _proven(self, scope: str, text: str, event: str | None) -> ScopeState:
        """The state with the text `text`, if the event that is said to have led to it did."""
        proved = self._proved  # others read and write meanwhile
        if (scope, text, event) != proved[:3]:
            if event is None or not leads_to(event, scope, text):
                raise ValueError(f"the state of {scope} is not the one that its last event led to")
            proved = self._proved = (scope, text, event, read_state(text))
        return proved[3]

    def _make(self, execute: _Execute, change: Change, max_time_seen: datetime | None) -> bool:
        """Write one change, inside a transaction; False where the scope is not what was expected."""
        if change.state is None and change.expected_revision is not None:
            found = execute(_REVISION, (change.event.scope,)).fetchone()
            if found != (change.expected_revision,):
                return False
        text = None if change.state is None else state_text(change.state)
        sequence, event = self._append(change.event, text, max_time_seen)
        if change.state is None or text is None:
            return True
        self._proved = (change.event.scope, text, event, change.state)
        row = (change.state.revision, sequence, text, change.event.scope)
        if change.expected_revision is None:
            return execute(_CREATE, row).rowcount == 1
        return execute(_REPLACE, (*row, change.expected_revision)).rowcount == 1

    def _append(self, event: LedgerEvent, state: str | None, max_time_seen: datetime | None) -> tuple[int, str]:
        """Chain an event to the head, inside a transaction; its sequence and text."""
        execute = self._connection.execute
        head, text, appended = self._appended(event, state)
        if not appended:
            # Another process was here, or what was written last was undone: from where the head is now.
            with self._reading():
                self._end = head_of(*execute(_HEAD).fetchone())
                head, text, appended = self._appended(event, state)
                if not appended:
                    raise ValueError("its head does not stand still")
        self._end = head
        execute(_MOVE, (head.sequence, str(head.digest), microseconds_of(max_time_seen)))
        return head.sequence, text

    def _appended(self, event: LedgerEvent, state: str | None) -> tuple[Head, str, bool]:
        """The head with this event, its text, and whether it was written: only where the head is the one we know."""
        before = self._end
        text = placed_text(event, before.sequence + 1, state)
        head = chain(before, text)
        row = (head.sequence, event.scope, str(head.digest), text, before.sequence, str(before.digest))
        return head, text, self._connection.execute(_APPEND, row).rowcount == 1

    @contextmanager
    def _reading(self) -> Iterator[_Execute]:
        """What is read must make sense: where it does not, the file is not ours or not whole."""
        with self._reader() as connection:
            require_same_file(self._path, self._file)
            try:
                yield connection.execute
            except sqlite3.Error as error:
                raise refusal(error, str(self._path)) from error
            except (ValueError, TypeError, OverflowError) as error:
                message = f"its rows contradict each other or cannot be read: {error}"
                raise refuse("ledger.corrupt", str(self._path), message) from error

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """The connection; or a second one while another thread writes by it, or waits for another process to."""
        if self._lock.acquire(blocking=False):
            try:
                yield self._connection
            finally:
                self._lock.release()
            return
        with self._aside_lock:
            if self._aside is None:
                with translated(str(self._path)):
                    self._aside = self._again()
            yield self._aside

    @contextmanager
    def _writing(self) -> Iterator[_Execute]:
        """One transaction; whatever is raised inside undoes it."""
        with self._lock:
            execute = self._connection.execute
            require_same_file(self._path, self._file)
            try:
                execute("BEGIN IMMEDIATE")
                try:
                    yield execute
                    if self._connection.in_transaction:
                        execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        execute("ROLLBACK")
            except sqlite3.Error as error:
                raise refusal(error, str(self._path)) from error
