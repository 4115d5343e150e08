"""What an audit says, as statements of VEX: the same for every format of these.

* a finding that counts is `affected`, one that an exception calls so is `not_affected` with its justification, one that
  nobody can decide is `under_investigation`
* about what nobody could be asked, and where the audit itself could not be made, there is a statement
  `under_investigation` under the name of the reason code: a reader that knows no "unknown" finds no silence
* an exception that has ended says nothing, and one without a justification says why in words
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import quote

from verifier.core.clock import format_rfc3339
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import AuditedPackage, AuditResult, Excuse, Finding
from verifier.formats.bom.vex import Product, VexStatement
from verifier.formats.openvex.reading import JUSTIFICATIONS
from verifier.formats.purl import parse_purl
from verifier.reports.audit.tally import Tally, details, excuse_text, fix_sentence, primary
from verifier.reports.escape import printable

_TARGET: Final = "urn:verifier:target:"
_PACKAGE: Final = "urn:verifier:package:"
UNKNOWN: Final = {"unknown": "vulnerability.unknown-dependency", "undecided": "vulnerability.undecided"}
"""What stands in the place of an id, by the status of a package."""


def statements_of(result: AuditResult, tally: Tally) -> Iterator[VexStatement]:
    """The statements of an audit, each text in one line of visible characters."""
    for finding in (*tally.counting, *tally.below, *tally.undecided, *tally.suppressed):
        yield _of_finding(finding, result.now)
    for each in (*tally.unknown, *tally.unclear, *tally.accepted):
        yield _of_package(each, result.now)
    targets = tuple(Product(_TARGET + quote(each, safe="", errors="surrogatepass")) for each in result.targets)
    for reason in tally.errors:
        yield VexStatement(
            vulnerability=reason.code,
            products=targets or (Product(_TARGET + "none"),),
            status="under_investigation",
            notes=printable(f"{reason.subject}: {reason.message}"),
            timestamp=result.now,
        )


def _of_finding(finding: Finding, now: datetime) -> VexStatement:
    excuse = finding.excuse if finding.suppressed else None
    said = " ".join(details(finding))
    if excuse is not None and excuse.status in {"not_affected", "fixed"}:
        return _excused(finding, excuse, now)
    action = fix_sentence(finding)
    if excuse is not None:
        action = f"Accepted: {excuse_text(finding)}. {action}"
    decided = finding.status == "affected"
    return VexStatement(
        vulnerability=printable(primary(finding)),
        aliases=_aliases(finding),
        products=(_product(finding.package),),
        status="affected" if decided else "under_investigation",
        action=printable(action) if decided else "",
        notes=printable(said),
        timestamp=now,
    )


def _excused(finding: Finding, excuse: Excuse, now: datetime) -> VexStatement:
    justification = excuse.justification if excuse.justification in JUSTIFICATIONS else ""
    fixed = excuse.status == "fixed"
    end = f" until {format_rfc3339(excuse.expires)}" if excuse.expires else ""
    return VexStatement(
        vulnerability=printable(primary(finding)),
        aliases=_aliases(finding),
        products=(_product(finding.package),),
        status="fixed" if fixed else "not_affected",
        justification="" if fixed else justification,
        impact="" if fixed else printable(excuse.reason or excuse.justification or f"Accepted in {excuse.where}."),
        notes=printable(f"Said by {excuse.owner or 'nobody by name'} in {excuse.where}{end}."),
        timestamp=now,
    )


def _of_package(each: AuditedPackage, now: datetime) -> VexStatement:
    accepted = f" Accepted by {each.accepted}." if each.accepted else ""
    return VexStatement(
        vulnerability=UNKNOWN[each.status],
        products=(_product(each.package),),
        status="under_investigation",
        notes=printable(f"Nobody can say: {each.why or 'no reason is given'}.{accepted}"),
        timestamp=now,
    )


def _aliases(finding: Finding) -> tuple[str, ...]:
    return tuple(printable(each) for each in finding.ids[1:] if each)


def _product(package: Package) -> Product:
    try:
        parse_purl(package.purl)
    except ValueError:
        return Product(_PACKAGE + quote(package.purl, safe="", errors="surrogatepass"))
    return Product(package.purl, purls=(package.purl,))
