"""Making a database of records from what was fetched: all of it, or nothing.

* it is made in a file beside, which takes its place once it is whole and on the disk: whoever reads meanwhile, or after
  a crash, sees the old one or the new one; two imports into one file take turns
* a record that is refused refuses the import, unless invalid ones are to be left out: then each is remembered, with the
  packages that it names, and those are undecided in every report
* of one id: the same content counts once, of two the newer; two that were modified at one moment and differ are refused
* a set without any record is refused, and so is a file that is no database of ours: it is never overwritten

Source: formats/audit.md section 8.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from verifier.audit.database.coverage import Seen, dates
from verifier.audit.database.draft import Draft
from verifier.audit.database.epss import read_epss
from verifier.audit.database.fetched.broken import EVERYTHING, Named, named_by
from verifier.audit.database.fetched.found import MAX_RECORDS, Found, Sources
from verifier.audit.database.fetched.walking import sets_of
from verifier.audit.database.file import is_ours
from verifier.audit.database.kept import digest_of_kept, kept
from verifier.audit.database.kev import is_kev, kev_of, read_kev
from verifier.audit.database.opening import open_database
from verifier.core.clock import format_rfc3339
from verifier.core.costs.progress import Counted, Progress, silent
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.limits import MAX_DOCUMENT_BYTES, MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.value import Value, field, replace
from verifier.files.lock import turn_to_write
from verifier.files.read import read_regular_file
from verifier.files.write import replacing, unwritable
from verifier.formats.audit.database import DatabaseInfo
from verifier.formats.json.strict_json import JsonValue, parse
from verifier.formats.osv.reading import CODE, MAX_RECORD_DEPTH, MAX_RECORD_VALUES, bounded, read_record
from verifier.formats.osv.record import Record

MAX_REFUSED: Final = 100_000
"""Records that one import may leave out."""
_SKIP: Final = "Have it mended, or leave it out with --skip-invalid: the packages that it names are then undecided."


class Imported(Value):
    """What an import has come to: records that are now there and the dates, how many were refused, repeated or passed
    over, whether a database was replaced, and what is to be said of it."""

    records: int
    data_date: datetime
    kev: datetime | None
    epss: datetime | None
    refused: int
    repeated: int
    passed_over: int
    replaced: bool
    vanished: int = 0
    reasons: tuple[Reason, ...] = field(default=(), repr=False)


class Importing:
    """One import into a draft. Changes; used by one thread.

    An update sets `before`, the dates of ecosystems that were there, and `newest_before`, that of all of it.
    """

    def __init__(self, draft: Draft, *, skip_invalid: bool, told: Progress = silent) -> None:
        self.draft, self._skip, self._told = draft, skip_invalid, told
        self.reasons: list[Reason] = []
        self.sets: list[Seen] = []
        self.before: dict[str, datetime] = {}
        self.newest_before: datetime | None = None
        self.refused = self.repeated = self.passed_over = self._read = 0

    def take_all(self, sources: Sequence[Path], kev: Path | None, epss: Path | None) -> None:
        """Everything that was named; `Refused` for what is not sound."""
        for each in sets_of(sources):
            self._take_set(each)
        for path in (kev, epss):
            if path is not None:
                self._take_list(path, is_json=path is kev)

    def newest(self) -> datetime:
        """When the newest record was modified, of those that are there and those that were."""
        found = [each.newest for each in self.sets] + [self.newest_before]
        return max(each for each in found if each is not None)

    def note(self, code: str, subject: str, message: str) -> None:
        """Say something; of one kind no more than anybody reads."""
        if len(self.reasons) < MAX_FINDINGS:
            self.reasons.append(Reason(code=code, subject=subject, message=message).as_warning())

    def leave_out(self, file: str, refused: Refused, named: Named) -> None:
        """Remember a record that is not sound, where that is wanted; else raise."""
        reason = refused.reasons[0]
        if not self._skip:
            raise refuse(reason.code, file, reason.message, _SKIP) from refused
        self.refused += 1
        if self.refused > MAX_REFUSED:
            raise refuse(
                reason.code, file, f"more than {MAX_REFUSED:,} records are not sound: that is no export of records"
            )
        self.draft.refused(file, reason, named)
        what = "nobody can tell which packages it names" if ("", "") in named.packages else "what it names is undecided"
        self.note(reason.code, file, f"{reason.message}; it was left out, and {what}")

    def _take_set(self, each: Sources) -> None:
        seen, files = Seen(), 0
        count = Counted(self._told, f"importing {each.name}", None, "records")
        for found in each.files:
            files += 1
            count.add()
            self._read += 1
            if self._read > MAX_RECORDS:
                raise refuse("input.too-large", each.name, f"more than {MAX_RECORDS:,} files")
            self._take(found, seen)
        self.sets.append(seen)
        self.passed_over += each.passed_over()
        if not files and not each.holds_sets():
            hint = "Name what was fetched: ECOSYSTEM/all.zip of OSV's export, or a folder with records."
            raise refuse(CODE, each.name, "there is no record in it, expected files that end in .json or .yaml", hint)

    def _take(self, found: Found, seen: Seen) -> None:
        content = found.content
        try:
            if isinstance(content, Refused):
                raise content.again()
            if found.form == "gzip":
                self.draft.keep_epss(read_epss(content, subject=found.file), found.file)
                return
            tree = _tree(found.form, content, found.file)
            if is_kev(tree):
                self.draft.keep_kev(kev_of(tree, subject=found.file), found.file)
                return
            body = kept(tree)
            record = read_record(tree, subject=found.file, digest=digest_of_kept(body))
        except Refused as refused:
            if found.form == "gzip":
                raise
            named = EVERYTHING if isinstance(content, Refused) else named_by(content, found.form)
            self.leave_out(found.file, refused, named)
            return
        seen.take(record)
        self._keep(record, body, found.file)

    def _keep(self, record: Record, body: bytes, file: str) -> None:
        taken = self.draft.take(record, body)
        if taken == "new":
            return
        if taken == "contradicts":
            message = f"another record {record.id} was modified at the same moment, and says something else"
            refused = refuse(CODE, file, message)
            self.leave_out(file, refused, named_by(body, "json")._replace(id=record.id))
            return
        self.repeated += 1
        if taken != "same":
            message = f"{record.id} is there twice, and the newer one counts; this is the {taken} one"
            self.note("vulnerability.record-repeated", file, message)

    def _take_list(self, path: Path, *, is_json: bool) -> None:
        """A list that an option names."""
        content = read_regular_file(path, max_bytes=MAX_DOCUMENT_BYTES)
        if is_json:
            self.draft.keep_kev(read_kev(content, subject=str(path)), str(path))
        else:
            self.draft.keep_epss(read_epss(content, subject=str(path)), str(path))


class Import(Protocol):
    """`import_records`, or `update_records`."""

    def __call__(
        self,
        sources: Sequence[Path],
        destination: Path,
        *,
        now: datetime,
        skip_invalid: bool = False,
        kev: Path | None = None,
        epss: Path | None = None,
        told: Progress = silent,
    ) -> Imported: ...


Merge = Callable[[Importing], int]
"""What an update does with what was there; how many records of it have vanished from what was imported."""


def import_records(
    sources: Sequence[Path],
    destination: Path,
    *,
    now: datetime,
    skip_invalid: bool = False,
    kev: Path | None = None,
    epss: Path | None = None,
    told: Progress = silent,
) -> Imported:
    """Make the database at `destination` of these sources alone, in the place of one that is there.

    `Refused` where a source is not sound, `ConfigurationError` where the file cannot be written or is somebody's.
    """
    with turn(destination):
        before = _before(destination)
        made = make(sources, destination, now=now, skip_invalid=skip_invalid, kev=kev, epss=epss, told=told)
        if before is None:
            return made
        return replace(made, reasons=(*made.reasons, *_lost(before, made, str(destination))))


def make(  # noqa: PLR0913 - keyword-only
    sources: Sequence[Path],
    destination: Path,
    *,
    now: datetime,
    skip_invalid: bool,
    kev: Path | None,
    epss: Path | None,
    merge: Merge | None = None,
    told: Progress = silent,
) -> Imported:
    """`import_records` for whoever has the turn to write; `merge` adds what is to be kept of what was there."""
    replaced = destination.exists()
    with _drafted(destination) as draft:
        importing = Importing(draft, skip_invalid=skip_invalid, told=told)
        importing.take_all(sources, kev, epss)
        vanished = merge(importing) if merge is not None else 0
        if not draft.records:
            raise refuse(CODE, str(destination), "no record was imported: such a database says nothing")
        if not draft.names_anything():
            raise refuse(CODE, str(destination), "no record names a package: such a database says nothing")
        newest = importing.newest()
        draft.finish({**importing.before, **dates(importing.sets)}, newest, now)
    return Imported(
        records=draft.records,
        data_date=newest,
        kev=draft.date_of("kev"),
        epss=draft.date_of("epss"),
        refused=importing.refused,
        repeated=importing.repeated,
        passed_over=importing.passed_over,
        replaced=replaced,
        vanished=vanished,
        reasons=tuple(importing.reasons),
    )


def _tree(form: str, content: bytes, file: str) -> JsonValue:
    if form == "yaml":
        from verifier.formats.osv.yaml_reading import yaml_tree  # noqa: PLC0415 - most records are JSON

        return yaml_tree(content, subject=file)
    bounded(content, file)
    return parse(content, subject=file, max_depth=MAX_RECORD_DEPTH, max_values=MAX_RECORD_VALUES).value


def _before(destination: Path) -> DatabaseInfo | None:
    """What is said of the database that is about to be replaced, where it can be used."""
    try:
        with open_database(destination) as database:
            return database.info
    except Refused:
        return None


def _lost(before: DatabaseInfo, made: Imported, subject: str) -> Iterator[Reason]:
    """What an import has thrown away that was newer, or that nobody has named again."""
    if before.data_date > made.data_date:
        seen, there = format_rfc3339(made.data_date), format_rfc3339(before.data_date)
        message = f"what was there was newer: of {there}, and this is of {seen}"
        yield Reason(code="vulnerability.database-rollback", subject=subject, message=message).as_warning()
    for name, had, has in (("KEV", before.kev, made.kev), ("EPSS", before.epss, made.epss)):
        if had is not None and (has is None or has < had):
            message = f"the {name} list that was there is gone" + ("" if has is None else ": this one is older")
            yield Reason(code="vulnerability.database-rollback", subject=subject, message=message).as_warning()


@contextmanager
def turn(destination: Path) -> Iterator[None]:
    """The right to write the database, which is ours or not there."""
    with turn_to_write(destination):
        _require_ours(destination)
        yield


def _require_ours(destination: Path) -> None:
    """`ConfigurationError` where something else than a database of ours stands there."""
    try:
        if not destination.exists() or is_ours(destination):
            return
    except (OSError, ValueError) as error:
        raise unwritable(destination, error) from error
    hint = "Name another file, or remove this one first."
    raise ConfigurationError("is no database of records, and is not overwritten", where=str(destination), hint=hint)


@contextmanager
def _drafted(destination: Path) -> Iterator[Draft]:
    """A draft that takes its place where the block ends well; `ConfigurationError` where it cannot be written."""
    try:
        with replacing(destination, mode=0o644) as path:
            draft = Draft(path)
            try:
                yield draft
            finally:
                draft.close()
    except OSError as error:
        raise unwritable(destination, error) from error
    except sqlite3.Error as error:
        message = f"cannot be written: {error}"
        raise ConfigurationError(message, where=str(destination), hint="Is there room on the disk?") from error
