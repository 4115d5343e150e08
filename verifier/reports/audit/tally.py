"""What every format says of an audit, in one place: what counts, what nobody knows, the order, the sentences.

* an unknown severity comes right behind the critical ones: it may be one, and no threshold is above it
* what a reason says that no finding and no package says stands for itself, and is never left out
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.reasons.words import describe
from verifier.core.value import Value, field
from verifier.formats.audit.database import DatabaseInfo
from verifier.formats.audit.package import Package, Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding, SeverityWord

_RANK: Final[dict[SeverityWord, int]] = {"critical": 0, "unknown": 1, "high": 2, "medium": 3, "low": 4, "none": 5}
_OF_FINDINGS: Final = frozenset({"vulnerability.known", "vulnerability.accepted", "vulnerability.undecided"})
_OF_PACKAGES: Final = frozenset({"vulnerability.unknown-dependency", "vulnerability.undecided"})
_LINE_DIGITS: Final = 9
_HYGIENE: Final = "dependency."
_NOT_READ: Final = "dependency.lock-invalid"
"""Is no fault of what was audited: nothing was."""
WORDS: Final = {"clean": "PASSED", "vulnerable": "FAILED", "undecided": "UNDECIDED"}
"""The word that decides, by the outcome."""


class Tally(Value):
    """The parts of an audit, each sorted.

    `counting` are the findings that fail it, `below` those below the threshold, `undecided` those that nobody can
    decide, `suppressed` those under an exception. `unknown` are packages about which nobody could be asked,
    `unclear` those about which a record cannot be evaluated, `accepted` those of both that somebody has accepted.
    `faults` (what is wrong), `errors` (what nobody knows) and `warnings` are reasons that no finding and no package
    says. `by_purl` are the packages, `files` where they stand and what was typed.
    """

    packages: int
    audited: int
    without_record: int
    counting: tuple[Finding, ...] = field(repr=False)
    below: tuple[Finding, ...] = field(repr=False)
    undecided: tuple[Finding, ...] = field(repr=False)
    suppressed: tuple[Finding, ...] = field(repr=False)
    unknown: tuple[AuditedPackage, ...] = field(repr=False)
    unclear: tuple[AuditedPackage, ...] = field(repr=False)
    accepted: tuple[AuditedPackage, ...] = field(repr=False)
    faults: tuple[Reason, ...]
    errors: tuple[Reason, ...]
    warnings: tuple[Reason, ...]
    by_purl: Mapping[str, Package] = field(repr=False)
    files: frozenset[str] = field(repr=False)


def tally_of(result: AuditResult) -> Tally:
    """The parts of `result`."""
    found = sorted(result.findings, key=_order)
    open_ones = [each for each in found if not each.suppressed]
    affected = [each for each in open_ones if each.status == "affected"]
    asked = sorted(result.packages, key=lambda each: (each.package.purl, each.why, place_of(each.package)))
    open_packages = [each for each in asked if not each.accepted]
    said = list(_said_alone(result))
    return Tally(
        packages=len(asked),
        audited=sum(each.status == "audited" for each in asked),
        without_record=sum(each.status == "audited" and not each.records for each in asked),
        counting=tuple(each for each in affected if each.counts),
        below=tuple(each for each in affected if not each.counts),
        undecided=tuple(each for each in open_ones if each.status == "undecided"),
        suppressed=tuple(each for each in found if each.suppressed),
        unknown=tuple(each for each in open_packages if each.status == "unknown"),
        unclear=tuple(each for each in open_packages if each.status == "undecided"),
        accepted=tuple(each for each in asked if each.accepted and each.status != "audited"),
        faults=tuple(each for each in said if each.is_error and _is_fault(each, result)),
        errors=tuple(each for each in said if each.is_error and not _is_fault(each, result)),
        warnings=tuple(each for each in said if not each.is_error),
        by_purl={each.package.purl: each.package for each in reversed(asked)},
        files=frozenset({*result.targets, *(place.file for each in asked for place in each.package.places)}),
    )


def _is_fault(reason: Reason, result: AuditResult) -> bool:
    return result.outcome == "vulnerable" and not reason.is_undecided and reason.code != _NOT_READ


def _order(finding: Finding) -> tuple[object, ...]:
    package, rating = finding.package, finding.rating
    return (
        finding.kev is None,
        _RANK[rating.severity],
        -(number_of(rating.score) or 0),
        -(number_of(finding.epss.probability) or 0 if finding.epss else 0),
        package.shown_name,
        package.purl,
        finding.ids,
        place_of(package),
    )


def number_of(text: str) -> float | None:
    """A score, a probability: a number from 0 to 10; None where it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= 10 else None


