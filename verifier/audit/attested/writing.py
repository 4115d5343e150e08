"""The result of an audit as the predicate that is signed: in-toto's `vulns` 0.2. Pure.

* an empty `result` says "found nothing", and that format has no word for "unknown": so every package that nobody could
  be asked about, or that is undecided, is an item, of severity `{"method": "verifier", "score": "unknown"}`
* so is everything else that was not judged: a file that could not be read, a list that is not sound. What hygiene asks
  is no word about vulnerabilities, and how old the records are `lastUpdate` says
* what came to nothing (exit status 3) is not written at all
* `lastUpdate` is the day of the newest record, of several ecosystems' records the oldest such day; never that of the
  import
* what an exception covers stays an item, with the exception beside it

Source: in-toto/attestation, spec/predicates/vulns_02.md; formats/audit.md section 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from verifier.core.clock import format_rfc3339
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason
from verifier.core.uris import AUDIT_DATABASE, AUDIT_SCANNER
from verifier.formats.audit.database import DatabaseInfo
from verifier.formats.audit.result import (
    OF_PACKAGES,
    WITHOUT_PROJECT,
    AuditedPackage,
    AuditResult,
    Excuse,
    Finding,
    Rating,
)
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.osv.ecosystems import purl_type_of

METHOD: Final = "verifier"
"""The method of our own word; a consumer refuses its "unknown"."""
UNKNOWN: Final = "unknown"
_OTHERWISE: Final = frozenset(
    {
        *(f"dependency.{word}" for word in ("confusion", "unpinned", "hash-missing", "hash-weak", "index-not-allowed")),
        *(f"dependency.{word}" for word in ("not-from-index", "yanked", "quarantined", "too-new")),
        "vulnerability.database-stale",
    }
)
"""Errors that hide no vulnerability, or that the predicate says in its own words."""
_NAMED: Final = 1_000
"""Characters of the name of what is no package."""


def scan_predicate(result: AuditResult) -> JsonValue:
    """`result` as a predicate of type `core.uris.VULNERABILITY_SCAN`.

    Raises `ConfigurationError` for an audit that came to nothing, and for one without a database: only a database says
    how old what is known is.
    """
    if result.outcome == "undecided":
        hint = "See to what the audit names; what it could not decide would read as fine."
        raise ConfigurationError("the audit came to nothing (exit status 3), which nobody may sign", hint=hint)
    if result.database is None:
        hint = "Audit against a database (--db FILE)."
        raise ConfigurationError("a service does not say how old its records are, and a scan has to", hint=hint)
    return {
        "scanner": {
            "uri": AUDIT_SCANNER,
            "version": result.verifier[1],
            "db": {
                "uri": AUDIT_DATABASE,
                "version": result.database.digest,
                "lastUpdate": format_rfc3339(_last_update(result.database, result)),
            },
            "result": list(_items(result)),
        },
        "metadata": {
            # Both are of the time that was judged at, so that a scan as of another day says that day.
            "scanStartedOn": format_rfc3339(min(result.started, result.now)),
            "scanFinishedOn": format_rfc3339(result.now),
        },
    }


def _last_update(database: DatabaseInfo, result: AuditResult) -> datetime:
    """The day of the records: of several sets the oldest of those that were asked, for a newer one hides nothing."""
    asked = {each.package.ecosystem for each in result.packages}
    dates = [date for name, date in database.dates if purl_type_of(name) in asked]
    return min(dates, default=database.data_date)


def _items(result: AuditResult) -> Iterator[JsonValue]:
    told = set()
    for finding in result.findings:
        told.add((finding.package.purl, finding.status))
        yield _finding(finding)
    for each in result.packages:
        # An undecided package has its findings, unless a record about it could not be read at all.
        if each.accepted == WITHOUT_PROJECT:
            continue  # it is what the scan is about
        if each.status != "audited" and (each.package.purl, each.status) not in told:
            yield _unsaid(each)
    purls = {each.package.purl for each in result.packages}
    for reason in result.reasons:
        of_package = reason.code in OF_PACKAGES and reason.subject in purls
        if reason.is_error and not of_package and reason.code not in _OTHERWISE:
            yield _unjudged(reason)


def _finding(finding: Finding) -> JsonValue:
    rating = finding.rating if finding.status == "affected" else Rating()
    note: dict[str, JsonValue] = {"package": finding.package.purl, "status": finding.status, "ids": [*finding.ids]}
    if finding.fixed_in:
        note["fixedIn"] = [*finding.fixed_in]
    if finding.why:
        note["why"] = finding.why
    if finding.kev is not None:
        note["exploited"] = finding.kev.cve
    if finding.excuse is not None and finding.suppressed:
        note["exception"] = _exception(finding.excuse)
    return {"id": finding.ids[0], "severity": _severity(rating), "annotations": [note]}


def _severity(rating: Rating) -> list[JsonValue]:
    said: list[JsonValue] = [{"method": METHOD, "score": rating.severity}]
    if rating.score:
        said.append({"method": "cvss_score", "score": rating.score})
    if rating.vector:
        said.append({"method": "cvss_vector", "score": rating.vector})
    return said


def _unsaid(each: AuditedPackage) -> JsonValue:
    note: dict[str, JsonValue] = {"package": each.package.purl, "status": each.status, "why": each.why}
    if each.accepted:
        note["acceptedBy"] = each.accepted
    # There is no vulnerability to name: the item is about the package.
    return {"id": each.package.purl, "severity": [{"method": METHOD, "score": UNKNOWN}], "annotations": [note]}


def _unjudged(reason: Reason) -> JsonValue:
    """What was not judged: nobody knows what is in it."""
    why = f"{reason.code}: {reason.message}"
    note: dict[str, JsonValue] = {"package": reason.subject[:_NAMED] or reason.code, "status": UNKNOWN, "why": why}
    return {"id": reason.code, "severity": [{"method": METHOD, "score": UNKNOWN}], "annotations": [note]}


def _exception(excuse: Excuse) -> JsonValue:
    said = {
        "id": excuse.id,
        "status": excuse.status,
        "justification": excuse.justification,
        "reason": excuse.reason,
        "owner": excuse.owner,
        "expires": "" if excuse.expires is None else format_rfc3339(excuse.expires),
        "from": excuse.where,
    }
    return {name: value for name, value in said.items() if value}
