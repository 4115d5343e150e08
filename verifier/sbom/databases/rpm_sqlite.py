"""rpm's database in SQLite: the headers that are in it, read from bytes in memory.

* the file has as many pages as it says, and none that contradicts another: SQLite itself checks them
* what stands beside it and is not merged yet, a write-ahead log or a journal, is never ignored: it is `Refused`
* `Packages` is a table as rpm makes it, and nothing in the file computes anything: no view, no trigger, no constraint
  or index with an expression; no statement runs longer than reading so many bytes takes
* each package that is indexed by name is there, and no other

Source: rpm 4.18, lib/backend/sqlite.c; https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from verifier.formats.bom.document import MAX_COMPONENTS
from verifier.sbom.databases.opening import unreadable

if TYPE_CHECKING:
    from sqlite3 import Connection

_MAGIC: Final = b"SQLite format 3\0"
_NO_LOG: Final = b"\x01\x01"
_MAX_SQL: Final = 20_000
_MAX_TABLES: Final = 1_000
_COMPUTES = re.compile(rb"\b(?:CHECK|AS|GENERATED|VIRTUAL|USING|WHERE|DEFAULT|COLLATE)\b", re.IGNORECASE)
"""Words of a table or an index in which something is computed, however harmless."""
_INSTRUCTIONS: Final = 10_000
"""Of SQLite's machine between two looks at how many there were."""
_LOOKS_EACH_MIB: Final = 2_000
_TABLE = re.compile(
    r"CREATE\s+TABLE\s+['\"]?Packages['\"]?\s*\(\s*hnum\s+INTEGER\s+PRIMARY\s+KEY(\s+AUTOINCREMENT)?\s*,"
    r"\s*blob\s+BLOB\s+NOT\s+NULL\s*\)\s*",
    re.IGNORECASE,
)


def headers(content: bytes, *, path: str) -> Iterator[tuple[int, bytes]]:
    """The number and the header of each package."""
    import sqlite3  # noqa: PLC0415 - only where an image has such a database

    _hold_pages(content, path)
    connection = sqlite3.connect(":memory:")
    if not hasattr(connection, "deserialize"):
        raise unreadable(
            path, "the SQLite that this Python has reads no database from memory", "Use SQLite 3.36 or later."
        )
    try:
        # In memory there is no write-ahead log; the two bytes only say how whoever writes next should.
        connection.deserialize(content if content[18:20] == _NO_LOG else content[:18] + _NO_LOG + content[20:])
        for limit, most in ((sqlite3.SQLITE_LIMIT_SQL_LENGTH, _MAX_SQL), (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 20)):
            connection.setlimit(limit, most)
        _confine(connection, len(content))
        yield from _rows(connection, path)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:  # also of SQLite's own words
        raise unreadable(path, f"SQLite says: {str(error)[:200]}") from error
    finally:
        connection.close()


def _hold_pages(content: bytes, path: str) -> None:
    if not content.startswith(_MAGIC) or len(content) < 512:
        raise unreadable(path, f"is no SQLite database: it begins with {content[:16].hex() or 'nothing'}")
    size = int.from_bytes(content[16:18], "big")
    size = 65_536 if size == 1 else size
    pages = int.from_bytes(content[28:32], "big")
    if size < 512 or size & (size - 1) or pages * size != len(content):
        message = f"says {pages} pages of {size} bytes, and has {len(content)} bytes: it was cut short, or added to"
        raise unreadable(path, message)


def _confine(connection: Connection, size: int) -> None:
    """What a hostile schema could do: run for ever, call functions, make large values."""
    left = _LOOKS_EACH_MIB * (1 + size // (1024 * 1024))

    def look() -> int:
        nonlocal left
        left -= 1
        return int(left < 0)

    connection.set_progress_handler(look, _INSTRUCTIONS)
    connection.text_factory = bytes
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")


def _rows(connection: Connection, path: str) -> Iterator[tuple[int, bytes]]:
    _hold_schema(connection, path)
    said = connection.execute("SELECT type, sql FROM sqlite_master WHERE name = 'Packages'").fetchall()
    if len(said) != 1 or said[0][0] != b"table" or not _TABLE.fullmatch((said[0][1] or b"").decode("utf-8", "replace")):
        raise unreadable(path, "has no table Packages as rpm makes it")
    checked = connection.execute("PRAGMA quick_check(1)").fetchone()
    if checked != (b"ok",):
        raise unreadable(path, f"SQLite's check of it says: {bytes(checked[0])[:200].decode('utf-8', 'replace')}")
    _hold_names(connection, path)
    rows = connection.execute("SELECT hnum, blob FROM Packages NOT INDEXED ORDER BY hnum")
    for count, (number, blob) in enumerate(rows, start=1):
        if count > MAX_COMPONENTS or not isinstance(blob, bytes):
            raise unreadable(
                path, f"has more than {MAX_COMPONENTS} packages, or one that is no header: number {number}"
            )
        yield number, blob


def _hold_schema(connection: Connection, path: str) -> None:
    """A pattern in a constraint can take for ever within one instruction, where nobody looks."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchmany(_MAX_TABLES + 1)
    for kind, name, sql in rows:
        plain = kind in {b"table", b"index"} and isinstance(sql, bytes | None) and not _COMPUTES.search(sql or b"")
        if not plain or (kind == b"index" and (sql or b"").count(b"(") > 1):
            raise unreadable(
                path, f"has a {bytes(kind or b'')!r:.40} {bytes(name or b'')!r:.80}, as no database of rpm has"
            )
    if len(rows) > _MAX_TABLES:
        raise unreadable(path, f"has more than {_MAX_TABLES} tables and indexes")


def _hold_names(connection: Connection, path: str) -> None:
    """Whoever takes a row out of `Packages` by hand leaves its name."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'Name'").fetchone():
        raise unreadable(path, "has no table Name, by which rpm finds its packages")
    different = "SELECT hnum FROM {} EXCEPT SELECT hnum FROM {} LIMIT 1"
    for one, other, message in (
        ("Name", "Packages", "names the package number {}, and has no header of it: somebody took it out"),
        ("Packages", "Name", "has the header number {}, and no name of it"),
    ):
        if found := connection.execute(different.format(one, other)).fetchone():
            raise unreadable(path, message.format(found[0]))
