"""The embedded ledger: one SQLite file, durable at every commit, safe between processes.

* a ledger is made by `create_ledger` alone, whole or not at all; opening what is missing is `ledger.unavailable`
* a change is one transaction (`BEGIN IMMEDIATE`, WAL, `synchronous=FULL`): state, event, head and time together
* opening checks the file (`PRAGMA integrity_check`), its schema, and that the head is what the last event leads to;
  fetching checks that a scope's state is the one that its last event led to
* every answer is one statement, so of one moment
* a file that is taken away or exchanged under an open ledger is found by the next question, and before a change
* whatever SQLite says becomes `ledger.corrupt`, `ledger.locked` or `ledger.unavailable`, never its exception
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

from verifier.core.clock import EPOCH
from verifier.core.errors import ConfigurationError, refuse
from verifier.core.outcome import Reason
from verifier.ledger.causes import Known, effect_of, stands
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
from verifier.ledger.record import GENESIS, chain, placed_text, read_event, read_state, state_text
from verifier.ledger.rows import PAGE, content_of, entry_of, head_of, moment_of, proven_head, require_led_to
from verifier.ledger.sqlite.file import connect, make_file, refusal, require_sound, translated
from verifier.ledger.sqlite.place import FileIdentity, place_findings, require_file, require_same_file, resolve
from verifier.ledger.sqlite.ranges import NEWEST_OF, PAGE_OF, range_of
from verifier.ledger.view import View
from verifier.versions.state import Effect, ScopeState

LOCK_SECONDS = 10.0
"""How long a writer waits for another one before `ledger.locked`."""

_NOTHING = (None, None, None, ScopeState(revision=1))
_Execute = Callable[..., sqlite3.Cursor]

_FETCH = """SELECT store.max_time_seen, scope.state, history.event
    FROM store LEFT JOIN scope ON scope.name = ? LEFT JOIN history ON history.sequence = scope.sequence"""
_SCOPES = """SELECT store.sequence, store.head, store.max_time_seen, scope.name, scope.state, history.event
    FROM store LEFT JOIN scope LEFT JOIN history ON history.sequence = scope.sequence ORDER BY scope.name"""
_HEAD = "SELECT sequence, head FROM store"
_END = """SELECT store.sequence, store.head, newest.sequence, newest.head, newest.event
    FROM store LEFT JOIN (SELECT sequence, head, event FROM history ORDER BY sequence DESC LIMIT 2) AS newest
    ORDER BY newest.sequence DESC"""
_APPEND = "INSERT INTO history SELECT ?, ?, ?, ?, ? FROM store WHERE sequence = ? AND head = ?"
_MOVE = """UPDATE store SET sequence = ?1, head = ?2,
    max_time_seen = CASE WHEN ?3 IS NULL OR max_time_seen >= ?3 THEN max_time_seen ELSE ?3 END"""
_HELD = """SELECT scope.state, history.event
    FROM scope LEFT JOIN history ON history.sequence = scope.sequence WHERE scope.name = ?"""
_KNOWN = "SELECT event FROM history WHERE content = ? AND scope = ? ORDER BY sequence LIMIT 1"
_CREATE = "INSERT INTO scope (revision, sequence, state, name) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REPLACE = "UPDATE scope SET revision = ?, sequence = ?, state = ? WHERE name = ? AND revision = ?"
_LAYER = "INSERT INTO layer VALUES (?, ?)"
_TAGGED = "SELECT coalesce(max(sequence), 0) FROM history WHERE tag = ? AND scope = ?"
_TEXTS = "SELECT event FROM history ORDER BY sequence"
_MICROSECOND = timedelta(microseconds=1)


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
        hint = "Use it as it is (`verify ledger show`), or name another file."
        raise ConfigurationError(f"{path} exists already and is never replaced", where="ledger", hint=hint)
    with translated(str(path)):
        make_file(target)


def open_ledger(path: Path, *, read_only: bool = False, lock_seconds: float = LOCK_SECONDS) -> SqliteLedger:
    """Open an existing ledger after checking it."""
    target = resolve(path)
    file = require_file(target, path)
    with translated(str(path)):
        connection = connect(target, read_only=read_only, lock_seconds=lock_seconds)
        try:
            version = require_sound(connection, str(path), read_only=read_only)
            again = partial(connect, target, read_only=read_only, lock_seconds=lock_seconds)
            ledger = SqliteLedger(connection, target, file, again, names_images=version > 1)
            ledger.head()
        except BaseException:
            connection.close()
            raise
    return ledger


def history_texts(path: Path) -> Iterator[str]:
    """The texts of a file's events as far as they can be read, for whoever judges them: nothing is checked here."""
    target = resolve(path)
    require_file(target, path)
    with translated(str(path)):
        connection = connect(target, read_only=True, lock_seconds=LOCK_SECONDS)
        try:
            for (text,) in connection.execute(_TEXTS):
                yield str(text)
        finally:
            connection.close()


