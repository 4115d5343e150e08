"""One record of a vulnerability, as the Open Source Vulnerability format has it: frozen values.

* what is not there is "", None or empty; texts are as they were written
* names of packages are as written: which of them are one name is for `audit.matching` to say

Source: https://ossf.github.io/osv-schema/ (1.x); formats/audit.md section 2.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

EventKind = Literal["introduced", "fixed", "last_affected", "limit"]
RangeType = Literal["SEMVER", "ECOSYSTEM", "GIT"]


class Event(NamedTuple):
    """One end of a range: `introduced`, `fixed` or `limit` at a version, or `last_affected`."""

    kind: EventKind
    version: str


class Range(NamedTuple):
    """Versions between events, in the order that they stand in; of `GIT` they are commits, and say nothing of
    versions."""

    type: RangeType
    events: tuple[Event, ...]


class Severity(NamedTuple):
    """One score: `type` is "CVSS_V2", "CVSS_V3", "CVSS_V4" or another word, `score` a vector, or a word."""

    type: str
    score: str


class AffectedPackage(NamedTuple):
    """One entry of `affected`.

    `ecosystem` is what stands before the colon of what is written ("PyPI", "Debian"), `release` what stands behind it
    ("12", "v3.18", "" where there is none): "Root:PyPI" is of the ecosystem "Root". Both are "" where an entry is of
    commits alone and names no package. `severity` replaces the record's.
    """

    ecosystem: str
    name: str
    release: str = ""
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    severity: tuple[Severity, ...] = ()


class Record(NamedTuple):
    """One record.

    `database_severity` is `database_specific.severity`, in lower case ("moderate" is "medium"), "" where there is none
    of the four words. `digest` is the SHA-256 of the record's canonical JSON, in hex. `references` are URLs.
    """

    id: str
    modified: datetime
    published: datetime | None = None
    withdrawn: datetime | None = None
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    affected: tuple[AffectedPackage, ...] = ()
    severity: tuple[Severity, ...] = ()
    database_severity: str = ""
    references: tuple[str, ...] = ()
    digest: str = ""
