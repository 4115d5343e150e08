"""SQLite's ledger as it grows: one more acceptance among more and more scopes, and behind a longer and longer history.

Neither may take longer, however many there are, nor may opening it: SQLite finds rows by trees, and nothing is read
that is not needed. Replaying grows with the history. A ledger is filled by its writer, many events a transaction; what
is timed is one event a transaction, durable before the next. Lines that wait for a disk are told by the wall, the
others by CPU.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from benchmarks.curves.curve import LIMIT, OURS, PEER, Curve, Series, series
from benchmarks.curves.sizes import upto
from benchmarks.harness import Side, process, python
from verifier.core.digest import Digest
from verifier.ledger.advance import Circumstances, record
from verifier.ledger.interface import Change, Ledger
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.view import View
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.schemes import Scheme

_BATCH = 50
_AT_ONCE = 1_000
"""Events of one transaction while a ledger is filled."""
_STATE = "x" * 400
"""About what a scope's state and an event take."""
_SIZES = upto(1_000_000)
_RULES = VersionRules(scheme=Scheme.INTEGER)


def scopes(room: Path) -> Curve:
    """One more acceptance of one scope, among so many."""
    counter = itertools.count(2)
    ours = _advancing(room, lambda number: (f"bundle:{number:06}", 1), lambda: ("bundle:000000", next(counter)))
    first = _first(room, lambda: ("bundle:000000", next(counter)))
    title = "SQLite's ledger by its scopes: one more acceptance"
    lines = (ours, _bare(room), _disk(room), _opening(room), first)
    return Curve(title=title, counted="scopes", series=lines, unit="seconds")


def events(room: Path) -> Curve:
    """One more acceptance behind so many events of one scope; and all of them replayed."""
    counter = itertools.count(1)
    ours = _advancing(room, lambda _: ("bundle:authz", next(counter)), lambda: ("bundle:authz", next(counter)))
    checked = series("verify ledger check, CPU", OURS, _SIZES, lambda size: _check(room, size))
    chained = series("one SHA-256 an event, CPU", LIMIT, _SIZES, _chained)
    first = _first(room, lambda: ("bundle:authz", next(counter)))
    lines = (ours, _bare(room), _disk(room), _opening(room), first, checked, chained)
    return Curve(title="SQLite's ledger by its events", counted="events", series=lines, unit="seconds")


Answer = TypeVar("Answer")


class _Filling:
    """A ledger that is asked for what was just given to it, and writes it many events a transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._views: dict[str, View] = {}
        self._changes: list[Change] = []

    def fetch(self, scope: str) -> View:
        if scope not in self._views:
            self._views[scope] = self._ledger.fetch(scope)
        return self._views[scope]

    def swap(self, changes: Sequence[Change]) -> bool:
        for change in changes:
            self._changes.append(change)
            self._views[change.event.scope] = View(state=change.state, max_time_seen=change.event.time)
        if len(self._changes) >= _AT_ONCE:
            self.write()
        return True

    def decide(self, scope: str, judge: Callable[[View], tuple[Answer, Change]]) -> Answer:
        answer, change = judge(self.fetch(scope))
        self.swap([change])
        return answer

    def write(self) -> None:
        assert self._ledger.swap(self._changes)
        self._changes.clear()


Step = tuple[str, int]
"""A scope, and the version that it advances to."""


def _advancing(room: Path, fill: Callable[[int], Step], step: Callable[[], Step]) -> Series:
    """The ledgers stay, by their sizes."""

    def side_of(size: int) -> Side:
        path = _path(room, size)
        create_ledger(path)
        with open_ledger(path) as ledger:
            filling = _Filling(ledger)
            for number in range(size):
                _accept(filling, fill(number))  # type: ignore[arg-type]
            filling.write()
        opened = open_ledger(path)
        _accept(opened, step())  # the state is proven once

        def run() -> None:
            for _ in range(_BATCH):
                _accept(opened, step())

        return run

    return series("one more acceptance", OURS, _SIZES, side_of, by="wall", per=_BATCH)


def _opening(room: Path) -> Series:
    """The schema, the head and the newest events are looked at before anything is believed of the file."""
    return series("opening it, CPU", OURS, _SIZES, lambda size: lambda: open_ledger(_path(room, size)).close())


def _first(room: Path, step: Callable[[], Step]) -> Series:
    """What a new process pays that accepts something new: what it rests on is looked for in two trees of the file."""

    def side_of(size: int) -> Side:
        def run() -> None:
            with open_ledger(_path(room, size)) as opened:
                _accept(opened, step())

        return run

    return series("opening it and one acceptance, CPU", OURS, _SIZES, side_of)


def _accept(ledger: Ledger, step: Step) -> None:
    scope, version = step
    candidate = Candidate(version=str(version), scheme=Scheme.INTEGER, digest=Digest.of(b"%d" % version))
    assert record(ledger, scope, candidate, _RULES, Circumstances(now=datetime.now(UTC))).accepted


def _path(room: Path, size: int) -> Path:
    return room / f"ledger-{size}.db"


def _check(room: Path, size: int) -> Side:
    return process(python("-m", "verifier", "ledger", "check", "--ledger", f"sqlite://{_path(room, size)}"), room)


def _chained(size: int) -> Side:
    text = _STATE.encode()

    def run() -> None:
        head = b""
        for _ in range(size):
            head = sha256(head + text).digest()

    return run


def _bare(room: Path) -> Series:
    """As many rows of each table, and a transaction that appends one and updates one, at the same durability."""

    def side_of(size: int) -> Side:
        connection = sqlite3.connect(room / f"bare-{size}.db", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE history (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT")
        connection.execute("CREATE TABLE scope (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO history (event) VALUES (?)", ((_STATE,) for _ in range(size)))
        connection.executemany("INSERT INTO scope VALUES (?, ?)", ((f"{at:06}", _STATE) for at in range(size)))
        connection.execute("COMMIT")
        counter = itertools.count()

        def run() -> None:
            for number in itertools.islice(counter, _BATCH):
                # Each differs from the one before: a row that is updated to what it holds, SQLite does not write.
                text = str(number).zfill(len(_STATE))
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO history (event) VALUES (?)", (text,))
                connection.execute("UPDATE scope SET state = ? WHERE name = '000000'", (text,))
                connection.execute("COMMIT")

        return run

    return series("a bare SQLite transaction", PEER, _SIZES, side_of, by="wall", per=_BATCH)


def _disk(room: Path) -> Series:
    """What a disk needs to keep a page: a write behind the end of a file, and fsync."""

    def side_of(_: int) -> Side:
        def run() -> None:
            with (room / "appended").open("ab", buffering=0) as file:
                for _ in range(_BATCH):
                    file.write(bytes(4096))
                    os.fdatasync(file.fileno())

        return run

    return series("4 KiB and one fdatasync", LIMIT, _SIZES, side_of, by="wall", per=_BATCH)
