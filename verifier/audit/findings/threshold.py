"""Which findings count, and in which order they are told. Pure.

* a finding counts where its severity is the threshold's or worse, and no valid exception covers it
* a severity that nobody has stated is above every threshold, and so is what nobody can decide
* what is known to be exploited (KEV) is critical, whatever its vector; a probability (EPSS) only sorts
* the order is total: what counts first, the most severe first, and the same findings always in the same order
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from verifier.audit.answers import Exploited
from verifier.core.value import replace
from verifier.formats.audit.database import EpssEntry, KevEntry
from verifier.formats.audit.result import SEVERITIES, Finding, Rating, SeverityWord

_ORDER: Final[Mapping[SeverityWord, int]] = {
    "critical": 0,
    "unknown": 1,  # it may be anything up to critical
    "high": 2,
    "medium": 3,
    "low": 4,
    "none": 5,
}
_CVE: Final = "CVE-"


def judged(findings: Iterable[Finding], fail_on: SeverityWord) -> tuple[Finding, ...]:
    """`findings` in the order that they are told in, each with whether it counts."""
    weighed = [replace(each, rating=_raised(each)) if each.kev is not None else each for each in findings]
    counted = [replace(each, counts=reaches(each, fail_on) and not each.suppressed) for each in weighed]
    return tuple(sorted(counted, key=_place))


def reaches(finding: Finding, fail_on: SeverityWord) -> bool:
    """Whether a finding is at or above a threshold."""
    severity = finding.rating.severity
    if finding.status == "undecided" or severity == "unknown" or finding.kev is not None:
        return True
    return fail_on != "unknown" and SEVERITIES.index(severity) >= SEVERITIES.index(fail_on)


def with_exploits(findings: Sequence[Finding], known: Exploited) -> tuple[Finding, ...]:
    """`findings` with what is known of their CVEs: of several the one that is exploited, and the most probable."""
    cves = sorted({each for finding in findings for each in finding.ids if each.startswith(_CVE)})
    if not cves:
        return tuple(findings)
    exploited, probable = known.kev(cves), known.epss(cves)
    if not exploited and not probable:
        return tuple(findings)
    return tuple(_with(each, exploited, probable) for each in findings)


def _with(finding: Finding, exploited: Mapping[str, KevEntry], probable: Mapping[str, EpssEntry]) -> Finding:
    kev = next((exploited[each] for each in finding.ids if each in exploited), None)
    scores = [probable[each] for each in finding.ids if each in probable]
    return replace(finding, kev=kev, epss=max(scores, key=lambda each: _number(each.probability), default=None))


def _raised(finding: Finding) -> Rating:
    return finding.rating._replace(severity="critical")


def _place(finding: Finding) -> tuple[object, ...]:
    epss = finding.epss.probability if finding.epss is not None else ""
    return (
        not finding.counts,
        _ORDER[finding.rating.severity],
        finding.kev is None,
        finding.status != "affected",
        -_number(epss),
        -_number(finding.rating.score),
        finding.package.ecosystem,
        finding.package.namespace,
        finding.package.name,
        finding.package.purl,
        finding.ids,
        finding.package.places,
    )


def _number(text: str) -> float:
    """A score as a number; 0 where there is none."""
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 10 else 0.0
