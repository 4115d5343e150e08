"""Writing into a SQLite ledger, inside a transaction that shuts other writers out.

* what is written follows from what is read in the same transaction, by one statement for each change
* nothing is written before it is known that all of a change may be: what a change is refused for leaves nothing
* an event is chained to the head that stands there, and its text is made once
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from verifier.core.clock import EPOCH
from verifier.ledger.causes import Known, effect_of, stands
from verifier.ledger.interface import Change, EventKind, LedgerEvent, time_moved_by
from verifier.ledger.record import GENESIS, SHA256, link, placed_text, state_text
from verifier.ledger.rows import content_of, head_of
from verifier.ledger.sqlite.file import refusal, unreadable
from verifier.ledger.sqlite.place import FileIdentity, require_same_file
from verifier.ledger.sqlite.proven import VIEW, Proven
from verifier.ledger.sqlite.ranges import first_known, last_told
from verifier.ledger.view import View
from verifier.versions.state import ScopeState

T = TypeVar("T")

_APPEND = "INSERT INTO history VALUES (?, ?, ?, ?, ?)"
_MOVE = "UPDATE store SET sequence = ?, head = ?, max_time_seen = ?"
_CREATE = "INSERT INTO scope (revision, sequence, state, name) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REPLACE = "UPDATE scope SET revision = ?, sequence = ?, state = ? WHERE name = ? AND revision = ?"
_LAYER = "INSERT INTO layer VALUES (?, ?)"
_MICROSECOND = timedelta(microseconds=1)


class Held:
    """What the file says of one scope, and where its history ends; the newest time in microseconds since 1970."""

    __slots__ = ("head", "sequence", "state", "time_seen")

    def __init__(self, state: ScopeState | None, time_seen: int | None, sequence: int, head: str) -> None:
        self.state, self.time_seen, self.sequence, self.head = state, time_seen, sequence, head


class Writer:
    """Writes by one connection into the file that was `opened` at `path`; a `turns.Transaction`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, opened: FileIdentity, proven: Proven) -> None:
        self._connection, self._execute = connection, connection.execute
        self._path, self._opened, self._proven = path, opened, proven
        self._end = (GENESIS.sequence, str(GENESIS.digest))
        self._wrote = False

    @property
    def spoiled(self) -> bool:
        """Whether the work that was marked last has written, or SQLite has undone everything by itself."""
        return self._wrote or not self._connection.in_transaction

    def begin(self) -> None:
        """Begin; then look whether it is still this file that others see: they may have been waited for."""
        try:
            self._execute("BEGIN IMMEDIATE")
            require_same_file(self._path, self._opened)
        except sqlite3.Error as error:
            raise refusal(error, str(self._path)) from error
        except BaseException:
            self.undo()
            raise

    def mark(self) -> None:
        """From here on another work is done."""
        self._wrote = False

    def commit(self) -> None:
        """Return once what was written is durable."""
        try:
            self._execute("COMMIT")
        except sqlite3.Error as error:
            raise refusal(error, str(self._path)) from error

    def undo(self) -> None:
        """Leave no transaction."""
        try:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
        except sqlite3.Error as error:
            raise refusal(error, str(self._path)) from error

    def held(self, scope: str) -> Held:
        """What the file says of `scope` now, and where its history ends."""
        return self._read(self._held, scope, True)

    def make(self, change: Change, held: Held | None = None) -> bool:
        """Write one change, to its scope as it is `held`; False, and nothing, where that is not what was expected."""
        event, state = change.event, change.state
        if held is None:
            # A denial depends on no state.
            held = self._read(self._held, event.scope, event.kind is not EventKind.DENIED)
        before = held.state
        revision = None if before is None else before.revision
        if (state is not None or change.expected_revision is not None) and revision != change.expected_revision:
            return False
        if state is None and event.kind is EventKind.ACCEPTED and not stands(before, event):
            return False
        effect = effect_of(before, event, state, self._known(event, state))
        if event.tag is not None and self._read(self._told, event) != event.tag.after:
            return False
        text = None if state is None else state_text(state)
        written = placed_text(event, held.sequence + 1, effect, text)
        try:
            self._append(held, event, content_of(event, effect), written)
            if state is not None:
                self._move(held, change, state, str(text))
        except sqlite3.Error as error:
            raise refusal(error, str(self._path)) from error
        if state is not None:
            self._proven.keep(event.scope, str(text), written, state)
        return True

    def _append(self, held: Held, event: LedgerEvent, content: str | None, text: str) -> None:
        """Chain an event to the head."""
        self._wrote = True
        sequence, head = held.sequence + 1, SHA256 + link(held.head.removeprefix(SHA256), text)
        self._execute(_APPEND, (sequence, event.scope, content, head, text))
        if event.layers:
            self._connection.executemany(_LAYER, [(str(each), sequence) for each in event.layers])
        moved = time_moved_by(event)
        seen = held.time_seen if moved is None else microseconds_of(moved)
        if held.time_seen is not None and seen is not None and seen < held.time_seen:
            seen = held.time_seen
        self._execute(_MOVE, (sequence, head, seen))
        self._end = (sequence, head)

    def _move(self, held: Held, change: Change, state: ScopeState, text: str) -> None:
        row = (state.revision, held.sequence + 1, text, change.event.scope)
        if change.expected_revision is None:
            made = self._execute(_CREATE, row)
        else:
            made = self._execute(_REPLACE, (*row, change.expected_revision))
        if made.rowcount != 1:
            raise unreadable(f"the row of {change.event.scope} is not the one that was read", str(self._path))

    def _read(self, read: Callable[..., T], *about: object) -> T:
        """What is read must make sense: where it does not, the file is not ours or not whole."""
        try:
            return read(*about)
        except sqlite3.Error as error:
            raise refusal(error, str(self._path)) from error
        except (ValueError, TypeError, OverflowError) as error:
            raise unreadable(error, str(self._path)) from error

    def _held(self, scope: str, proven: bool) -> Held:
        seen, sequence, head, *said = self._execute(VIEW, (scope,)).fetchone()
        if (sequence, head) != self._end:
            head_of(sequence, head)  # somebody else was here
        return Held(self._proven.state(scope, *said) if proven else None, seen, sequence, head)

    def _known(self, event: LedgerEvent, state: ScopeState | None) -> Known | None:
        """What the scope knows the event's content by, where the event may add to that."""
        if event.version is None or (state is None and event.kind is not EventKind.IMPORT):
            return None
        return self._read(self._first_known, event)

    def _first_known(self, event: LedgerEvent) -> Known | None:
        known = first_known(self._execute, str(event.digest), event.scope)
        return None if known is None else Known.of(known)

    def _told(self, event: LedgerEvent) -> object:
        """The event that told the scope last of the tag that this one tells of."""
        if event.tag is None:
            return None
        return last_told(self._execute, event.tag.name, event.scope)


def view_of(held: Held) -> View:
    """What a decision is made from."""
    return View(state=held.state, max_time_seen=time_of(held.time_seen))


def time_of(microseconds: int | None) -> datetime | None:
    """A time as it is stored: microseconds since 1970."""
    return None if microseconds is None else EPOCH + microseconds * _MICROSECOND


def microseconds_of(moment: datetime) -> int:
    """A time as it is to be stored."""
    return (moment - EPOCH) // _MICROSECOND
