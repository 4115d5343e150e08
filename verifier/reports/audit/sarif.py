"""An audit as SARIF 2.1.0, as GitHub's code scanning takes it.

* a result is one vulnerability of one package in one file: its identity survives every upgrade that does not fix it
* an unknown severity has the score of a critical one, and says so: no threshold of GitHub's hides what ours does not
* what an exception covers is a result with a suppression; what nobody knows is a notification, and the run has then
  not been successful where that decides
* GitHub refuses what is too large: then the least severe results are left out, and a notification says how many

Source: SARIF 2.1.0; https://docs.github.com, "SARIF support for code scanning"; formats/audit.md section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.outcome import Reason
from verifier.formats.audit.package import Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.sarif_parts import level_of, rules_of
from verifier.reports.audit.tally import (
    Tally,
    database_lines,
    details,
    excuse_text,
    headline,
    numbers,
    primary,
    reason_package,
    reason_place,
    tally_of,
)
from verifier.reports.media.sarif import (
    FALLBACK,
    LEFT_OUT,
    LEVELS,
    MAX_LOCATIONS,
    Json,
    bounded,
    driver,
    fingerprints,
    invocation,
    location,
    log,
    message,
    notification,
)
from verifier.reports.table import PLAIN, Screen

FINGERPRINT: Final = "verifierAudit/v1"
_EXITS: Final = {"clean": 0, "vulnerable": 1, "undecided": 3}


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """One document, printable ASCII only, ending in a newline."""
    tally = tally_of(result)
    results = list(_results(result, tally))

    def document(kept: int) -> Json:
        rules = rules_of(each for _, each in results[:kept])
        invoked = invocation(
            headline(result, tally),
            status=_EXITS[result.outcome],
            successful=result.outcome != "undecided",
            started=result.started,
            said=_notifications(result, tally, len(results) - kept),
        )
        properties = {
            "verdict": message(headline(result, tally)),
            "packages": numbers(tally),
            "database": [message(each) for each in database_lines(result)],
        }
        tool = driver("policy-verifier audit", *result.verifier, rules)
        return log(tool, "verifier-audit", invoked, [each for each, _ in results[:kept]], properties)

    return bounded(document, len(results))


def _notifications(result: AuditResult, tally: Tally, left_out: int) -> Iterator[Json]:
    if left_out:
        yield notification("verifier.left-out", LEFT_OUT.format(left_out), "error")
    for finding in tally.undecided:
        text = f"{_named(finding)}: {primary(finding)}: nobody can say whether it applies: {finding.why}"
        yield notification("vulnerability.undecided", text, "error", _places(finding.package.places))
    for each in (*tally.unclear, *tally.unknown):
        yield _about(each, "error")
    for each in tally.accepted:
        yield _about(each, "warning")
    for reason in (*tally.errors, *tally.warnings):
        yield notification(reason.code, f"{reason.subject}: {reason.message} {reason.hint}", LEVELS[reason.severity])
    text = "; ".join([numbers(tally), *(f"database {each}" for each in database_lines(result))])
    yield notification("verifier.numbers", text, "note")


def _about(each: AuditedPackage, level: str) -> Json:
    package = each.package
    name = f"{package.shown_name} {package.version}" if package.version else package.shown_name
    code = "vulnerability.undecided" if each.status == "undecided" else "vulnerability.unknown-dependency"
    accepted = f" (accepted by {each.accepted})" if each.accepted else ""
    return notification(code, f"{name}: {each.status}: {each.why}{accepted}", level, _places(package.places))


def _places(places: Sequence[Place]) -> list[Json]:
    return [location(each.file, each.line) for each in places[:MAX_LOCATIONS]]


def _results(result: AuditResult, tally: Tally) -> Iterator[tuple[Json, Finding | Reason]]:
    """What GitHub shows, most severe first; each with what its rule is made of."""
    fallback = Place(result.targets[0] if result.targets else FALLBACK, 1)
    for reason in tally.faults:
        place, package = reason_place(tally, reason), reason_package(tally, reason)
        yield _of_reason(reason, place if place.file else fallback, package.shown_name if package else ""), reason
    same: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in (*tally.counting, *tally.below, *tally.suppressed):
        for file in dict.fromkeys(place.file for place in finding.package.places) or (fallback.file,):
            same.setdefault((primary(finding), finding.package.shown_name, file), []).append(finding)
    for (identifier, name, file), findings in same.items():
        yield _of_findings(identifier, name, file, findings), findings[0]


def _of_findings(identifier: str, name: str, file: str, findings: Sequence[Finding]) -> Json:
    places = [place for each in findings for place in each.package.places if place.file == file]
    open_ones = [each for each in findings if not each.suppressed]
    said: Json = {
        "ruleId": message(identifier),
        "level": level_of(open_ones or findings),
        "message": {"text": "\n\n".join(_sentences(each) for each in findings)},
        "locations": _places(places or [Place(file)]),
        "partialFingerprints": fingerprints(FINGERPRINT, identifier, name, file),
        "properties": {
            "purl": [message(each.package.purl) for each in findings],
            "ids": [message(each) for each in findings[0].ids],
            "severity": findings[0].rating.severity,
            "minimalFix": [each.minimal_fix and message(each.minimal_fix) for each in findings],
        },
    }
    if any(each.novelty for each in findings):
        said["baselineState"] = "new" if any(each.novelty == "new" for each in findings) else "unchanged"
    if not open_ones:
        reasons = dict.fromkeys(excuse_text(each) for each in findings)
        said["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": message(each)} for each in reasons
        ]
    return said


def _sentences(finding: Finding) -> str:
    return message(" ".join([f"{_named(finding)}: {primary(finding)}.", *details(finding)]))


def _named(finding: Finding) -> str:
    return f"{finding.package.shown_name} {finding.package.version or ''}".rstrip()


def _of_reason(reason: Reason, place: Place, name: str) -> Json:
    return {
        "ruleId": reason.code,
        "level": "error",
        "message": {"text": message(f"{reason.subject}: {reason.message} {reason.hint}")},
        "locations": [location(place.file, place.line)],
        "partialFingerprints": fingerprints(FINGERPRINT, reason.code, name or reason.subject, place.file),
    }
