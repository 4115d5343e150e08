"""An audit as GitLab's report of code quality.

* a finding is an issue, known by its vulnerability, package and file: an upgrade that does not fix it keeps it
* an unknown severity blocks, as a critical one does; what an exception covers, or is below the threshold, is not above
  "minor"
* what nobody knows is an issue, and so is, as mere information, what the audit came to: the same in every run, so that
  no merge request shows it as new

Source: formats/audit.md section 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.audit.package import Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding, SeverityWord
from verifier.reports.audit.tally import (
    WORDS,
    Tally,
    database_lines,
    details,
    headline,
    numbers,
    place_of,
    primary,
    reason_place,
    tally_of,
)
from verifier.reports.media import quality
from verifier.reports.media.fingerprint import fingerprint
from verifier.reports.table import PLAIN, Screen

_SEVERITIES: Final[dict[SeverityWord, quality.Severity]] = {
    "critical": "blocker",
    "unknown": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
    "none": "info",
}


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """A JSON array, printable ASCII only, ending in a newline."""
    tally = tally_of(result)
    issues: dict[str, quality.Issue] = {}
    for each in (_whole(result, tally), *_findings(tally), *_unknown(tally), *_reasons(tally)):
        issues.setdefault(each["fingerprint"], each)
    return quality.document(list(issues.values()))


def _findings(tally: Tally) -> Iterator[quality.Issue]:
    for finding in (*tally.counting, *tally.undecided):
        yield from _of_finding(finding, _SEVERITIES[finding.rating.severity])
    for finding in tally.below:
        yield from _of_finding(finding, "minor")
    for finding in tally.suppressed:
        yield from _of_finding(finding, "info")


def _of_finding(finding: Finding, severity: quality.Severity) -> Iterator[quality.Issue]:
    package, code = finding.package, primary(finding)
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    text = " ".join([f"{code} in {name}.", *details(finding)])
    for place in {each.file: each for each in reversed(package.places)}.values() or (place_of(package),):
        identity = fingerprint(code, package.shown_name, place.file)
        yield quality.issue(code, text, severity, identity, place.file, place.line)


def _unknown(tally: Tally) -> Iterator[quality.Issue]:
    for each in (*tally.unclear, *tally.unknown):
        yield _of_package(each, "critical")
    for each in tally.accepted:
        yield _of_package(each, "info")


def _of_package(each: AuditedPackage, severity: quality.Severity) -> quality.Issue:
    package, place = each.package, place_of(each.package)
    code = "vulnerability.undecided" if each.status == "undecided" else "vulnerability.unknown-dependency"
    accepted = f" Accepted by {each.accepted}." if each.accepted else ""
    name = f"{package.shown_name} {package.version or ''}".rstrip()
    text = f"{name} is {each.status}: nobody can say: {each.why}.{accepted}"
    identity = fingerprint(code, package.shown_name, place.file)
    return quality.issue(code, text, severity, identity, place.file, place.line)


def _reasons(tally: Tally) -> Iterator[quality.Issue]:
    yield from (_of_reason(tally, each, "blocker") for each in tally.faults)
    yield from (_of_reason(tally, each, "critical") for each in tally.errors)
    yield from (_of_reason(tally, each, "minor") for each in tally.warnings)


def _of_reason(tally: Tally, reason: Reason, severity: quality.Severity) -> quality.Issue:
    place: Place = reason_place(tally, reason)
    text = f"{reason.subject}: {reason.message} {reason.hint}"
    return quality.issue(reason.code, text, severity, fingerprint(reason.code, reason.subject), place.file, place.line)


def _whole(result: AuditResult, tally: Tally) -> quality.Issue:
    target = result.targets[0] if result.targets else ""
    said = "; ".join([numbers(tally), *(f"database {each}" for each in database_lines(result))])
    text = f"{WORDS[result.outcome]}: {headline(result, tally)}. {said}"
    return quality.issue("verifier.audited", text, "info", fingerprint("verifier.audited", *result.targets), target)
