"""An audit as SARIF 2.1.0, as GitHub's code scanning takes it.

* a result is one vulnerability of one package in one file: its identity survives every upgrade that does not fix it
* an unknown severity has the score of a critical one, and says so: no threshold of GitHub's hides what ours does not
* what an exception covers is a result with a suppression; what nobody knows is a notification, and the run has then
  not been successful where that decides
* GitHub refuses what is too large: then the least severe results are left out, and a notification says how many

Source: SARIF 2.1.0; https://docs.github.com, "SARIF support for code scanning"; formats/audit.md section 10.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.formats.audit.package import Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.formats.bom.unwritable import without_halves
from verifier.formats.json.write import canonical, page
from verifier.reports.audit.escaping import in_json
from verifier.reports.audit.sarif_parts import (
    FALLBACK,
    MAX_LOCATIONS,
    level_of,
    location,
    message,
    rules_of,
)
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
from verifier.reports.table import PLAIN, Screen

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS: Final = 25_000
"""Of one run; there are never more rules than results."""
MAX_COMPRESSED: Final = 10_000_000
"""Bytes of the whole document, compressed: GitHub's 10 MB, read as the smaller number."""
FINGERPRINT: Final = "verifierAudit/v1"
GITHUB_FINGERPRINT: Final = "primaryLocationLineHash"
"""The one that GitHub goes by. Where it is missing, its action takes the text of the line, which an upgrade changes."""
_EXITS: Final = {"clean": 0, "vulnerable": 1, "undecided": 3}
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
Json = dict[str, Any]


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """One document, printable ASCII only, ending in a newline."""
    tally = tally_of(result)
    results = list(_results(result, tally))
    kept = min(len(results), MAX_RESULTS)
    while True:
        text = in_json(page(without_halves(_document(result, tally, results[:kept], len(results) - kept))))
        if len(text) <= MAX_COMPRESSED or not kept or len(zlib.compress(text.encode(), 6)) <= MAX_COMPRESSED - 1_000:
            return text
        kept = kept * 3 // 4


def _document(
    result: AuditResult, tally: Tally, results: Sequence[tuple[Json, Finding | Reason]], left_out: int
) -> Json:
    name, version = result.verifier
    run = {
        "tool": {
            "driver": {
                "name": "policy-verifier audit",
                "informationUri": name if name.startswith("https://") else "https://policy-verifier.dev",
                "version": version or "0",
                "rules": rules_of(each for _, each in results),
            }
        },
        "automationDetails": {"id": "verifier-audit/"},
        "originalUriBaseIds": {
            "ROOT": {"uri": "file:///", "description": {"text": "Files that were named with their whole path."}}
        },
        "invocations": [_invocation(result, tally, left_out)],
        "columnKind": "unicodeCodePoints",
        "results": [each for each, _ in results],
        "properties": {
            "verdict": message(headline(result, tally)),
            "packages": numbers(tally),
            "database": [message(each) for each in database_lines(result)],
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(result: AuditResult, tally: Tally, left_out: int) -> Json:
    return {
        "executionSuccessful": result.outcome != "undecided",
        "exitCode": _EXITS[result.outcome],
        "exitCodeDescription": message(headline(result, tally)),
        "startTimeUtc": format_rfc3339(result.started),
        "toolExecutionNotifications": list(_notifications(result, tally, left_out)),
    }


def _notifications(result: AuditResult, tally: Tally, left_out: int) -> Iterator[Json]:
    if left_out:
        text = f"{left_out:,} results are left out, the least severe ones: GitHub takes no more. --format json has all."
        yield _notification("verifier.left-out", text, "error")
    for finding in tally.undecided:
        text = f"{_named(finding)}: {primary(finding)}: nobody can say whether it applies: {finding.why}"
        yield _notification("vulnerability.undecided", text, "error", finding.package.places)
    for each in (*tally.unclear, *tally.unknown):
        yield _about(each, "error")
    for each in tally.accepted:
        yield _about(each, "warning")
    for reason in (*tally.errors, *tally.warnings):
        yield _notification(reason.code, f"{reason.subject}: {reason.message} {reason.hint}", _LEVELS[reason.severity])
    text = "; ".join([numbers(tally), *(f"database {each}" for each in database_lines(result))])
    yield _notification("verifier.numbers", text, "note")


def _about(each: AuditedPackage, level: str) -> Json:
    package = each.package
    name = f"{package.shown_name} {package.version}" if package.version else package.shown_name
    code = "vulnerability.undecided" if each.status == "undecided" else "vulnerability.unknown-dependency"
    accepted = f" (accepted by {each.accepted})" if each.accepted else ""
    return _notification(code, f"{name}: {each.status}: {each.why}{accepted}", level, package.places)


def _notification(code: str, text: str, level: str, places: Sequence[Place] = ()) -> Json:
    said: Json = {"descriptor": {"id": code}, "message": {"text": message(text)}, "level": level}
    if places:
        said["locations"] = [location(each) for each in places[:MAX_LOCATIONS]]
    return said


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
        "locations": [location(each) for each in (places or [Place(file)])[:MAX_LOCATIONS]],
        "partialFingerprints": _fingerprints(identifier, name, file),
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
        "locations": [location(place)],
        "partialFingerprints": _fingerprints(reason.code, name or reason.subject, place.file),
    }


def _fingerprints(identifier: str, name: str, file: str) -> dict[str, str]:
    digest = hashlib.sha256(canonical([identifier, name, file]).encode()).hexdigest()
    return {FINGERPRINT: digest, GITHUB_FINGERPRINT: digest}
