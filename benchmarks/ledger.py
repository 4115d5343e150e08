"""Advancing the ledger, against what SQLite itself needs for a transaction that is as durable."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Row, Side, compare
from verifier.core.digest import Digest
from verifier.ledger.advance import Circumstances, record
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.schemes import Scheme

_BATCH = 200
_ROUNDS = 9
_SCOPE = "bundle:authz"
_STATE_BYTES = 400
"""About what a scope's state and an event take."""


def rows(room: Path) -> Iterator[Row]:
    """One row: a batch of acceptances, each of a higher version, each durable before the next."""
    create_ledger(room / "ledger.db")
    with open_ledger(room / "ledger.db") as ledger:
        counter = itertools.count(1)
        rules = VersionRules(scheme=Scheme.INTEGER)

        def ours() -> None:
            for number in itertools.islice(counter, _BATCH):
                candidate = Candidate(version=str(number), scheme=Scheme.INTEGER, digest=Digest.of(b"%d" % number))
                assert record(ledger, _SCOPE, candidate, rules, Circumstances(now=datetime.now(UTC))).accepted

        yield compare(
            ours,
            _raw(room / "raw.db"),
            title=f"{_BATCH} acceptances recorded in the ledger, one by one",
            against=f"{_BATCH} SQLite transactions that append a row and update one, at the same durability",
            rounds=_ROUNDS,
            target=2.0,
        )


def _raw(path: Path) -> Side:
    """The same journal and synchronisation, the same kind of writes, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE history (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT")
    connection.execute("CREATE TABLE scope (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT")
    connection.execute("INSERT INTO scope VALUES (?, ?)", (_SCOPE, ""))
    counter = itertools.count(1)

    def run() -> None:
        for number in itertools.islice(counter, _BATCH):
            # Each differs from the one before: a row that is updated to what it holds already, SQLite does not write.
            text = str(number).zfill(_STATE_BYTES)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO history (event) VALUES (?)", (text,))
            connection.execute("UPDATE scope SET state = ? WHERE name = ?", (text, _SCOPE))
            connection.execute("COMMIT")

    return run
