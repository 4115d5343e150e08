"""Bringing a database up to date: whole ecosystems are replaced, and nothing goes back.

* what was imported before of an ecosystem that is covered anew is replaced; the other ecosystems stay as they are
* a set, or a list of CVEs, that is older than what is there is refused: somebody shows an old mirror
* a record that is not in the new set stays, and is counted: exports withdraw records, they do not lose them
* of a record that was there in a newer version, that version stays
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from verifier.audit.database.coverage import dates
from verifier.audit.database.draft import Draft
from verifier.audit.database.fetched.broken import named_by
from verifier.audit.database.importing import Imported, Importing, make, turn
from verifier.audit.database.opening import Database, Refusal, open_database
from verifier.core.clock import format_rfc3339
from verifier.core.costs.progress import Progress, silent
from verifier.core.errors import refuse

_ROLLBACK: Final = "vulnerability.database-rollback"


def update_records(
    sources: Sequence[Path],
    destination: Path,
    *,
    now: datetime,
    skip_invalid: bool = False,
    kev: Path | None = None,
    epss: Path | None = None,
    told: Progress = silent,
) -> Imported:
    """Replace, in the database at `destination`, the ecosystems that these sources cover.

    `Refused` where a source is not sound or is older, and (`vulnerability.database-invalid`) where there is no
    database that can be used; `ConfigurationError` where it cannot be written.
    """
    with turn(destination), open_database(destination) as old:
        return make(
            sources,
            destination,
            now=now,
            skip_invalid=skip_invalid,
            kev=kev,
            epss=epss,
            merge=lambda importing: _merge(importing, old, str(destination)),
            told=told,
        )


def _merge(importing: Importing, old: Database, subject: str) -> int:
    """Keep what is to be kept of the old database; how many records have vanished."""
    covered = dates(importing.sets)
    _require_newer(covered, old, subject)
    _keep_lists(importing.draft, old, subject)
    importing.before, importing.newest_before = dict(old.info.dates), old.info.data_date
    for refusal in old.refusals():
        _keep_refusal(importing.draft, refusal, covered)
    vanished = 0
    for record, body in old.records():
        taken = importing.draft.take(record, body)
        if taken == "new":
            vanished += any(each.ecosystem in covered for each in record.affected)
        elif taken == "newer":
            message = f"the {record.id} that is imported is older than the one that is there, which stays"
            importing.note("vulnerability.record-repeated", subject, message)
        elif taken == "contradicts":
            message = f"the {record.id} that is there was modified at the same moment, and says something else"
            named = named_by(body, "json")._replace(id=record.id)
            importing.leave_out(subject, refuse("vulnerability.record-invalid", subject, message), named)
    if vanished:
        message = f"{vanished:,} records that were there are not in what was imported; they stay, and count"
        importing.note("vulnerability.records-vanished", subject, message)
    return vanished


def _require_newer(covered: dict[str, datetime], old: Database, subject: str) -> None:
    for name, date in old.info.dates:
        if name in covered and covered[name] < date:
            seen, there = format_rfc3339(covered[name]), format_rfc3339(date)
            raise refuse(_ROLLBACK, subject, f"the newest of the set with {name} is of {seen}, older than {there}")


def _keep_lists(draft: Draft, old: Database, subject: str) -> None:
    """Keep the lists of CVEs that are not there anew; refuse those that are older."""
    for name, there in (("kev", old.info.kev), ("epss", old.info.epss)):
        given = draft.date_of(name)
        if there is None:
            continue
        if given is None:
            draft.keep_rows(name, there, old.rows_of(name))
        elif given < there:
            message = f"the {name.upper()} list is of {format_rfc3339(given)}, older than {format_rfc3339(there)}"
            raise refuse(_ROLLBACK, subject, message)


def _keep_refusal(draft: Draft, refusal: Refusal, covered: dict[str, datetime]) -> None:
    """Keep that a record was left out, unless it is there now, or its ecosystems are replaced and it has no id."""
    if draft.knows(refusal.file, refusal.id):
        return
    replaced = all(ecosystem in covered for ecosystem, _ in refusal.packages)
    if refusal.id or not replaced:
        draft.refused_before((refusal.file, refusal.id, refusal.code, refusal.message), refusal.packages)
