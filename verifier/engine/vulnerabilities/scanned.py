"""What signed scans have found, held against the rule: its threshold, and its own exceptions.

* what the scanner has excused counts here, unless the rule's exceptions cover it
* what nobody could tell the scanner is not known here either, and denies unless the rule accepts that by name
* the same finding of several scans is one, as bad as the worst says
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.audit.attested.scan import Scan, ScanItem
from verifier.core.value import replace
from verifier.formats.audit.database import KevEntry
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import SEVERITIES, AuditedPackage, Finding
from verifier.formats.purl import parse_purl
from verifier.formats.pypi.names import normalised


def findings_in(scans: Iterable[Scan]) -> tuple[Finding, ...]:
    """What all of them have found, and could not decide."""
    found: dict[tuple[str, str, str], Finding] = {}
    for item in _items(scans):
        if item.status == "unknown":
            continue
        key = (item.purl, item.id, item.status)
        made = Finding(
            package=package_of(item),
            status=item.status,
            ids=item.ids or (item.id,),
            rating=item.rating,
            kev=KevEntry(item.exploited, "", "", False) if item.exploited else None,
            why=item.why or ("the scanner could not decide" if item.status == "undecided" else ""),
        )
        before = found.setdefault(key, made)
        if before is not made and _rank(made) > _rank(before):
            found[key] = replace(made, ids=tuple(dict.fromkeys((*before.ids, *made.ids))))
    return tuple(found.values())


def unknown_in(scans: Iterable[Scan]) -> tuple[AuditedPackage, ...]:
    """The packages that no scanner could ask about."""
    items = {each.purl: each for each in _items(scans) if each.status == "unknown"}
    return tuple(
        AuditedPackage(package=package_of(each), status="unknown", why=each.why or "the scanner could not ask about it")
        for each in items.values()
    )


def _items(scans: Iterable[Scan]) -> Iterator[ScanItem]:
    for each in scans:
        yield from each.items


def _rank(finding: Finding) -> tuple[bool, int]:
    """How bad: worst is what is exploited, and then what nobody knows."""
    rating = finding.rating
    return finding.kev is not None, SEVERITIES.index(rating.severity) if rating.severity in SEVERITIES else len(
        SEVERITIES
    )


def package_of(item: ScanItem) -> Package:
    """The package that an entry is about, as far as its URL says; without one it has no name that an exception could
    mean."""
    try:
        purl = parse_purl(item.purl)
    except ValueError:
        return Package(ecosystem="", name="", version=None, purl=item.purl or item.id)
    name = normalised(purl.name) if purl.type == "pypi" else purl.name
    return Package(ecosystem=purl.type, namespace=purl.namespace, name=name, version=purl.version, purl=item.purl)
