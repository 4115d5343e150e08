"""The embedded ledger: one SQLite file, durable at every commit, safe between processes.

* a ledger is made by `create_ledger` alone, whole or not at all; opening what is missing is `ledger.unavailable`
* a change is in one transaction (`BEGIN IMMEDIATE`, WAL, `synchronous=FULL`): state, event, head and time together
* opening checks the schema, and that the head is what the last event leads to; fetching that a scope's state is the one
  that its history led to; what is *not* found is believed where two trees of the file do not have it (`whole`)
* every answer is one statement, so of one moment
* what several threads have to write at a time is one transaction (`turns`); each is answered once it is durable
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
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.outcome import Reason
from verifier.ledger.interface import (
    Change,
    Entry,
    Head,
    Layers,
    Ledger,
    Moment,
    Naming,
    TagName,
)
from verifier.ledger.rows import PAGE, entry_of, moment_of, proven_head
from verifier.ledger.sqlite.file import connect, make_file, refusal, require_sound, translated, unreadable
from verifier.ledger.sqlite.place import FileIdentity, place_findings, require_file, require_same_file, resolve
from verifier.ledger.sqlite.proven import OLDER_VIEW, VIEW, Proven
from verifier.ledger.sqlite.ranges import Range, newest_of, page_of, range_of
from verifier.ledger.sqlite.turns import Turns
from verifier.ledger.sqlite.whole import Execute, Whole
from verifier.ledger.sqlite.writing import Writer, time_of, view_of
from verifier.ledger.view import View

T = TypeVar("T")

LOCK_SECONDS = 10.0
"""How long a writer waits for another one before `ledger.locked`."""

_SCOPES = """SELECT store.sequence, store.head, store.max_time_seen, scope.name, scope.state, history.event
    FROM store LEFT JOIN scope LEFT JOIN history ON history.sequence = scope.sequence ORDER BY scope.name"""
_END = """SELECT store.sequence, store.head, newest.sequence, newest.head, newest.event
    FROM store LEFT JOIN (SELECT sequence, head, event FROM history ORDER BY sequence DESC LIMIT 2) AS newest
    ORDER BY newest.sequence DESC"""
_TEXTS = "SELECT event FROM history ORDER BY sequence"


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
    try:
        size = target.stat().st_size
    except OSError as error:  # it was there a moment ago
        raise refuse("ledger.unavailable", str(path), f"it cannot be opened: {error.strerror}") from error
    with translated(str(path)):
        connection = connect(target, read_only=read_only, lock_seconds=lock_seconds)
        try:
            whole = Whole(str(path))
            version = require_sound(connection, whole, size=size, read_only=read_only)
            again = partial(connect, target, read_only=read_only, lock_seconds=lock_seconds)
            ledger = SqliteLedger(connection, target, file, again, whole, version)
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


class _Overtaken(Exception):
    """A later one of several changes cannot be made: those before it are undone."""


class SqliteLedger(Ledger):
    """`interface.Ledger` over one SQLite file; made by `open_ledger`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        file: FileIdentity,
        again: Callable[[], sqlite3.Connection],
        whole: Whole,
        version: int,
    ) -> None:
        # A file that may not be brought to the newest schema: the first knows nothing of tags and layers, and has none;
        # the second finds nothing by two trees, and was looked at whole.
        self._names_images, self._finds_twice = version > 1, version > 2
        self._view = VIEW if self._finds_twice else OLDER_VIEW
        self._connection, self._again = connection, again
        self._path, self._file, self._whole = path, file, whole
        self._lock = threading.RLock()
        self._proven = Proven()
        self._writer = Writer(connection, path, file, self._proven)
        self._turns = Turns(self._writer, self._lock)
        self._aside: sqlite3.Connection | None = None
        self._aside_lock = threading.Lock()

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
            seen, _, _, *said = execute(self._view, (scope,)).fetchone()
            return View(state=self._proven.state(scope, *said), max_time_seen=time_of(seen))

    def swap(self, changes: Sequence[Change]) -> bool:
        """Make all changes, each to the scope of its event, or none."""
        try:
            return self._turns.take(partial(self._swapped, changes))
        except _Overtaken:
            return False

    def decide(self, scope: str, judge: Callable[[View], tuple[T, Change]]) -> T:
        """Judge the newest view and make the change that comes of it, in one transaction: nobody is faster."""
        return self._turns.take(partial(self._decided, scope, judge))

    def scopes(self) -> Moment:
        """All scopes at one moment."""
        with self._reading() as execute:
            self._whole.require(execute)
            rows = execute(_SCOPES)
            return moment_of((place, head, time_of(seen), *scope) for place, head, seen, *scope in rows)

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
        asked = range_of(scope, naming)
        until = sys.maxsize if until is None else until
        if newest is not None:
            after, until = self._newest(asked, after, until, newest)
        while after < until:
            page = self._page(asked, after, until)
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

    def _newest(self, asked: Range, after: int, until: int, most: int) -> tuple[int, int]:
        with self._reading() as execute:
            if asked.again and self._finds_twice:
                return newest_of(execute, asked, after, until, most)
            self._require_complete(execute, asked)
            first, last = execute(asked.newest, (after, until, most, *asked.names)).fetchone()
            return (until, until) if first is None else (first, last)

    def _page(self, asked: Range, after: int, until: int) -> list[Entry]:
        with self._reading() as execute:
            if asked.again and self._finds_twice:
                return page_of(execute, asked, after, until, PAGE)
            self._require_complete(execute, asked)
            return [entry_of(*row) for row in execute(asked.page, (after, until, PAGE, *asked.names))]

    def _require_complete(self, execute: Execute, asked: Range) -> None:
        """What one tree alone finds by a name is believed of a file that was found whole."""
        if asked.names:
            self._whole.require(execute)

    def _swapped(self, changes: Sequence[Change]) -> bool:
        made = all(map(self._writer.make, changes))
        if not made and self._writer.spoiled:
            raise _Overtaken
        return made

    def _decided(self, scope: str, judge: Callable[[View], tuple[T, Change]]) -> T:
        held = self._writer.held(scope)
        answer, change = judge(view_of(held))
        if change.event.scope != scope:
            raise ValueError(f"what is decided of {scope} is an event of {change.event.scope}")
        if not self._writer.make(change, held):
            raise refuse("ledger.locked", scope, "what was to be accepted again does not stand there", "Ask again.")
        return answer

    @contextmanager
    def _reading(self) -> Iterator[Execute]:
        """What is read must make sense: where it does not, the file is not ours or not whole."""
        with self._reader() as connection:
            require_same_file(self._path, self._file)
            try:
                yield connection.execute
            except sqlite3.Error as error:
                raise refusal(error, str(self._path)) from error
            except (ValueError, TypeError, OverflowError) as error:
                raise unreadable(error, str(self._path)) from error

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
