"""A whole database, read again as strictly as when it was made.

* every record is in the form that records are kept in, is sound, and is the one that its digest names
* names, dates and counts are those that follow from the records
* the lists of CVEs are those that their digests name

What does not follow from records (which ecosystems their sets covered, when each was of, what was left out) stands or
falls with the digest of all that is looked up by.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from verifier.audit.database.draft import ecosystems_of, names_of
from verifier.audit.database.file import invalid
from verifier.audit.database.kept import record_of_kept, strictly
from verifier.audit.database.schema import epss_digest_of, kev_digest_of
from verifier.formats.audit.database import DatabaseInfo
from verifier.formats.osv.record import Record


def require_true(connection: sqlite3.Connection, path: Path, info: DatabaseInfo) -> None:
    """`Refused` where the file says anything that does not follow from its records."""
    names: set[tuple[str, str, str]] = set()
    counted: Counter[str] = Counter()
    newest: datetime | None = None
    for record in _records(connection, path):
        names.update(names_of(record))
        counted.update(ecosystems_of(record))
        newest = record.modified if newest is None else max(newest, record.modified)
    if names != set(connection.execute("SELECT ecosystem, name, id FROM name")):
        raise invalid(path, "records are found by other names than they have")
    if counted != dict((*info.ecosystems, *info.incidental)):
        raise invalid(path, "it counts other ecosystems than its records name")
    if newest != info.data_date:
        raise invalid(path, "its date is not that of its newest record")
    for date, digest, found in (
        (info.kev, info.kev_digest, kev_digest_of),
        (info.epss, info.epss_digest, epss_digest_of),
    ):
        if date is not None and found(connection) != digest:
            raise invalid(path, "a list of CVEs is not the one that it names")


def _records(connection: sqlite3.Connection, path: Path) -> Iterator[Record]:
    """Every record."""
    query = "SELECT id, digest, body FROM record LEFT JOIN content USING (number) ORDER BY id"
    for identifier, digest, body in connection.execute(query):
        record = record_of_kept(body, digest)
        if record != strictly(body, subject=str(path)) or record.id != identifier:
            raise invalid(path, f"the record {identifier} is not as it was imported")
        yield record
