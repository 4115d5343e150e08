"""A database that is being made: one transaction in a file that nobody reads yet.

* nothing is held but counts: records go to the file one by one
* of one id there is one record: the newer one, or the first of two that are the same
* names are kept as their ecosystem compares them; entries about ecosystems that no package is told of by are not looked
  up, and their records are kept all the same
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from verifier.audit.database.epss import Epss
from verifier.audit.database.fetched.broken import Named
from verifier.audit.database.kept import record_of_kept, say_the_same
from verifier.audit.database.kev import Kev
from verifier.audit.database.schema import digest_of, epss_digest_of, kev_digest_of, make_tables, set_index_digest
from verifier.core.clock import EPOCH, INSTANT, format_rfc3339, parse_rfc3339
from verifier.core.errors import ConfigurationError, refuse
from verifier.core.outcome import Reason
from verifier.formats.osv.ecosystems import ECOSYSTEMS, compared_name
from verifier.formats.osv.record import Record

Taken = Literal["new", "same", "newer", "older", "contradicts"]
MAX_ECOSYSTEMS = 1_000


class Lists(NamedTuple):
    """The dates of the lists of CVEs that are in a draft."""

    kev: str | None = None
    epss: str | None = None


class Draft:
    """The tables of a new database in an empty file."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        run = self.connection.execute
        run("PRAGMA journal_mode = OFF")  # a draft that fails is thrown away
        run("PRAGMA synchronous = OFF")  # it is synced once, before it gets its name
        run("PRAGMA cache_size = -32768")  # KiB: whatever the size of what is imported
        run("PRAGMA temp_store = FILE")
        run("BEGIN EXCLUSIVE")
        make_tables(self.connection)
        self.lists = Lists()
        self.records = self._number = 0

    def take(self, record: Record, body: bytes) -> Taken:
        """Keep a record, of which `body` is what is kept, or say why not."""
        row = (record.id, bytes.fromhex(record.digest), (record.modified - EPOCH) // INSTANT)
        taken: Taken = "new"
        if not self._insert(row, "\n".join(sorted(ecosystems_of(record)))):
            taken = self._against(row, body)
            if taken != "newer":
                return taken
            self._remove(record.id)
            self._insert(row, "\n".join(sorted(ecosystems_of(record))))
        self.connection.execute("INSERT INTO content VALUES (?, ?)", (self._number, body))
        self.connection.executemany("INSERT OR IGNORE INTO name VALUES (?, ?, ?)", names_of(record))
        return taken

    def refused(self, file: str, reason: Reason, named: Named) -> None:
        """Remember a record that was left out, and what it is about."""
        self.refused_before((file, named.id, reason.code, reason.message), named.packages)

    def refused_before(self, refusal: tuple[str, str, str, str], packages: Iterable[tuple[str, str]]) -> None:
        """Remember a record that an earlier import left out: its file, id, code and message, and what it is about."""
        row = [text.encode("utf-8", "backslashreplace").decode()[:1_000] for text in refusal]
        number = self.connection.execute(
            "INSERT INTO refused (file, id, code, message) VALUES (?, ?, ?, ?)", row
        ).lastrowid
        self.connection.executemany(
            "INSERT OR IGNORE INTO refused_name VALUES (?, ?, ?)", ((*each, number) for each in sorted(packages))
        )

    def knows(self, file: str, identifier: str) -> bool:
        """Whether a record that was left out is there now, or was left out again."""
        query = (
            "SELECT 1 FROM record WHERE id = ?1 "
            "UNION ALL SELECT 1 FROM refused WHERE file = ?2 AND id = ?1 OR id = ?1 AND id <> ''"
        )
        return self.connection.execute(query, (identifier, file)).fetchone() is not None

    def names_anything(self) -> bool:
        """Whether one of the records says of which ecosystem it is."""
        return self.connection.execute("SELECT 1 FROM record WHERE ecosystems <> '' LIMIT 1").fetchone() is not None

    def date_of(self, name: str) -> datetime | None:
        """The date of the list `kev` or `epss`, None where it is not there."""
        written = self.lists.kev if name == "kev" else self.lists.epss
        return None if written is None else parse_rfc3339(written)

    def keep_rows(self, name: str, date: datetime, rows: Iterable[tuple[object, ...]]) -> None:
        """Keep a list as it was there."""
        places = ", ".join("?" * (4 if name == "kev" else 3))
        self.connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608 - one of two words
        written = format_rfc3339(date)
        self.lists = self.lists._replace(kev=written) if name == "kev" else self.lists._replace(epss=written)

    def keep_kev(self, kev: Kev, subject: str) -> None:
        """Keep the catalogue of exploited vulnerabilities."""
        if self.lists.kev is not None:
            raise ConfigurationError("is the second list of known exploited vulnerabilities", where=subject)
        self.connection.executemany("INSERT INTO kev VALUES (?, ?, ?, ?)", kev.entries)
        self.lists = self.lists._replace(kev=format_rfc3339(kev.date))

    def keep_epss(self, epss: Epss, subject: str) -> None:
        """Keep the list of probabilities."""
        if self.lists.epss is not None:
            raise ConfigurationError("is the second list of probabilities", where=subject)
        try:
            self.connection.executemany("INSERT INTO epss VALUES (?, ?, ?)", epss.entries)
        except sqlite3.IntegrityError:
            raise refuse("vulnerability.record-invalid", subject, "a CVE stands twice in it") from None
        self.lists = self.lists._replace(epss=format_rfc3339(epss.date))

    def finish(self, dates: Mapping[str, datetime], newest: datetime, now: datetime) -> None:
        """Say what it is about, and end the transaction."""
        run = self.connection.execute
        counted = self._counted()
        if not counted:
            hint = "Records about commits alone (OSV's GIT) say nothing of packages."
            raise refuse("vulnerability.record-invalid", "the records", "none of them names a package", hint)
        self.connection.executemany("INSERT INTO ecosystem VALUES (?, ?, ?, ?)", _rows(counted, dates))
        run(
            "INSERT INTO about VALUES (1, ?, '', ?, ?, ?, ?, ?, ?)",
            (
                digest_of(self.connection),
                format_rfc3339(now),
                format_rfc3339(newest),
                self.lists.kev,
                kev_digest_of(self.connection) if self.lists.kev else "",
                self.lists.epss,
                epss_digest_of(self.connection) if self.lists.epss else "",
            ),
        )
        set_index_digest(self.connection)
        run("COMMIT")

    def close(self) -> None:
        """Close the file; what was not finished is lost."""
        self.connection.close()

    def _insert(self, row: tuple[str, bytes, int], ecosystems: str) -> bool:
        """Whether there was no record of this id."""
        done = self.connection.execute(
            "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?)", (*row, self._number + 1, ecosystems)
        ).rowcount
        self._number += done
        self.records += done
        return bool(done)

    def _against(self, row: tuple[str, bytes, int], body: bytes) -> Taken:
        """A record against the one of its id that is there."""
        identifier, digest, modified = row
        there, at, kept = self.connection.execute(
            "SELECT digest, modified, body FROM record JOIN content USING (number) WHERE id = ?", (identifier,)
        ).fetchone()
        if there == digest:
            return "same"
        if at == modified:
            return "same" if say_the_same(kept, body) else "contradicts"
        return "newer" if modified > at else "older"

    def _remove(self, identifier: str) -> None:
        run = self.connection.execute
        digest, number, body = run(
            "SELECT digest, number, body FROM record JOIN content USING (number) WHERE id = ?", (identifier,)
        ).fetchone()
        names = names_of(record_of_kept(body, digest))  # to look for its names would take longer, the more there are
        self.connection.executemany("DELETE FROM name WHERE ecosystem = ? AND name = ? AND id = ?", names)
        run("DELETE FROM content WHERE number = ?", (number,))
        run("DELETE FROM record WHERE id = ?", (identifier,))
        self.records -= 1

    def _counted(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for names, count in self.connection.execute("SELECT ecosystems, count(*) FROM record GROUP BY ecosystems"):
            for name in names.split("\n") if names else ():
                counted[name] += count
            if len(counted) > MAX_ECOSYSTEMS:
                message = f"more than {MAX_ECOSYSTEMS:,} ecosystems"
                raise refuse("vulnerability.record-invalid", "the records", message)
        return counted


def _rows(counted: Mapping[str, int], dates: Mapping[str, datetime]) -> Iterator[tuple[str, int, str | None, int]]:
    for name, count in counted.items():
        date = dates.get(name.partition(":")[0])
        yield name, count, format_rfc3339(date) if date else None, int(date is not None)


def ecosystems_of(record: Record) -> set[str]:
    """The ecosystems that a record names, with their releases."""
    return {_whole(each.ecosystem, each.release) for each in record.affected if each.ecosystem}


def _whole(ecosystem: str, release: str) -> str:
    return f"{ecosystem}:{release}" if release else ecosystem


def names_of(record: Record) -> Iterable[tuple[str, str, str]]:
    """What a record is found by: ecosystem, compared name, id."""
    for each in record.affected:
        known = ECOSYSTEMS.get(each.ecosystem)
        if known is not None:
            yield each.ecosystem, compared_name(known.purl_type, each.name), record.id
