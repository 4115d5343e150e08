"""Opening the file of a database, which may be anybody's, and saying in our words what SQLite says in its.

* it is read as it is (`immutable`): no journal beside it is played back, nothing is written, and whoever replaces the
  file meanwhile does not change what is read
* a file that is shorter or longer than its header says is refused before SQLite sees it
* nothing in its schema is trusted, and its schema is ours to the letter

Everything that is wrong is `vulnerability.database-invalid`.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from verifier.audit.database.schema import APPLICATION_ID, SCHEMA_VERSION, expected_objects, objects_of
from verifier.core.errors import Refused, refuse
from verifier.formats.osv.reading import MAX_RECORD_BYTES

_SQLITE: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_TRIES: Final = 16
_IMPORT: Final = "Import it again: `verify audit db import SOURCE --db {}`."
_LIMITS: Final = (
    # What is kept of a record is ASCII: up to six bytes for one.
    (sqlite3.SQLITE_LIMIT_LENGTH, 8 * MAX_RECORD_BYTES),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 10_000),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0),
)


def invalid(subject: Path, message: str, hint: str = "") -> Refused:
    """The refusal of a database that cannot be used."""
    return refuse("vulnerability.database-invalid", str(subject), message, hint or _IMPORT.format(subject))


@contextmanager
def translated(subject: Path) -> Iterator[None]:
    """Turn what SQLite raises, and what its rows cannot be read as, into a refusal."""
    try:
        yield
    except sqlite3.Error as error:
        raise invalid(subject, f"it is damaged: {error}") from error
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError) as error:
        raise invalid(subject, f"it is damaged: {error}") from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a database that is there and has our schema; `Refused` otherwise."""
    for _ in range(_TRIES):
        identity = _require_whole(path)
        connection = _opened(path)
        # SQLite opens by name, too: what was looked at must be what it has.
        if _require_whole(path) == identity:
            return connection
        connection.close()
    raise invalid(path, "it is replaced again and again while it is opened", "Run it again.")


def _opened(path: Path) -> sqlite3.Connection:
    with translated(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=16,
        )
    try:
        with translated(path):
            _distrust(connection)
            _require_schema(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def is_ours(path: Path) -> bool:
    """Whether a file may be replaced by a database: one of ours, however damaged, or an empty one."""
    found, header = _looked_at(path)
    if not stat.S_ISREG(found.st_mode):
        return False
    return not header or (header.startswith(_SQLITE) and header[68:72] == APPLICATION_ID.to_bytes(4, "big"))


def _distrust(connection: sqlite3.Connection) -> None:
    for limit, most in _LIMITS:
        connection.setlimit(limit, most)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")


def _require_schema(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise invalid(path, "it is an SQLite database, and none of records")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        hint = f"Use the release that made it, or import it again: `verify audit db import SOURCE --db {path}`."
        raise invalid(path, f"its schema version is {version}, expected {SCHEMA_VERSION}", hint)
    if tuple(objects_of(connection)) != expected_objects():
        raise invalid(path, "its tables are not those of a database of records: they were changed")


def _looked_at(path: Path) -> tuple[os.stat_result, bytes]:
    """What kind of file it is, and the beginning of a regular one."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO would wait for its writer for ever
    try:
        found = os.fstat(descriptor)
        return found, os.pread(descriptor, _HEADER, 0) if stat.S_ISREG(found.st_mode) else b""
    finally:
        os.close(descriptor)


def _require_whole(path: Path) -> tuple[int, int, int]:
    """Device, inode and size of a file that is as long as its header says."""
    try:
        found, header = _looked_at(path)
    except FileNotFoundError:
        raise invalid(
            path, "there is no database here", f"Make it: `verify audit db import SOURCE --db {path}`."
        ) from None
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise invalid(path, f"it cannot be read: {reason}", "Check the path, and that this user may read it.") from None
    if not stat.S_ISREG(found.st_mode):
        raise invalid(path, "it is not a regular file", "Name the file of a database.")
    if not header:
        raise invalid(path, "the file is empty, which no database is")
    if not header.startswith(_SQLITE):
        raise invalid(path, "it is not an SQLite database")
    expected = _page_size(header) * int.from_bytes(header[28:32], "big") if len(header) == _HEADER else 0
    if expected != found.st_size:
        raise invalid(path, f"it is cut off, or was added to: {found.st_size} bytes, expected {expected or 'more'}")
    return found.st_dev, found.st_ino, found.st_size


def _page_size(header: bytes) -> int:
    """Source: https://www.sqlite.org/fileformat2.html, section 1.3.2."""
    size = int.from_bytes(header[16:18], "big")
    return 65536 if size == 1 else size
