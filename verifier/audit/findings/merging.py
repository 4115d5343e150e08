"""From records about a package to its findings: one for each vulnerability, however many records it has. Pure.

* ids and aliases that hang together are one vulnerability: cycles end, and nothing is asked twice. `related` and
  `upstream` ids are of others
* what hangs together is decided by all live records about the package, also by those that do not affect this version:
  whether two records are about one vulnerability does not change with an upgrade. Records about another package
  decide nothing here
* a finding has the ids and aliases of the records that affect the version or leave it undecided, and of no other: no id
  is lost, and none is named that does not apply
* of an affected and an undecided record, affected wins, and it is said
* it is as severe as the worst of its records says; one without a severity takes nothing away from the others
* a record that could not be read is a finding of its own, undecided
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from verifier.audit.findings.fixes import fixed_in, minimal_fix
from verifier.audit.matching import Affected, Matcher, Undecided, is_live
from verifier.audit.severity import rating_of
from verifier.core.outcome import Reason
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import SEVERITIES, Finding, Rating
from verifier.formats.osv.record import Record

Judged = tuple[Record, Affected | Undecided]

_PREFIXES: Final = ("CVE-", "PYSEC-", "GHSA-")
MAX_SUMMARY: Final = 300
"""Characters of a summary."""
MAX_REFERENCES: Final = 50
"""References of one finding."""
_MOST_TOLD: Final = 5
"""Records of which it is told why nobody can say."""


def findings_of(
    package: Package,
    judged: Sequence[Judged],
    records: Sequence[Record],
    refused: Sequence[str] = (),
    *,
    asked: Mapping[int, Matcher] = MappingProxyType({}),
) -> tuple[Finding, ...]:
    """The findings of `package`, sorted by their ids.

    `judged` are the live records that affect it or leave it undecided, `records` all that are about its name, `refused`
    the ids of those that could not be read. `asked` are matchers of the package by the `id` of their record, as far as
    there are any already.
    """
    findings = [_unread(package, each) for each in dict.fromkeys(refused)]
    if judged:
        affecting = [record for record, judgement in judged if isinstance(judgement, Affected)]
        known = {id(each): each for each in (*records, *(record for record, _ in judged))}
        fix = minimal_fix(package, affecting, known.values(), asked=asked)
        findings += [_finding(package, group, fix) for group in _groups(judged, records)]
    return tuple(sorted(findings, key=lambda each: (*_rank(each.ids[0]), each.records)))


def _groups(judged: Sequence[Judged], records: Sequence[Record]) -> list[list[Judged]]:
    """What of `judged` is about one vulnerability each."""
    alike = _Alike()
    for record in (*records, *(each for each, _ in judged)):
        if is_live(record):
            alike.add(record)
    found: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        found[alike.of(each[0].id)].append(each)
    return list(found.values())


class _Alike:
    """Ids that hang together: disjoint sets, each known by one of its own."""

    def __init__(self) -> None:
        self._next: dict[str, str] = {}

    def add(self, record: Record) -> None:
        first = self.of(record.id)
        for alias in record.aliases:
            self._next[self.of(alias)] = first

    def of(self, identifier: str) -> str:
        """The id that stands for all that hang together with `identifier`."""
        held = self._next.setdefault(identifier, identifier)
        while held != identifier:
            # Whatever is walked past is led half the way on: walking costs next to nothing the next time.
            beyond = self._next[held]
            self._next[identifier] = beyond
            identifier, held = held, beyond
        return identifier


def _finding(package: Package, group: Sequence[Judged], fix: str | None) -> Finding:
    group = sorted(group, key=lambda each: (not isinstance(each[1], Affected), *_rank(each[0].id)))
    records = [record for record, _ in group]
    affected = any(isinstance(judgement, Affected) for _, judgement in group)
    rating, notes = _rating(records, package)
    return Finding(
        package=package,
        status="affected" if affected else "undecided",
        ids=_sorted(each for record in records for each in (record.id, *record.aliases)),
        records=_sorted(record.id for record in records),
        summary=_summary(records),
        rating=rating,
        fixed_in=fixed_in(package, records),
        minimal_fix=fix,
        why=_why(group, affected=affected),
        references=tuple(dict.fromkeys(url for record in records for url in record.references))[:MAX_REFERENCES],
        modified=max(record.modified for record in records),
        notes=notes,
    )


def _unread(package: Package, identifier: str) -> Finding:
    why = f"{identifier} is about its name and could not be read: nobody knows which versions it affects"
    return Finding(package=package, status="undecided", ids=(identifier,), records=(identifier,), why=why)


def _rating(records: Iterable[Record], package: Package) -> tuple[Rating, tuple[Reason, ...]]:
    """The worst rating of all records, and what there is to say of those that cannot be read."""
    ratings: list[Rating] = []
    notes: list[Reason] = []
    for record in records:
        rating, reasons = rating_of(record, package)
        ratings.append(rating)
        notes += reasons
    return max(ratings, key=_weight), tuple(notes)


def _weight(rating: Rating) -> tuple[int, float]:
    known = SEVERITIES.index(rating.severity) if rating.severity != "unknown" else -1
    return known, float(rating.score or 0)


def _summary(records: Sequence[Record]) -> str:
    """The first summary, else the first line of the first details that says something."""
    found = next((record.summary.strip() for record in records if record.summary.strip()), "")
    text = found or next(filter(None, (_first_line(record.details) for record in records)), "")
    return text if len(text) <= MAX_SUMMARY else f"{text[: MAX_SUMMARY - 1]}…"


def _first_line(details: str) -> str:
    """The first line of Markdown that is no heading."""
    lines = (each.strip() for each in details[: 16 * MAX_SUMMARY].splitlines())
    return next((each for each in lines if each and not each.startswith("#")), "")


def _why(group: Sequence[Judged], *, affected: bool) -> str:
    """Why nobody can say of the undecided ones; "" where there are none."""
    told = [f"{record.id}: {judgement.why}" for record, judgement in group if isinstance(judgement, Undecided)]
    if not told:
        return ""
    more = f"; and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    besides = "another record of it says affected; undecided is " if affected else ""
    return f"{besides}{'; '.join(told[:_MOST_TOLD])}{more}"


def _sorted(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Ids each once, the primary first."""
    return tuple(sorted(set(identifiers), key=_rank))


def _rank(identifier: str) -> tuple[int, str]:
    """Where an id stands among others: those of CVE first, then PyPA's, then GitHub's, then any."""
    for rank, prefix in enumerate(_PREFIXES):
        if identifier.startswith(prefix):
            return rank, identifier
    return len(_PREFIXES), identifier
