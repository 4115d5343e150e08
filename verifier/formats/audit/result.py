"""What an audit comes to: every package with its status, every finding, and what decides the exit status.

* only "every package was asked and every record evaluated" can be `clean`
* what an exception suppresses stays here, with the exception
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.core.verdict import Input
from verifier.formats.audit.database import DatabaseInfo, EpssEntry, KevEntry
from verifier.formats.audit.package import Package

PackageStatus = Literal["audited", "undecided", "unknown"]
SeverityWord = Literal["critical", "high", "medium", "low", "none", "unknown"]
SEVERITIES: Final[tuple[SeverityWord, ...]] = ("none", "low", "medium", "high", "critical")
"""From the least to the worst; "unknown" is above every threshold."""
WITHOUT_PROJECT: Final = "--without-project"
"""Who has accepted that nobody knows of the project itself: whoever says that it is what is audited."""
Outcome = Literal["clean", "vulnerable", "undecided"]
Novelty = Literal["", "new", "unchanged"]

OF_PACKAGES: Final = frozenset({"vulnerability.known", "vulnerability.undecided", "vulnerability.unknown-dependency"})
"""Errors about single packages: those that an audit has anyway list every package all the same."""


class Rating(NamedTuple):
    """How bad: the word, and the score and the vector that it comes from ("" where it comes from a word)."""

    severity: SeverityWord = "unknown"
    score: str = ""
    vector: str = ""


class Excuse(Value):
    """The exception that a finding is under.

    `by` is "exceptions" or "vex", `where` the file and line; `status` and `justification` are OpenVEX' words. `expired`
    ones suppress nothing.
    """

    by: Literal["exceptions", "vex"]
    where: str
    id: str
    status: str
    justification: str = ""
    reason: str = ""
    owner: str = ""
    expires: datetime | None = None
    expired: bool = False


class Finding(Value):
    """One vulnerability of one package, merged from every record that is about it.

    `ids` are all ids and aliases, the primary first (CVE, else PYSEC, else GHSA); `records` those of the records.
    `fixed_in` are versions that some record calls fixed, sorted; `minimal_fix` the lowest above the package's that no
    live record affects, None where there is none. `why` says why it is undecided. `suppressed` is whether `excuse`
    keeps it from counting. `notes` are warnings about its records.
    """

    package: Package
    status: Literal["affected", "undecided"]
    ids: tuple[str, ...]
    records: tuple[str, ...] = ()
    summary: str = ""
    rating: Rating = Rating()
    fixed_in: tuple[str, ...] = ()
    minimal_fix: str | None = None
    kev: KevEntry | None = None
    epss: EpssEntry | None = None
    excuse: Excuse | None = None
    novelty: Novelty = ""
    why: str = ""
    references: tuple[str, ...] = ()
    modified: datetime | None = None
    counts: bool = True
    notes: tuple[Reason, ...] = ()

    @property
    def suppressed(self) -> bool:
        """Whether a valid exception keeps it from counting."""
        return self.excuse is not None and not self.excuse.expired


class AuditedPackage(Value):
    """One package and what came of asking about it.

    `why` says why it is unknown or undecided; `withdrawn` are records that are about its name and do not count;
    `records` how many were about its name. `accepted` is who has accepted that nobody can say ("" where nobody has).
    """

    package: Package
    status: PackageStatus
    why: str = ""
    withdrawn: tuple[str, ...] = ()
    records: int = 0
    accepted: str = ""


class AuditResult(Value):
    """One audit.

    `reasons` are everything that is said: an error makes the outcome "vulnerable" where it is a vulnerability or a
    fault of hygiene, "undecided" where it is one of not knowing. `gone` are the primary ids that the previous report
    had and this one has not, as (id, purl). `services` are the URLs that were asked. `inputs` are the files and
    documents that were judged by; `settings` is the digest of what was asked: threshold, hygiene, exceptions.
    `verifier` is its id and version.
    """

    targets: tuple[str, ...]
    packages: tuple[AuditedPackage, ...] = field(repr=False)
    findings: tuple[Finding, ...]
    reasons: tuple[Reason, ...]
    outcome: Outcome
    now: datetime
    started: datetime
    database: DatabaseInfo | None = None
    services: tuple[str, ...] = ()
    fail_on: SeverityWord = "none"
    gone: tuple[tuple[str, str], ...] = ()
    compared: bool = False
    inputs: tuple[Input, ...] = ()
    settings: Digest
    verifier: tuple[str, str]
    correlation_id: str = ""
    duration_ms: int = 0
