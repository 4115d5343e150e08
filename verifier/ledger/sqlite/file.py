"""Making and opening the file of a SQLite ledger, and saying in our words what SQLite says in its.

* a ledger comes to be whole, under its name, or not at all; what stands there already is never replaced
* every connection is durable at commit (`synchronous=FULL`) and trusts nothing that the file's schema says
* a damaged, foreign, truncated or changed file is `ledger.corrupt`
* what is looked at on opening takes as long however much is in the file, unless that has an older schema (`whole`)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.ledger.sqlite.schema import MIGRATIONS, migrate, require_schema, schema_version
from verifier.ledger.sqlite.whole import Whole

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_DAMAGED = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_FORMAT,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_CONSTRAINT,  # a trigger of ours: the tables contradict each other
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_ERROR,  # a table or column that is not there
    }
)


def make_file(target: Path) -> None:
    """Make an empty ledger at `target`."""
    from verifier.files.write import appearing  # noqa: PLC0415 - only for making a ledger, once

    try:
        with appearing(target, mode=0o600) as draft:
            _fill(draft)
    except FileExistsError as error:
        raise ConfigurationError(f"{target} exists already and is never replaced", where="ledger") from error
    except OSError as error:
        raise refuse("ledger.unavailable", str(target), f"it cannot be made: {error.strerror}") from error


def connect(path: Path, *, read_only: bool, lock_seconds: float) -> sqlite3.Connection:
    """A connection to an existing file, set up for durability and distrust."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        timeout=lock_seconds,
        isolation_level=None,  # transactions are begun and ended by name
        check_same_thread=False,  # one lock a ledger
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone leaves the data in the drive's cache
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE deletes without asking the triggers
    except BaseException:
        connection.close()
        raise
    return connection


def require_sound(connection: sqlite3.Connection, whole: Whole, *, size: int, read_only: bool) -> int:
    """Refuse a file that is not an unchanged ledger; bring an older schema to the newest, where that may be.

    `size` is the bytes that it had before the connection was made. Returns the version of the schema that it has.
    """
    subject = whole.subject
    version = schema_version(connection, subject)
    whole.require_room(connection.execute, size)
    if version < len(MIGRATIONS):
        whole.require(connection.execute)  # a migration makes indexes out of everything; without it some are not there
        if not read_only:
            migrate(connection)
            version = len(MIGRATIONS)
    require_schema(connection, subject, version)
    whole.require_newest(connection.execute)
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal" and not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
    return version


_ANOTHER_FILE = "Name the ledger's file; if this was it, restore it from an export."
_HINTS = {
    "ledger.unavailable": "Check that this user may read and write the file and its folder, and that there is room."
}


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """Turn what SQLite raises into a refusal."""
    try:
        yield
    except sqlite3.Error as error:
        raise refusal(error, subject) from error
    except UnicodeDecodeError as error:  # names in a garbled schema, in SQLite's own message
        raise unreadable(error, subject) from error


def refusal(error: sqlite3.Error, subject: str) -> Refused:
    """What to raise for what SQLite has raised."""
    # Errors of the Python layer have no code: text that is no UTF-8, a connection that was closed.
    code = getattr(error, "sqlite_errorcode", None)
    reason = "ledger.unavailable" if isinstance(error, sqlite3.ProgrammingError) else _reason(code)
    if code is not None and code & 0xFF == sqlite3.SQLITE_NOTADB:
        return refuse(reason, subject, "it is no SQLite database", _ANOTHER_FILE)
    return refuse(reason, subject, f"SQLite says: {error}", _HINTS.get(reason, ""))


def unreadable(why: object, subject: str) -> Refused:
    """What to raise for rows that no ledger of ours would have."""
    return refuse("ledger.corrupt", subject, f"its rows contradict each other or cannot be read: {why}")


def _reason(code: int | None) -> str:
    if code is None or code == sqlite3.SQLITE_IOERR_SHORT_READ:
        return "ledger.corrupt"
    primary = code & 0xFF  # extended codes carry the primary one in their low byte
    if primary in _BUSY:
        return "ledger.locked"
    return "ledger.corrupt" if primary in _DAMAGED else "ledger.unavailable"


def _fill(path: Path) -> None:
    connection = connect(path, read_only=False, lock_seconds=0)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)
    finally:
        connection.close()  # the last one out checkpoints, syncs and removes the write-ahead log
