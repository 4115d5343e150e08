"""The document of an audit: report v1 of a verdict, with one more member, `audit`. docs/schemas/audit-v1.json describes
it.

* whatever is suppressed, below the threshold or unknown is in it
* the same result makes the same document; what is absent is null or an empty list, never left out

Source: formats/audit.md section 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import CouldNotCheck, Failed, Outcome, Passed
from verifier.core.verdict import PolicyReference, Subject, Verdict
from verifier.formats.audit.database import DatabaseInfo
from verifier.formats.audit.package import Package, Place
from verifier.formats.audit.result import AuditedPackage, AuditResult, Excuse, Finding
from verifier.formats.verdict.document import write as write_verdict

POLICY: Final = "urn:verifier:audit"
"""What stands in the place of a policy: what was asked, by its digest."""
KIND: Final = "audit"


def write(result: AuditResult) -> dict[str, Any]:
    """The document of `result`, as a JSON value."""
    return {**write_verdict(verdict_of(result)), "audit": _audit(result)}


def verdict_of(result: AuditResult) -> Verdict:
    """The verdict that an audit comes to."""
    name = ", ".join(result.targets)
    return Verdict.of(
        [_outcome(result)],
        subject=Subject(kind=KIND, name=name, resource_uri=result.targets[0] if result.targets else "", digest=None),
        policy=PolicyReference(uri=POLICY, digest=result.settings),
        time_verified=result.now,
        correlation_id=result.correlation_id,
        inputs=result.inputs,
        verifier_id=result.verifier[0],
        verifier_version={"policy-verifier": result.verifier[1]},
        duration_ms=result.duration_ms,
    )


def _outcome(result: AuditResult) -> Outcome:
    match result.outcome:
        case "clean":
            return Passed(reasons=result.reasons)
        case "vulnerable":
            return Failed(reasons=result.reasons)
        case "undecided":
            return CouldNotCheck(reasons=result.reasons)


def _audit(result: AuditResult) -> dict[str, Any]:
    return {
        "outcome": result.outcome,
        "targets": list(result.targets),
        "database": result.database and _database(result.database),
        "services": list(result.services),
        "failOn": result.fail_on,
        "started": format_rfc3339(result.started),
        "packages": [_audited(each, places) for each in result.packages for places in _rows(each.package)],
        "findings": [_finding(each) for each in result.findings],
        "gone": [{"id": identifier, "purl": purl} for identifier, purl in result.gone] if result.compared else None,
    }


def _database(info: DatabaseInfo) -> dict[str, Any]:
    return {
        "digest": info.digest,
        "dataDate": format_rfc3339(info.data_date),
        "importedAt": format_rfc3339(info.imported_at),
        "ecosystems": dict(info.ecosystems),
        "dates": {name: format_rfc3339(date) for name, date in info.dates},
        "incidental": dict(info.incidental),
        "refused": info.refused,
        "kev": info.kev and {"date": format_rfc3339(info.kev), "digest": info.kev_digest},
        "epss": info.epss and {"date": format_rfc3339(info.epss), "digest": info.epss_digest},
    }


def _rows(package: Package) -> Iterator[tuple[Place, ...]]:
    """The places of a package, parted where groups or extras are others: a lock has a row for each."""
    if not package.places:
        yield ()
    for _, same in groupby(package.places, key=lambda place: place[2:]):
        yield tuple(same)


def _audited(each: AuditedPackage, places: tuple[Place, ...]) -> dict[str, Any]:
    package = each.package
    apart = places != package.places
    return {
        "purl": package.purl,
        "status": each.status,
        "source": package.source,
        "from": _place(places[0]) if places else None,
        "groups": list(places[0].groups if apart else package.groups),
        "ecosystem": package.ecosystem,
        "name": package.name,
        "version": package.version,
        "why": each.why,
        "accepted": each.accepted,
        "records": each.records,
        "withdrawn": list(each.withdrawn),
        "places": _places(places),
        "index": package.index,
        "location": package.location,
        "local": package.local,
        "extras": list(places[0].extras if apart else package.extras),
        "markers": list(package.markers),
        "direct": package.direct,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    package, rating = finding.package, finding.rating
    return {
        "package": {"purl": package.purl, "name": package.name, "version": package.version},
        "status": finding.status,
        "ids": list(finding.ids),
        "records": list(finding.records),
        "summary": finding.summary,
        "severity": rating.severity,
        "score": float(rating.score) if rating.score else None,
        "vector": rating.vector,
        "fixedIn": list(finding.fixed_in),
        "minimalFix": finding.minimal_fix,
        "kev": finding.kev and _kev(finding),
        "epss": finding.epss and {"probability": finding.epss.probability, "percentile": finding.epss.percentile},
        "exception": finding.excuse and _excuse(finding.excuse),
        "counts": finding.counts,
        "novelty": finding.novelty,
        "why": finding.why,
        "places": _places(package.places),
        "direct": package.direct,
        "paths": [list(path) for path in package.paths],
        "references": list(finding.references),
        "modified": finding.modified and format_rfc3339(finding.modified),
    }


def _kev(finding: Finding) -> dict[str, Any]:
    kev = finding.kev
    if kev is None:
        raise TypeError("asked of a finding that is in the catalogue")
    return {"cve": kev.cve, "added": kev.added, "due": kev.due, "ransomware": kev.ransomware}


def _excuse(excuse: Excuse) -> dict[str, Any]:
    return {
        "by": excuse.by,
        "where": excuse.where,
        "id": excuse.id,
        "status": excuse.status,
        "justification": excuse.justification,
        "reason": excuse.reason,
        "owner": excuse.owner,
        "expires": excuse.expires and format_rfc3339(excuse.expires),
        "expired": excuse.expired,
    }


def _places(places: Iterable[Place]) -> list[dict[str, Any]]:
    return [_place(each) for each in places]


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line}
