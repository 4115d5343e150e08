"""CISA's catalogue of known exploited vulnerabilities, as it is published: JSON.

* it is whole (`count` is the number of its entries), has a date of its own, and names no CVE twice
* what is not as published is `vulnerability.record-invalid`: half a list would say of the rest that nobody exploits it

Source: https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json; formats/audit.md 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from verifier.core.value import Value, field
from verifier.formats.audit.database import KevEntry
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue, loads
from verifier.formats.osv.reading import CODE

_CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}\Z")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOST: Final = 200_000


class Kev(Value):
    """The catalogue, and the moment that it was released at."""

    date: datetime
    entries: tuple[KevEntry, ...] = field(repr=False)


def is_kev(tree: JsonValue) -> bool:
    """Whether a JSON value is such a catalogue, rather than a record."""
    return isinstance(tree, dict) and "vulnerabilities" in tree and "catalogVersion" in tree and "id" not in tree


def kev_of(tree: JsonValue, *, subject: str) -> Kev:
    """The catalogue in a JSON value; `Refused` (`vulnerability.record-invalid`)."""
    top = Fields.of(tree, code=CODE, subject=subject)
    date, count = top.moment("dateReleased"), top.count("count")
    rows = top.objects("vulnerabilities", most=_MOST)
    if count != len(rows):
        raise top.refusal("count", f"is {count:,}, and there are {len(rows):,} vulnerabilities: the list is not whole")
    entries: dict[str, KevEntry] = {}
    for row in rows:
        entry = _entry(row)
        if entry.cve in entries:
            raise row.refusal("cveID", f"is {entry.cve}, which stands twice")
        entries[entry.cve] = entry
    if not entries:
        raise top.refusal("vulnerabilities", "is empty, which the catalogue never is")
    return Kev(date=date, entries=tuple(entries.values()))


def read_kev(content: bytes, *, subject: str) -> Kev:
    """The catalogue in a JSON document; `Refused` (`vulnerability.record-invalid`, `json.*`)."""
    return kev_of(loads(content, subject=subject, max_depth=16), subject=subject)


def _entry(row: Fields) -> KevEntry:
    cve, added = row.text("cveID"), row.text("dateAdded")
    due = _text(row.value, "dueDate")
    if not _CVE.match(cve):
        raise row.refusal("cveID", f"is {cve[:40]!r}, expected a CVE")
    for name, day in (("dateAdded", added), ("dueDate", due)):
        if day and not _DAY.match(day):
            raise row.refusal(name, f"is {day[:40]!r}, expected a date")
    return KevEntry(cve, added, due, ransomware=_text(row.value, "knownRansomwareCampaignUse").lower() == "known")


def _text(value: Mapping[str, JsonValue], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
