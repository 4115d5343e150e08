"""An audit as JUnit XML.

* a package is a testcase, in the suite of the file that it stands in; a finding is a failure of it
* what nobody knows is an error: of the package, or of a testcase of its own for what is about the whole audit
* what is accepted is skipped, with who has accepted it and until when
* one that is undecided has an error, also where there is no package at all
* it is XML whatever a text holds; the same result makes the same bytes, and no time is measured

Source: the schema of Jenkins' xunit plugin (junit-10.xsd), which most readers follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.audit.package import Package, Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.tally import (
    WORDS,
    Tally,
    database_lines,
    details,
    excuse_text,
    headline,
    numbers,
    place_of,
    place_text,
    primary,
    reason_package,
    tally_of,
)
from verifier.reports.media.junit import Case, Element, Piece, document, numbered, piece_of
from verifier.reports.table import PLAIN, Screen

_WHOLE: Final = "verify audit"
_Key = tuple[str, str, tuple[Place, ...]]


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """One document, ending in a newline."""
    tally = tally_of(result)
    properties = [
        ("verdict", f"{WORDS[result.outcome]}: {headline(result, tally)}"),
        ("packages", numbers(tally)),
        *numbered("database", list(database_lines(result))).items(),
    ]
    return document(_WHOLE, [*_whole(result, tally), *_packages(result, tally)], result.now, properties)


def _whole(result: AuditResult, tally: Tally) -> Iterator[Case]:
    """What is about the audit itself; nothing where all is said of packages."""
    groups: tuple[tuple[Element, Sequence[Reason]], ...] = (("error", tally.errors), ("failure", tally.faults))
    for element, reasons in groups:
        for reason in reasons:
            if element == "failure" and reason_package(tally, reason) is not None:
                continue  # it is one of that package
            yield Case(_WHOLE, f"{reason.code} {reason.subject}".rstrip(), (piece_of(element, reason),))
    said = tally.errors or tally.faults
    unclear = tally.undecided or tally.unclear or tally.unknown
    if not said and (not result.packages or (result.outcome == "undecided" and not unclear)):
        whole: Element = "failure" if result.outcome == "vulnerable" else "error"
        piece = Piece(whole, "vulnerability.undecided", headline(result, tally), numbers(tally))
        yield Case(_WHOLE, "audit", (piece,))


def _packages(result: AuditResult, tally: Tally) -> Iterator[Case]:
    found: dict[_Key, list[Finding]] = {}
    for finding in (*tally.counting, *tally.undecided, *tally.below, *tally.suppressed):
        found.setdefault(_key(finding.package), []).append(finding)
    faults: dict[str, list[Reason]] = {}
    for reason in tally.faults:
        faults.setdefault(reason.subject, []).append(reason)
    for each in sorted(result.packages, key=lambda one: (place_of(one.package), one.package.purl, one.why)):
        package = each.package
        yield _of_package(each, found.pop(_key(package), ()), faults.pop(package.purl, ()))
    for (purl, _, _), findings in found.items():  # of a package that is not listed: a finding is never lost
        yield Case(_WHOLE, purl, tuple(map(_of_finding, findings)))


def _key(package: Package) -> _Key:
    """What tells packages of one purl apart, as where one of them comes from a repository."""
    return package.purl, package.source, package.places


def _of_package(each: AuditedPackage, findings: Sequence[Finding], faults: Sequence[Reason]) -> Case:
    package = each.package
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    pieces = [_of_finding(finding) for finding in findings if _fails(finding)]
    pieces += [piece_of("failure", reason) for reason in faults]
    if each.status != "audited" and not each.accepted:
        code = "unknown-dependency" if each.status == "unknown" else "undecided"
        said, more = f"{each.status}: {each.why}", f"Nobody can say about {package.purl}."
        pieces.append(Piece("error", f"vulnerability.{code}", said, more))
    aside = [_aside(finding) for finding in findings if not _fails(finding)]
    if each.accepted and each.status != "audited":
        aside.append(f"{each.status}: {each.why}; accepted by {each.accepted}")
    excused = (each.accepted and each.status != "audited") or any(finding.suppressed for finding in findings)
    if excused and not pieces:
        pieces.append(Piece("skipped", "", "; ".join(aside)))
    place = place_of(package)
    where = (f"{package.purl} in {place_text(place)}",) if place.file and (pieces or aside) else ()
    return Case(place.file or _WHOLE, name, tuple(pieces), (*where, *aside))


def _fails(finding: Finding) -> bool:
    return not finding.suppressed and (finding.counts or finding.status == "undecided")


def _of_finding(finding: Finding) -> Piece:
    element: Element = "error" if finding.status == "undecided" else "failure"
    package = finding.package
    title = f"{primary(finding)} ({finding.rating.severity}) in {package.shown_name} {package.version or ''}"
    return Piece(element, primary(finding), title.rstrip(), " ".join(details(finding)))


def _aside(finding: Finding) -> str:
    said = excuse_text(finding) if finding.suppressed else "below the threshold"
    return f"{primary(finding)} ({finding.rating.severity}): {said}"
