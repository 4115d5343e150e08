"""What is said of a database of records, and what is known about CVEs beside their records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from verifier.core.value import Value

MAX_AGE: Final = timedelta(days=7)
"""How old records, and a scan, may be where nobody says otherwise: those of a week ago know nothing of this week's."""


class KevEntry(NamedTuple):
    """What CISA's catalogue of known exploited vulnerabilities says of one CVE."""

    cve: str
    added: str
    due: str
    ransomware: bool


class EpssEntry(NamedTuple):
    """The probability, and its percentile, that FIRST's model gives to one CVE: both from 0 to 1, as written."""

    cve: str
    probability: str
    percentile: str


class DatabaseInfo(Value):
    """What is said of a database in every report.

    `digest` is "sha256:…" over its records; `data_date` the newest `modified` of them; `ecosystems` are OSV's names
    ("PyPI") with the number of their records; `refused` how many were left out (`--skip-invalid`). `kev` and `epss`
    are the dates of those lists, None where there is none.

    `incidental` are ecosystems that some records name and that are not covered: "no record" says nothing there.
    `dates` are, by ecosystem without release, those of the sets that they came with.
    """

    digest: str
    data_date: datetime
    imported_at: datetime
    ecosystems: tuple[tuple[str, int], ...]
    refused: int = 0
    kev: datetime | None = None
    epss: datetime | None = None
    kev_digest: str = ""
    epss_digest: str = ""
    incidental: tuple[tuple[str, int], ...] = ()
    dates: tuple[tuple[str, datetime], ...] = ()
