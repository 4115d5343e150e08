"""A ledger on disk to be mistreated."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.ledgers.samples import COUNTING, SCOPE, at, counted
from verifier.core.errors import Refused
from verifier.ledger.advance import record
from verifier.ledger.history import check
from verifier.ledger.sqlite.schema import migrate
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.ledger.transfer import export_ledger


def nine_acceptances(folder: Path) -> Path:
    """A ledger with nine acceptances, closed."""
    file = folder / "ledger.db"
    create_ledger(file)
    with open_ledger(file) as ledger:
        for number in range(1, 10):
            assert record(ledger, SCOPE, counted(number), COUNTING, at()).accepted
    return file


@contextmanager
def refused(code: str):
    with pytest.raises(Refused) as caught:
        yield
    assert [reason.code for reason in caught.value.reasons] == [code]


def written_before(ledger: Path, target: Path, version: int) -> Path:
    """The ledger as a release with an earlier schema would have left it, in a file at `target`."""
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(target, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        migrate(made, version)
        (newest,) = source.execute("SELECT max_time_seen FROM store").fetchone()
        for row in source.execute("SELECT sequence, scope, content, head, event FROM history ORDER BY sequence"):
            made.execute("INSERT INTO history VALUES (?, ?, ?, ?, ?)", row)
            made.execute("UPDATE store SET sequence = ?, head = ?, max_time_seen = ?", (row[0], row[3], newest))
        made.executemany("INSERT INTO scope VALUES (?, ?, ?, ?)", source.execute("SELECT * FROM scope"))
        if version > 1:
            made.executemany("INSERT INTO layer VALUES (?, ?)", source.execute("SELECT * FROM layer"))
    target.chmod(0o600)
    return target


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def exported(path: Path) -> str:
    with open_ledger(path) as ledger:
        check(ledger)
        return "".join(export_ledger(ledger))
