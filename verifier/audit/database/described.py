"""What a database says of itself, held to what it holds."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from verifier.audit.database.file import invalid
from verifier.audit.database.schema import digest_of, index_digest_of
from verifier.core.clock import parse_rfc3339
from verifier.formats.audit.database import DatabaseInfo


def described(connection: sqlite3.Connection, path: Path) -> DatabaseInfo:
    """What is said of it; `Refused` where its digests are not those of its records and of what they are found by.

    Raises what SQLite and `parse_rfc3339` raise.
    """
    rows = connection.execute(
        "SELECT digest, index_digest, imported_at, data_date, kev_date, kev_digest, epss_date, epss_digest FROM about"
    ).fetchmany(2)
    if len(rows) != 1:
        raise invalid(path, "it says nothing of itself, or twice")
    digest, index_digest, imported_at, data_date, kev_date, kev_digest, epss_date, epss_digest = rows[0]
    if digest_of(connection) != digest:
        raise invalid(path, "its records are not those that its digest names: it was changed, or is damaged")
    if index_digest_of(connection) != index_digest:
        raise invalid(path, "what its records are found by is not what was written: it was changed, or is damaged")
    (refused,) = connection.execute("SELECT count(*) FROM refused").fetchone()
    ecosystems = connection.execute("SELECT name, records, date, covered FROM ecosystem ORDER BY name").fetchall()
    if not ecosystems:
        raise invalid(path, "it has no records")
    return DatabaseInfo(
        digest=str(digest),
        data_date=parse_rfc3339(data_date),
        imported_at=parse_rfc3339(imported_at),
        ecosystems=tuple((str(name), int(count)) for name, count, _, covered in ecosystems if covered),
        incidental=tuple((str(name), int(count)) for name, count, _, covered in ecosystems if not covered),
        dates=tuple(sorted({(name.partition(":")[0], parse_rfc3339(date)) for name, _, date, _ in ecosystems if date})),
        refused=int(refused),
        kev=_moment(kev_date),
        epss=_moment(epss_date),
        kev_digest=str(kev_digest),
        epss_digest=str(epss_digest),
    )


def _moment(written: str | None) -> datetime | None:
    return None if written is None else parse_rfc3339(written)
