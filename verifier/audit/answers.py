"""Who is asked about packages, and what came of it: the database, a service, or both.

* a package is answered for, or it is unknown with its reason: there is no third
* a failure of the source is a reason (`vulnerability.source-unavailable`, …) and makes every package that it concerns
  unknown; it is never an empty answer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.audit.database import EpssEntry, KevEntry
from verifier.formats.audit.package import Package
from verifier.formats.osv.record import Record


class Answers(Value):
    """What a source has said, by the purl of each package that it was asked about.

    `records` are all records about the name, whatever versions they affect: those of a package without any are (). A
    purl is in `records`, or in `unknown` with why nobody could say, or in both where the answer is known not to be
    whole. `refused` are the ids of records that name the package and cannot be read. `reasons` are errors and
    warnings about the source itself.
    """

    records: Mapping[str, tuple[Record, ...]] = field(repr=False)
    unknown: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


class AdvisorySource(Protocol):
    """Whoever can be asked. `name` is for people ("the database", "https://api.osv.dev")."""

    @property
    def name(self) -> str: ...

    def ask(self, packages: Sequence[Package], now: datetime) -> Answers:
        """What is known of these packages; raises nothing: what fails is among the reasons."""


class Exploited(Protocol):
    """What is known about CVEs beside their records."""

    def kev(self, cves: Sequence[str]) -> Mapping[str, KevEntry]: ...

    def epss(self, cves: Sequence[str]) -> Mapping[str, EpssEntry]: ...
