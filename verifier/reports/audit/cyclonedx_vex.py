"""An audit as a CycloneDX 1.6 document of vulnerabilities: `reports.audit.statements` in its words.

* each vulnerability says what it affects by the ref of a component that is listed, how severe it is, and its analysis
* the verdict, the numbers and the database's digest and date are properties of the document, what nobody knows as well
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from verifier.formats.audit.result import AuditResult, Finding
from verifier.formats.bom.listed import TOOL
from verifier.formats.cyclonedx.writing.vex import cyclonedx_vex
from verifier.reports.audit.statements import UNKNOWN, statements_of
from verifier.reports.audit.tally import WORDS, Tally, database_lines, headline, number_of, numbers, primary, tally_of
from verifier.reports.escape import printable
from verifier.reports.media.escaping import in_json
from verifier.reports.table import PLAIN, Screen

_METHODS: Final = (("CVSS:4", "CVSSv4"), ("CVSS:3.1", "CVSSv31"), ("CVSS:3.0", "CVSSv3"), ("AV:", "CVSSv2"))


def render(result: AuditResult, screen: Screen = PLAIN, /) -> str:  # noqa: ARG001 - every format is given the same
    """One document, printable ASCII only, ending in a newline."""
    tally = tally_of(result)
    ratings: dict[str, dict[str, Any]] = {code: {"source": {"name": TOOL}} for code in _codes(result)}
    for finding in (*tally.counting, *tally.below, *tally.undecided, *tally.suppressed):
        ratings.setdefault(printable(primary(finding)), _more(finding))
    _, content = cyclonedx_vex(
        statements_of(result, tally), timestamp=result.now, properties=_properties(result, tally), more=ratings
    )
    return in_json(content.decode("ascii"))


def _codes(result: AuditResult) -> Iterator[str]:
    """What stands in the place of an id where nobody knows."""
    yield from UNKNOWN.values()
    yield from (each.code for each in result.reasons)


def _properties(result: AuditResult, tally: Tally) -> Iterator[tuple[str, str]]:
    yield "verifier:audit:outcome", result.outcome
    yield "verifier:audit:verdict", f"{WORDS[result.outcome]}: {headline(result, tally)}"
    yield "verifier:audit:packages", numbers(tally)
    for line in database_lines(result):
        yield "verifier:audit:database", printable(line)
    for each in (*tally.unknown, *tally.unclear):
        yield f"verifier:audit:{each.status}", printable(f"{each.package.purl}: {each.why}")
    for reason in (*tally.errors, *tally.faults, *tally.warnings):
        yield f"verifier:audit:{reason.severity.value}", printable(f"{reason.code}: {reason.subject}: {reason.message}")


def _more(finding: Finding) -> dict[str, Any]:
    rating = finding.rating
    written: dict[str, Any] = {"severity": rating.severity}
    if (score := number_of(rating.score)) is not None:
        written["score"] = score
    if rating.vector:
        written |= {"method": _method(rating.vector), "vector": printable(rating.vector)}
    more: dict[str, Any] = {"ratings": [written]}
    if finding.summary:
        more["description"] = printable(finding.summary)
    return more


def _method(vector: str) -> str:
    return next((method for beginning, method in _METHODS if vector.startswith(beginning)), "other")
