"""The tables of a database of records, and the check that a file has exactly these.

* a file is ours by its application id, and of one version; one of a later version is not read
* a file whose schema differs in anything (a view, a trigger, another index) is `vulnerability.database-invalid`
* `digest_of` is over the records, `index_digest_of` over all else that answers are looked up by: what is missing there
  would be "no known vulnerability"

Source: formats/audit.md section 8.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Final

APPLICATION_ID: Final = 0x56_52_46_41
"""`PRAGMA application_id` of our files ("VRFA"), which stands in the header of a file that is otherwise damaged."""
SCHEMA_VERSION: Final = 1

_TABLES: Final = (
    """CREATE TABLE about (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    digest TEXT NOT NULL,
    index_digest TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    data_date TEXT NOT NULL,
    kev_date TEXT,
    kev_digest TEXT NOT NULL,
    epss_date TEXT,
    epss_digest TEXT NOT NULL
) STRICT""",
    """CREATE TABLE ecosystem (
    name TEXT PRIMARY KEY,
    records INTEGER NOT NULL,
    date TEXT,
    covered INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE record (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    modified INTEGER NOT NULL,
    number INTEGER NOT NULL,
    ecosystems TEXT NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE content (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT""",
    """CREATE TABLE name (
    ecosystem TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (ecosystem, name, id)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE refused (
    number INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT""",
    """CREATE TABLE refused_name (
    ecosystem TEXT NOT NULL,
    name TEXT NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (ecosystem, name, refused)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE kev (
    cve TEXT PRIMARY KEY,
    added TEXT NOT NULL,
    due TEXT NOT NULL,
    ransomware INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE epss (
    cve TEXT PRIMARY KEY,
    probability TEXT NOT NULL,
    percentile TEXT NOT NULL
) STRICT, WITHOUT ROWID""",
)
_INDEX: Final = (
    "SELECT digest || char(9) || imported_at || char(9) || data_date || char(9) || ifnull(kev_date, '') || char(9) "
    "|| kev_digest || char(9) || ifnull(epss_date, '') || char(9) || epss_digest FROM about",
    "SELECT ecosystem || char(9) || name || char(9) || id FROM name ORDER BY ecosystem, name, id",
    "SELECT name || char(9) || records || char(9) || ifnull(date, '') || char(9) || covered FROM ecosystem "
    "ORDER BY name",
    "SELECT number || char(9) || id || char(9) || code FROM refused ORDER BY number",
    "SELECT ecosystem || char(9) || name || char(9) || refused FROM refused_name ORDER BY ecosystem, name, refused",
)
_MANY: Final = 1_000
"""Rows fetched at a time."""


def make_tables(connection: sqlite3.Connection) -> None:
    """Make the empty tables, in the transaction that is open."""
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def objects_of(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Everything that a schema has."""
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name LIMIT 100").fetchall()


@cache
def expected_objects() -> tuple[tuple[object, ...], ...]:
    """Everything that ours has."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        make_tables(connection)
        return tuple(objects_of(connection))
    finally:
        connection.close()


def digest_of(connection: sqlite3.Connection) -> str:
    """The digest of all records: SHA-256 over a line `ID DIGEST` for each, sorted by id."""
    sums = hashlib.sha256()
    for rows in _batches(connection, "SELECT id || ' ' || lower(hex(digest)) FROM record ORDER BY id"):
        sums.update(rows)
    return f"sha256:{sums.hexdigest()}"


def index_digest_of(connection: sqlite3.Connection) -> str:
    """The digest of what a database says of itself, of what records are found by, and of what was refused."""
    sums = hashlib.sha256()
    for query in _INDEX:
        for rows in _batches(connection, query):
            sums.update(rows)
        sums.update(b"\0")
    return f"sha256:{sums.hexdigest()}"


def set_index_digest(connection: sqlite3.Connection) -> None:
    """Write the digest of all that is there by now."""
    connection.execute("UPDATE about SET index_digest = ?", (index_digest_of(connection),))


def kev_digest_of(connection: sqlite3.Connection) -> str:
    """The digest of the list of known exploited vulnerabilities."""
    return _list_digest(
        connection, "SELECT cve || ' ' || added || ' ' || due || ' ' || ransomware FROM kev ORDER BY cve"
    )


def epss_digest_of(connection: sqlite3.Connection) -> str:
    """The digest of the list of probabilities."""
    return _list_digest(connection, "SELECT cve || ' ' || probability || ' ' || percentile FROM epss ORDER BY cve")


def _list_digest(connection: sqlite3.Connection, query: str) -> str:
    sums = hashlib.sha256()
    for rows in _batches(connection, query):
        sums.update(rows)
    return f"sha256:{sums.hexdigest()}"


def _batches(connection: sqlite3.Connection, query: str) -> Iterator[bytes]:
    """The rows of one column as lines, many at a time."""
    cursor = connection.execute(query)
    while rows := cursor.fetchmany(_MANY):
        yield "".join(f"{row}\n" for (row,) in rows).encode()
