"""A database of records, as whoever audits asks it.

* what it says it is (`info`) is true of what it holds: the digest is held to the records when it is opened, and each
  record to its own before anything is made of it
* only records about what is asked are read
* a package is answered for where the records cover its ecosystem and it comes from the public index; else it is unknown
* what a refused record names is undecided, whatever else is known of it
* a database that turns out to be damaged answers for nothing: every package is unknown, with the reason

Source: formats/audit.md section 8.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from verifier.audit.answers import Answers
from verifier.audit.askable import unaskable
from verifier.audit.database.described import described
from verifier.audit.database.file import connect, invalid, translated
from verifier.audit.database.kept import record_of_kept
from verifier.audit.database.schema import kev_digest_of
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.formats.audit.database import EpssEntry, KevEntry
from verifier.formats.audit.package import Package
from verifier.formats.osv.ecosystems import full_name, osv_name_of, releases_differ
from verifier.formats.osv.record import Record

_ABOUT: Final = "SELECT name.id, digest, number FROM name LEFT JOIN record USING (id) WHERE ecosystem = ? AND name = ?"
_REFUSED: Final = (
    "SELECT DISTINCT CASE id WHEN '' THEN file ELSE id END FROM refused_name JOIN refused ON number = refused "
    "WHERE ecosystem IN (?, '') AND name IN (?, '') ORDER BY 1 LIMIT 20"  # more of them tell nobody more
)


class Refusal(NamedTuple):
    """A record that was left out: where it was, its id ("" where nobody can tell), why, and the packages that it names,
    as (ecosystem, compared name), each "" where it may be any."""

    file: str
    id: str
    code: str
    message: str
    packages: tuple[tuple[str, str], ...]


class Database:
    """An open database. Used by one thread; close it."""

    name = "the database"

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self._connection = path, connection
        with translated(path):
            self.info = described(connection, path)
        self._releases: dict[str, list[str]] = {}
        for written, _ in self.info.ecosystems:
            ecosystem, _, release = written.partition(":")
            self._releases.setdefault(ecosystem, []).append(release)
        self._kev_is_sound = False

    def __enter__(self) -> Database:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close it; it can be asked nothing more."""
        self._connection.close()

    def ask(self, packages: Sequence[Package], now: datetime) -> Answers:  # noqa: ARG002 - a service counts time
        """What is known of these packages; raises nothing."""
        try:
            with translated(self.path):
                return self._asked(packages)
        except Refused as refused:
            why = "the database is damaged"
            return Answers(records={}, unknown={each.purl: why for each in packages}, reasons=refused.reasons)

    def kev(self, cves: Sequence[str]) -> Mapping[str, KevEntry]:
        """Those of these CVEs that are known to be exploited; `Refused` where the list is damaged."""
        with translated(self.path):
            if not self._kev_is_sound and self.info.kev is not None:
                if kev_digest_of(self._connection) != self.info.kev_digest:
                    raise invalid(self.path, "its list of exploited vulnerabilities is not the one that it names")
                self._kev_is_sound = True
            rows = self._of_cves("SELECT cve, added, due, ransomware FROM kev WHERE cve = ?", cves)
            return {cve: KevEntry(cve, added, due, bool(used)) for cve, added, due, used in rows}

    def epss(self, cves: Sequence[str]) -> Mapping[str, EpssEntry]:
        """The probabilities of those of these CVEs that have one; `Refused` where the list is damaged."""
        with translated(self.path):
            rows = self._of_cves("SELECT cve, probability, percentile FROM epss WHERE cve = ?", cves)
            return {cve: EpssEntry(cve, first, second) for cve, first, second in rows}

    def require_true(self) -> None:
        """Read all of it again; `Refused` where anything in it does not follow from its records."""
        from verifier.audit.database.checked import require_true  # noqa: PLC0415 - only for who checks a whole file

        with translated(self.path):
            require_true(self._connection, self.path, self.info)

    def records(self) -> Iterator[tuple[Record, bytes]]:
        """Every record with the form that it is kept in; `Refused` where one is damaged."""
        with translated(self.path):
            query = "SELECT digest, body FROM record LEFT JOIN content USING (number) ORDER BY id"
            for digest, body in self._connection.execute(query):
                yield record_of_kept(body, digest), body

    def refusals(self) -> tuple[Refusal, ...]:
        """Every record that was left out."""
        with translated(self.path):
            named: dict[int, list[tuple[str, str]]] = {}
            for ecosystem, name, number in self._connection.execute(
                "SELECT ecosystem, name, refused FROM refused_name"
            ):
                named.setdefault(number, []).append((ecosystem, name))
            rows = self._connection.execute("SELECT number, file, id, code, message FROM refused ORDER BY number")
            return tuple(
                Refusal(file, identifier, code, message, tuple(named.get(number, ())))
                for number, file, identifier, code, message in rows
            )

    def rows_of(self, table: str) -> Iterator[tuple[object, ...]]:
        """The rows of the list `kev` or `epss`."""
        with translated(self.path):
            yield from self._connection.execute(f"SELECT * FROM {table} ORDER BY cve")  # noqa: S608 - one of two words

    def _asked(self, packages: Sequence[Package]) -> Answers:
        records: dict[str, tuple[Record, ...]] = {}
        unknown: dict[str, str] = {}
        refused: dict[str, tuple[str, ...]] = {}
        read: dict[str, Record] = {}
        for package in packages:
            ecosystem = osv_name_of(package.ecosystem, package.namespace)
            key = ecosystem, full_name(package.ecosystem, package.namespace, package.name)
            if self.info.refused and (left_out := self._left_out(key)):
                refused[package.purl] = left_out
            why = unaskable(package, (package.ecosystem,))
            if why:
                unknown[package.purl] = why
                continue
            found = self._about(key, read)
            if why := self._uncovered(package, ecosystem):
                unknown[package.purl] = why
            if found or not why:
                records[package.purl] = found
        return Answers(records=records, unknown=unknown, refused=refused, reasons=self._reasons())

    def _uncovered(self, package: Package, ecosystem: str) -> str:
        """Why "no record" says nothing of a package; "" where it does."""
        releases = self._releases.get(ecosystem, ())
        if not releases:
            return unaskable(package, ())
        if any(not releases_differ(package.release, each) for each in releases):
            return ""
        return f"there are no records of {ecosystem} {package.release}"

    def _about(self, key: tuple[str, str], read: dict[str, Record]) -> tuple[Record, ...]:
        found = []
        for identifier, digest, number in self._connection.execute(_ABOUT, key).fetchall():
            if identifier not in read:
                read[identifier] = self._read(identifier, digest, number)
            found.append(read[identifier])
        return tuple(found)

    def _read(self, identifier: str, digest: bytes, number: int) -> Record:
        row = number and self._connection.execute("SELECT body FROM content WHERE number = ?", (number,)).fetchone()
        if not row:
            raise invalid(self.path, f"the record {identifier} is not there")
        record = record_of_kept(row[0], digest)
        if record.id != identifier:
            raise invalid(self.path, f"the record {identifier} is another one")
        return record

    def _left_out(self, key: tuple[str, str]) -> tuple[str, ...]:
        return tuple(str(row[0]) for row in self._connection.execute(_REFUSED, key))

    def _of_cves(self, query: str, cves: Sequence[str]) -> Iterator[tuple[str, ...]]:
        for cve in dict.fromkeys(cves):
            yield from self._connection.execute(query, (cve,))

    def _reasons(self) -> tuple[Reason, ...]:
        """What is to be said of the database in every report."""
        if not self.info.refused:
            return ()
        count = "1 record was" if self.info.refused == 1 else f"{self.info.refused:,} records were"
        message = f"{count} left out when it was made: what they name is undecided"
        hint = f"See which: `verify audit db show --db {self.path}`."
        code = "vulnerability.record-invalid"
        return (Reason(code=code, subject=str(self.path), message=message, hint=hint).as_warning(),)


def open_database(path: Path) -> Database:
    """The database at `path`; `Refused` (`vulnerability.database-invalid`) where there is none that can be used."""
    connection = connect(path)
    try:
        return Database(path, connection)
    except BaseException:
        connection.close()
        raise
