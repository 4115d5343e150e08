"""How old records may be. Pure.

* it is the records' own date that counts, not the day of the import: an old export that is imported today is old
* each ecosystem has the date of the set that it came with; the oldest of those that are asked about decides
* what is later than now is no date at all: it would make records look fresh for ever
* the lists of CVEs have dates of their own, and are warned of: what they say of a finding only makes it graver

Source: formats/audit.md section 8; grype's `max-allowed-built-age`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from verifier.core.clock import format_duration, format_rfc3339, shifted
from verifier.core.outcome import Reason
from verifier.formats.audit.database import MAX_AGE, DatabaseInfo
from verifier.formats.osv.ecosystems import purl_type_of

SKEW: Final = timedelta(minutes=10)
"""How far a record may be ahead of the clock."""


def judged_age(
    info: DatabaseInfo, now: datetime, max_age: timedelta = MAX_AGE, asked: Collection[str] | None = None
) -> tuple[Reason, ...]:
    """Errors where the records are too old or from the future, warnings where a list is.

    `asked` are the purl types that are asked about; None: all.
    """
    found = []
    if info.data_date > shifted(now, SKEW):
        found.append(_future("the database", "the newest record", info.data_date, now))
    dates = [(date, name) for name, date in info.dates if asked is None or purl_type_of(name) in asked]
    for date, name in sorted(dates) or [(info.data_date, "")]:
        if now - date > max_age:
            found.append(
                _stale(
                    "the database",
                    f"the newest record of the set with {name}" if name else "the newest record",
                    date,
                    max_age,
                )
            )
    for subject, listed in (("KEV", info.kev), ("EPSS", info.epss)):
        if listed is None:
            continue
        if listed > shifted(now, SKEW):
            found.append(_future(subject, "the list", listed, now).as_warning())
        elif now - listed > max_age:
            found.append(_stale(subject, "the list", listed, max_age).as_warning())
    return tuple(found)


def _stale(subject: str, what: str, date: datetime, max_age: timedelta) -> Reason:
    message = f"{what} is of {format_rfc3339(date)}, expected one of the last {format_duration(max_age)}"
    return Reason(code="vulnerability.database-stale", subject=subject, message=message)


def _future(subject: str, what: str, date: datetime, now: datetime) -> Reason:
    message = f"{what} is of {format_rfc3339(date)}, and it is {format_rfc3339(now)}"
    return Reason(code="vulnerability.database-future", subject=subject, message=message)
