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
from typing import NamedTuple

from verifier.core.outcome import Reason
from verifier.formats.audit.package import Package, Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.escaping import markup
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
from verifier.reports.table import PLAIN, Screen

_WHOLE = "verify audit"
_Key = tuple[str, str, tuple[Place, ...]]


class _Case(NamedTuple):
    """One testcase: its pieces are (element, type, message, text)."""

    suite: str
    name: str
    pieces: tuple[tuple[str, str, str, str], ...] = ()
    output: tuple[str, ...] = ()

    def has(self, element: str) -> bool:
        """Whether it failed, erred, was skipped."""
        return any(each[0] == element for each in self.pieces)


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """One document, ending in a newline."""
    tally = tally_of(result)
    cases = [*_whole(result, tally), *_packages(result, tally)]
    suites: dict[str, list[_Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="{_WHOLE}"{_counts(cases)}>']
    for name, group in suites.items():
        lines += _suite(name, group, result, tally)
    lines += _suite(_WHOLE, [], result, tally) if not suites else []
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _counts(cases: Sequence[_Case], *, skipped: bool = False) -> str:
    failures = sum(case.has("failure") and not case.has("error") for case in cases)
    errors = sum(case.has("error") for case in cases)
    counts = f' tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    return counts + (f' skipped="{sum(case.has("skipped") for case in cases)}"' if skipped else "")


def _suite(name: str, cases: Sequence[_Case], result: AuditResult, tally: Tally) -> Iterator[str]:
    when = result.now.replace(microsecond=0, tzinfo=None).isoformat()
    yield f'<testsuite name="{markup(name)}"{_counts(cases, skipped=True)} time="0" timestamp="{when}">'
    yield "<properties>"
    yield _property("verdict", f"{WORDS[result.outcome]}: {headline(result, tally)}")
    yield _property("packages", numbers(tally))
    for number, line in enumerate(database_lines(result)):
        yield _property("database" if not number else f"database.{number}", line)
    yield "</properties>"
    for case in cases:
        yield from _case(case)
    yield "</testsuite>"


def _property(name: str, value: str) -> str:
    return f'<property name="{name}" value="{markup(value)}"/>'


def _case(case: _Case) -> Iterator[str]:
    opening = f'<testcase classname="{markup(case.suite)}" name="{markup(case.name)}" time="0"'
    if not case.pieces and not case.output:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    for element, kind, message, text in case.pieces:
        typed = f' type="{markup(kind)}"' if element != "skipped" else ""
        yield f'<{element}{typed} message="{markup(message)}">{markup(text)}</{element}>'
    if case.output:
        yield f"<system-out>{'&#10;'.join(map(markup, case.output))}</system-out>"
    yield "</testcase>"


def _whole(result: AuditResult, tally: Tally) -> Iterator[_Case]:
    """What is about the audit itself; nothing where all is said of packages."""
    for element, reasons in (("error", tally.errors), ("failure", tally.faults)):
        for reason in reasons:
            if element == "failure" and reason_package(tally, reason) is not None:
                continue  # it is one of that package
            yield _Case(_WHOLE, f"{reason.code} {reason.subject}".rstrip(), (_piece(element, reason),))
    said = tally.errors or tally.faults
    unclear = tally.undecided or tally.unclear or tally.unknown
    if not said and (not result.packages or (result.outcome == "undecided" and not unclear)):
        element = "failure" if result.outcome == "vulnerable" else "error"
        yield _Case(_WHOLE, "audit", ((element, "vulnerability.undecided", headline(result, tally), numbers(tally)),))


def _piece(element: str, reason: Reason) -> tuple[str, str, str, str]:
    return element, reason.code, reason.message, reason.hint


def _packages(result: AuditResult, tally: Tally) -> Iterator[_Case]:
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
        yield _Case(_WHOLE, purl, tuple(map(_of_finding, findings)))


def _key(package: Package) -> _Key:
    """What tells packages of one purl apart, as where one of them comes from a repository."""
    return package.purl, package.source, package.places


def _of_package(each: AuditedPackage, findings: Sequence[Finding], faults: Sequence[Reason]) -> _Case:
    package = each.package
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    pieces = [_of_finding(finding) for finding in findings if _fails(finding)]
    pieces += [_piece("failure", reason) for reason in faults]
    if each.status != "audited" and not each.accepted:
        code = "unknown-dependency" if each.status == "unknown" else "undecided"
        pieces.append(
            ("error", f"vulnerability.{code}", f"{each.status}: {each.why}", f"Nobody can say about {package.purl}.")
        )
    aside = [_aside(finding) for finding in findings if not _fails(finding)]
    if each.accepted and each.status != "audited":
        aside.append(f"{each.status}: {each.why}; accepted by {each.accepted}")
    excused = (each.accepted and each.status != "audited") or any(finding.suppressed for finding in findings)
    if excused and not pieces:
        pieces.append(("skipped", "", "; ".join(aside), ""))
    place = place_of(package)
    where = (f"{package.purl} in {place_text(place)}",) if place.file and (pieces or aside) else ()
    return _Case(place.file or _WHOLE, name, tuple(pieces), (*where, *aside))


def _fails(finding: Finding) -> bool:
    return not finding.suppressed and (finding.counts or finding.status == "undecided")


def _of_finding(finding: Finding) -> tuple[str, str, str, str]:
    element = "error" if finding.status == "undecided" else "failure"
    package = finding.package
    title = f"{primary(finding)} ({finding.rating.severity}) in {package.shown_name} {package.version or ''}"
    return element, primary(finding), title.rstrip(), " ".join(details(finding))


def _aside(finding: Finding) -> str:
    said = excuse_text(finding) if finding.suppressed else "below the threshold"
    return f"{primary(finding)} ({finding.rating.severity}): {said}"