def _said_alone(result: AuditResult) -> Iterator[Reason]:
    of_findings = {name for finding in result.findings for name in _names(finding.package)}
    of_packages = {name for each in result.packages if each.status != "audited" for name in _names(each.package)}
    for reason in result.reasons:
        if reason.code in _OF_FINDINGS and _is_about(reason, of_findings):
            continue
        if reason.code in _OF_PACKAGES and _is_about(reason, of_packages):
            continue
        yield reason


def _names(package: Package) -> tuple[str, ...]:
    return package.purl, package.name, f"{package.name} {package.version}", f"{package.name}=={package.version}"


def _is_about(reason: Reason, names: set[str]) -> bool:
    return reason.subject in names


def place_of(package: Package) -> Place:
    """Where a package stands first; `Place("")` where nobody knows."""
    return package.places[0] if package.places else Place("")


def reason_package(tally: Tally, reason: Reason) -> Package | None:
    """The package that a reason is about, where it names one by its purl."""
    return tally.by_purl.get(reason.subject)


def reason_place(tally: Tally, reason: Reason) -> Place:
    """Where that stands which a reason is about; `Place("")` where nobody knows."""
    package = reason_package(tally, reason)
    if package is not None:
        return place_of(package)
    file, colon, line = reason.subject.rpartition(":")
    if colon and line.isascii() and line.isdigit() and len(line) < _LINE_DIGITS:
        return Place(file, int(line))
    return Place(reason.subject if reason.subject in tally.files else "")


def place_text(place: Place) -> str:
    """A place as people write it: `uv.lock:12`."""
    return f"{place.file}:{place.line}" if place.line else place.file


def primary(finding: Finding) -> str:
    """The id that a finding goes by."""
    return finding.ids[0] if finding.ids else "unnamed"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 package", "1,391 findings"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def headline(result: AuditResult, tally: Tally) -> str:
    """What decides, in one sentence of fixed words and numbers."""
    parts = list(_parts(tally))
    if result.outcome == "clean":
        counting = " that counts" if tally.suppressed or tally.below else ""
        return f"no known vulnerability{counting} in {counted(tally.packages, 'package')}"
    if result.outcome == "vulnerable":
        return ", ".join(parts)
    return "nobody can say: " + (", ".join(parts) or "what was found does not decide it")


def _parts(tally: Tally) -> Iterator[str]:
    if tally.counting:
        names = {each.package.purl for each in tally.counting}
        known = counted(len(tally.counting), "known vulnerability", "known vulnerabilities")
        yield f"{known} in {len(names):,} of {counted(tally.packages, 'package')}"
    hygiene = sum(each.code.startswith(_HYGIENE) for each in tally.faults)
    if hygiene:
        yield counted(hygiene, "fault of hygiene", "faults of hygiene")
    others = [each.code for each in tally.errors]
    others += [each.code for each in tally.faults if not each.code.startswith(_HYGIENE)]
    for code, number in sorted(Counter(others).items()):
        yield describe(code).title if number == 1 else f"{describe(code).title} ({number:,} times)"
    if not tally.packages:
        yield "0 packages audited"
    unclear = {each.package.purl for each in tally.undecided} | {each.package.purl for each in tally.unclear}
    if unclear:
        yield f"{counted(len(unclear), 'package')} undecided"
    if tally.unknown:
        yield f"{counted(len(tally.unknown), 'package')} unknown"


def numbers(tally: Tally) -> str:
    """How many packages were audited, and how many have no record: said in every report."""
    parts = [f"{tally.audited:,} of {counted(tally.packages, 'package')} audited"]
    unclear = (
        tally.packages - tally.audited - sum(each.status == "unknown" for each in (*tally.unknown, *tally.accepted))
    )
    unknown = tally.packages - tally.audited - unclear
    parts += [f"{unclear:,} undecided"] if unclear else []
    parts += [f"{unknown:,} unknown"] if unknown else []
    return f"{', '.join(parts)}; {no_record(tally)}"