class SqliteLedger(Ledger):
    """`interface.Ledger` over one SQLite file; made by `open_ledger`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        file: FileIdentity,
        again: Callable[[], sqlite3.Connection],
        *,
        names_images: bool,
    ) -> None:
        # A file that may not be brought to the newest schema knows nothing of tags and layers, and has none.
        self._names_images = names_images
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
                max_time_seen=_time_of(time_seen),
            )

    def swap(self, changes: Sequence[Change]) -> bool:
        """Make all changes, each to the scope of its event, or none."""
        with self._writing() as execute:
            for change in changes:
                if not self._make(execute, change):
                    execute("ROLLBACK")
                    return False
        return True

    def scopes(self) -> Moment:
        """All scopes at one moment."""
        with self._reading() as execute:
            rows = execute(_SCOPES)
            return moment_of((place, head, _time_of(seen), *scope) for place, head, seen, *scope in rows)

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
        within, names = range_of(scope, naming)
        until = sys.maxsize if until is None else until
        if newest is not None:
            with self._reading() as execute:
                found = execute(NEWEST_OF.format(range=within), (after, until, newest, *names)).fetchone()
                after, until = (until, until) if found[0] is None else found
        while after < until:
            with self._reading() as execute:
                rows = execute(PAGE_OF.format(range=within), (after, until, PAGE, *names))
                page = [entry_of(*row) for row in rows]
            yield from page
            after = until if len(page) < PAGE else page[-1].head.sequence

    def head(self) -> Head:
        """The end of the history, proven by its newest event."""
        with self._reading() as execute:
            return proven_head(execute(_END).fetchall())

    def close(self) -> None:
        """Close the file; nothing else may be called afterwards."""
        with self._lock, self._aside_lock:
            self._connection.close()
            if self._aside is not None:
                self._aside.close()

    def _proven(self, scope: str, text: str, event: str | None) -> ScopeState:
        """The state with the text `text`, if the event that is said to have led to it did."""
        proved = self._proved  # others read and write meanwhile
        if (scope, text, event) != proved[:3]:
            require_led_to(scope, text, event)
            proved = self._proved = (scope, text, event, read_state(text))
        return proved[3]

    def _make(self, execute: _Execute, change: Change) -> bool:
        """Write one change, inside a transaction; False where the scope is not what was expected."""
        event, state = change.event, change.state
        before, known = self._held(execute, event)
        revision = None if before is None else before.revision
        if (state is not None or change.expected_revision is not None) and revision != change.expected_revision:
            return False
        if state is None and event.kind is EventKind.ACCEPTED and not stands(before, event):
            return False
        effect = effect_of(before, event, state, known)
        if event.tag is not None and execute(_TAGGED, (event.tag.name, event.scope)).fetchone() != (event.tag.after,):
            return False
        text = None if state is None else state_text(state)
        sequence, written = self._append(event, effect, text)
        if state is None or text is None:
            return True
        self._proved = (event.scope, text, written, state)
        row = (state.revision, sequence, text, event.scope)
        if change.expected_revision is None:
            return execute(_CREATE, row).rowcount == 1
        return execute(_REPLACE, (*row, change.expected_revision)).rowcount == 1

    def _held(self, execute: _Execute, event: LedgerEvent) -> tuple[ScopeState | None, Known | None]:
        """What the scope of an event is now, and what it knows the event's content by; a denial depends on neither."""
        if event.kind is EventKind.DENIED:
            return None, None
        with self._understood():
            held = execute(_HELD, (event.scope,)).fetchone()
            known = None
            if event.version is not None:
                known = execute(_KNOWN, (str(event.digest), event.scope)).fetchone()
            return (
                None if held is None else self._proven(event.scope, *held),
                None if known is None else Known.of(read_event(known[0])),
            )

    def _append(self, event: LedgerEvent, effect: Effect | None, state: str | None) -> tuple[int, str]:
        """Chain an event to the head, inside a transaction; its sequence and text."""
        execute = self._connection.execute
        head, text, appended = self._appended(event, effect, state)
        if not appended:
            # Another process was here, or what was written last was undone: from where the head is now.
            with self._reading():
                self._end = head_of(*execute(_HEAD).fetchone())
                head, text, appended = self._appended(event, effect, state)
                if not appended:
                    raise ValueError("its head does not stand still")
        self._end = head
        if event.layers:
            self._connection.executemany(_LAYER, [(str(each), head.sequence) for each in event.layers])
        execute(_MOVE, (head.sequence, str(head.digest), _microseconds_of(time_moved_by(event))))
        return head.sequence, text

    def _appended(self, event: LedgerEvent, effect: Effect | None, state: str | None) -> tuple[Head, str, bool]:
        """The head with this event, its text, and whether it was written: only where the head is the one we know."""
        before = self._end
        text = placed_text(event, before.sequence + 1, effect, state)
        head, content = chain(before, text), content_of(event, effect)
        row = (head.sequence, event.scope, content, str(head.digest), text, before.sequence, str(before.digest))
        return head, text, self._connection.execute(_APPEND, row).rowcount == 1

    @contextmanager
    def _reading(self) -> Iterator[_Execute]:
        """What is read must make sense: where it does not, the file is not ours or not whole."""
        with self._reader() as connection:
            require_same_file(self._path, self._file)
            with self._understood():
                yield connection.execute

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
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
            try:
                execute("BEGIN IMMEDIATE")
                try:
                    require_same_file(self._path, self._file)  # not before: other writers may be waited for
                    yield execute
                    if self._connection.in_transaction:
                        execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        execute("ROLLBACK")
            except sqlite3.Error as error:
                raise refusal(error, str(self._path)) from error


def _time_of(microseconds: int | None) -> datetime | None:
    """A time as it is stored: microseconds since 1970."""
    return None if microseconds is None else EPOCH + microseconds * _MICROSECOND


def _microseconds_of(moment: datetime | None) -> int | None:
    """A time as it is to be stored."""
    return None if moment is None else (moment - EPOCH) // _MICROSECOND
