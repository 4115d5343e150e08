"""Advancing the ledger, against what SQLite needs for a transaction that is as durable: by one thread, and by many."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Row, Side, compare
from verifier.core.digest import Digest
from verifier.ledger.advance import Circumstances, record
from verifier.ledger.interface import Ledger
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.schemes import Scheme

_BATCH = 200
_ROUNDS = 9
_THREADS = 32
_EACH = 10
_SCOPE = "bundle:authz"
_STATE_BYTES = 400
"""About what a scope's state and an event take."""
_RULES = VersionRules(scheme=Scheme.INTEGER)


def rows(room: Path) -> Iterator[Row]:
    """Acceptances, each of a higher version and durable before it is told: one after another, and at once."""
    create_ledger(room / "ledger.db")
    with open_ledger(room / "ledger.db") as ledger:
        counter = itertools.count(1)

        def ours() -> None:
            for number in itertools.islice(counter, _BATCH):
                assert _accepted(ledger, _SCOPE, number)

        theirs = _raw(room / "raw.db")
        yield compare(
            ours,
            theirs,
            title=f"{_BATCH} acceptances recorded in the ledger, one by one",
            against=f"{_BATCH} SQLite transactions that append a row and update one, at the same durability",
            rounds=_ROUNDS,
            target=1.6,
            cpu=True,
        )
        yield compare(
            _raw(room / "shared.db", _THREADS * _EACH, at_once=_THREADS),
            _raw(room / "alone.db", _THREADS * _EACH),
            title=f"{_THREADS * _EACH} such transactions, {_THREADS} to a commit: the most that sharing gains here",
            against="one to a commit",
            rounds=_ROUNDS,
            cpu=True,
        )
        for whose, scopes in (("scopes of their own", _THREADS), ("one scope", 1)):
            yield compare(
                *_at_once(ledger, scopes),
                title=f"{_THREADS * _EACH} decisions recorded by {_THREADS} threads at once, in {whose}",
                against="the same by one thread, one by one",
                rounds=_ROUNDS,
                target=0.125,
                cpu=True,
            )


def _at_once(ledger: Ledger, scopes: int) -> tuple[Side, Side]:
    """Loaders in threads of one process, and what they do done by one."""
    counter = itertools.count(1)

    def work(mine: int) -> None:
        for number in itertools.islice(counter, _EACH):
            _accepted(ledger, f"bundle:{scopes}-{mine % scopes}", number)

    def threads() -> None:
        running = [threading.Thread(target=work, args=(mine,)) for mine in range(_THREADS)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    def one_by_one() -> None:
        for mine in range(_THREADS):
            work(mine)

    return threads, one_by_one


def _accepted(ledger: Ledger, scope: str, number: int) -> bool:
    candidate = Candidate(version=str(number), scheme=Scheme.INTEGER, digest=Digest.of(b"%d" % number))
    return record(ledger, scope, candidate, _RULES, Circumstances(now=datetime.now(UTC))).accepted


def _raw(path: Path, count: int = _BATCH, *, at_once: int = 1) -> Side:
    """The same journal and synchronisation, the same kind of writes, `at_once` a transaction, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE history (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT")
    connection.execute("CREATE TABLE scope (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT")
    connection.execute("INSERT INTO scope VALUES (?, ?)", (_SCOPE, ""))
    counter = itertools.count(1)

    def run() -> None:
        for number in itertools.islice(counter, count):
            # Each differs from the one before: a row that is updated to what it holds already, SQLite does not write.
            text = str(number).zfill(_STATE_BYTES)
            if (number - 1) % at_once == 0:
                connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO history (event) VALUES (?)", (text,))
            connection.execute("UPDATE scope SET state = ? WHERE name = ?", (text, _SCOPE))
            if number % at_once == 0:
                connection.execute("COMMIT")

    return run