def no_record(tally: Tally) -> str:
    """Of how many packages nothing is known at all."""
    if not tally.audited:
        return "no record was looked at"
    verb = "has" if tally.without_record == 1 else "have"
    return f"{tally.without_record:,} of {counted(tally.packages, 'package')} {verb} no record"


def database_lines(result: AuditResult) -> Iterator[str]:
    """The digest, then dates and contents of the database; then which services were asked."""
    if result.database is not None:
        yield result.database.digest
        yield _dated(result.database, result)
        yield from _beside(result.database)
    elif not result.services:
        yield "none: nobody was asked"
    if result.services:
        yield f"asked {', '.join(result.services)}"


def _dated(database: DatabaseInfo, result: AuditResult) -> str:
    dates = dict(database.dates) if len(database.dates) > 1 else {}
    held = ", ".join(f"{number:,} of {name}{_of(dates, name)}" for name, number in database.ecosystems) or "no records"
    days = (result.now - database.data_date).days
    age = f" ({counted(days, 'day')} before)" if days >= 0 else " (in the future)"
    refused = f", {counted(database.refused, 'record')} left out" if database.refused else ""
    newest, imported = to_the_second(database.data_date), to_the_second(database.imported_at)
    return f"records: {held}{refused}; newest {newest}{age}, imported {imported}"


def _beside(database: DatabaseInfo) -> Iterator[str]:
    lists = (("KEV", database.kev), ("EPSS", database.epss))
    said = [f"{name} of {to_the_second(when)}" for name, when in lists if when is not None]
    if said:
        yield ", ".join(said)


def _of(dates: Mapping[str, datetime], ecosystem: str) -> str:
    when = dates.get(ecosystem.partition(":")[0])
    return f" (newest {to_the_second(when)})" if when else ""


def to_the_second(when: datetime) -> str:
    """A moment as people read it."""
    return format_rfc3339(when.replace(microsecond=0))


def severity_text(finding: Finding) -> str:
    """The word, with the mark of those that are known to be exploited."""
    return f"{finding.rating.severity} KEV" if finding.kev else finding.rating.severity


def fix_text(finding: Finding) -> str:
    """The version to go to, or that there is none."""
    return finding.minimal_fix or "none known"


def excuse_text(finding: Finding) -> str:
    """The exception that a finding is under, in words; "" where there is none."""
    excuse = finding.excuse
    if excuse is None:
        return ""
    words = [excuse.status, excuse.justification, excuse.reason]
    said = ": ".join(each for each in words if each)
    owner = f", accepted by {excuse.owner}" if excuse.owner else ""
    end = ""
    if excuse.expires is not None:
        end = f", {'ended' if excuse.expired else 'until'} {format_rfc3339(excuse.expires)}"
    return f"{said}{owner}{end} ({excuse.where})"


def details(finding: Finding) -> Iterator[str]:
    """What is known of a finding, in sentences of a line each, from strangers and not escaped."""
    if finding.summary:
        yield finding.summary
    if finding.why:
        yield f"Undecided: {finding.why}."
    rating = finding.rating
    score = f" {rating.score}" if rating.score else ""
    vector = f" ({rating.vector})" if rating.vector else ""
    unknown = ": nobody has stated it, so it counts as above every threshold" if rating.severity == "unknown" else ""
    yield f"Severity {rating.severity}{score}{vector}{unknown}."
    if finding.kev:
        yield f"Known to be exploited (KEV, added {finding.kev.added}, due {finding.kev.due})."
    if finding.epss:
        yield f"EPSS {finding.epss.probability}, percentile {finding.epss.percentile}."
    yield fix_sentence(finding)
    if len(finding.ids) > 1:
        yield f"Also known as {', '.join(finding.ids[1:])}."
    if finding.excuse:
        yield f"Exception: {excuse_text(finding)}."


def fix_sentence(finding: Finding) -> str:
    """What to upgrade to."""
    package = finding.package
    if finding.minimal_fix:
        return f"Upgrade {package.shown_name} to {finding.minimal_fix}, the lowest version that no record affects."
    return f"No fixed version of {package.shown_name} is known."


def by_why(packages: Iterable[AuditedPackage]) -> list[tuple[str, list[AuditedPackage]]]:
    """Packages grouped by why nobody can say, the largest group first."""
    groups: dict[str, list[AuditedPackage]] = {}
    for each in packages:
        groups.setdefault(each.why, []).append(each)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
