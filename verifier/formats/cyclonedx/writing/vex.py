"""Statements as a CycloneDX VEX document.

* the same statements make the same bytes, in whatever order they come: sorted, each once, no clock, numbered by the
  content
* what OpenVEX' words mean has CycloneDX' words; what has none stands in the text beside it
* a product that is a component of a document with a number is linked to (BOM-Link); others are listed in this one
* what is written keeps the schema, and is read again as the same statements
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.version import VERSION
from verifier.formats.bom.component import Component
from verifier.formats.bom.json_form import UNNUMBERED, numbered
from verifier.formats.bom.listed import TOOL
from verifier.formats.bom.vex import SILENCING, Product, VexStatement
from verifier.formats.cyclonedx.versions import USUAL, SpecVersion
from verifier.formats.cyclonedx.writing.components import component_of, pairs_of
from verifier.formats.json.write import canonical
from verifier.formats.purl import parse_purl

_STATES: Final = {
    "not_affected": "not_affected",
    "affected": "exploitable",
    "fixed": "resolved",
    "under_investigation": "in_triage",
}
JUSTIFICATIONS: Final = {
    "component_not_present": "code_not_present",
    "vulnerable_code_not_present": "code_not_present",
    "vulnerable_code_not_in_execute_path": "code_not_reachable",
    "vulnerable_code_cannot_be_controlled_by_adversary": "requires_environment",
    "inline_mitigations_already_exist": "protected_by_mitigating_control",
}
"""CycloneDX' nearest words for OpenVEX' justifications; the word itself is kept in the detail."""
_OWN: Final = frozenset(
    {
        *("code_not_present", "code_not_reachable", "requires_configuration", "requires_dependency"),
        *("requires_environment", "protected_by_compiler", "protected_at_runtime", "protected_at_perimeter"),
        "protected_by_mitigating_control",
    }
)
_RESPONSES: Final = frozenset({"can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"})
_SOURCES: Final = {"CVE": "NVD", "GHSA": "GitHub Advisories", "GO": "Go", "PYSEC": "PyPA", "RUSTSEC": "RustSec"}


def cyclonedx_vex(
    statements: Iterable[VexStatement],
    *,
    subject: Component | None = None,
    timestamp: datetime | None = None,
    version: SpecVersion = USUAL,
    properties: Iterable[tuple[str, str]] = (),
    more: Mapping[str, dict[str, Any]] | None = None,
) -> tuple[dict[str, Any], bytes]:
    """The document of these statements, and its bytes.

    `subject` is the artifact that they are about; `timestamp` is when the document is issued, None to leave it out.
    `properties` are said of the document, `more` are further members of every vulnerability of that name.
    """
    stated, said = sorted(statements, key=_order), pairs_of(properties)

    def make() -> dict[str, Any]:
        shelf = _Shelf(version)
        about = shelf.put(subject) if subject is not None else ""
        vulnerabilities = [_vulnerability(each, shelf) | (more or {}).get(each.vulnerability, {}) for each in stated]
        return {
            "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": version,
            "serialNumber": f"urn:uuid:{UNNUMBERED}",
            "version": 1,
            "metadata": _metadata(shelf, about, timestamp) | ({"properties": said} if said else {}),
            "components": shelf.others(about),
            "vulnerabilities": [
                each for _, each in sorted({canonical(each): each for each in vulnerabilities}.items())
            ],
        }

    return numbered(make, "serialNumber")


class _Shelf:
    """The components that a document lists, each once, by their refs."""

    def __init__(self, version: SpecVersion) -> None:
        self._version = version
        self._listed: dict[str, dict[str, Any]] = {}

    def put(self, component: Component) -> str:
        """List a component; its ref."""
        written = component_of(component, self._version)
        del written["bom-ref"]
        ref = _ref_of(component, written)
        taken = self._listed.get(ref)
        if taken is not None and _without_ref(taken) != written:
            ref = f"{ref}#{component.ref or canonical(written)}"
        self._listed[ref] = {**written, "bom-ref": ref}
        return ref

    def others(self, ref: str) -> list[dict[str, Any]]:
        """All but one, sorted."""
        return [self._listed[each] for each in sorted(self._listed) if each != ref]

    def at(self, ref: str) -> dict[str, Any]:
        """One component."""
        return self._listed[ref]


def _ref_of(component: Component, written: dict[str, Any]) -> str:
    named = written.get("purl") or f"{component.namespace}/{component.name}@{component.version or ''}".lstrip("/")
    return str(named)


def _without_ref(written: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in written.items() if key != "bom-ref"}


def _metadata(shelf: _Shelf, about: str, timestamp: datetime | None) -> dict[str, Any]:
    stated: dict[str, Any] = (
        {} if timestamp is None else {"timestamp": format_rfc3339(timestamp.replace(microsecond=0))}
    )
    stated["tools"] = {"components": [{"type": "application", "name": TOOL, "version": VERSION}]}
    if about:
        stated["component"] = shelf.at(about)
    return stated


def _vulnerability(statement: VexStatement, shelf: _Shelf) -> dict[str, Any]:
    written: dict[str, Any] = {"id": statement.vulnerability, "source": {"name": _source(statement.vulnerability)}}
    if aliases := sorted(set(statement.aliases) - {statement.vulnerability}):
        written["references"] = [{"id": each, "source": {"name": _source(each)}} for each in aliases]
    if statement.notes:
        written["detail"] = statement.notes
    responses = _responses(statement.action)
    if statement.action and not responses:
        written["recommendation"] = statement.action
    written["analysis"] = _analysis(statement, responses)
    refs = {canonical(each): each for product in statement.products for each in _affected(product, statement, shelf)}
    written["affects"] = [refs[key] for key in sorted(refs)]
    return written


def _analysis(statement: VexStatement, responses: list[str]) -> dict[str, Any]:
    analysis: dict[str, Any] = {"state": _STATES[statement.status]}
    word, detail = statement.justification, statement.impact
    if word and statement.status == "not_affected":
        own = word if word in _OWN else JUSTIFICATIONS.get(word, "")
        if own:
            analysis["justification"] = own
        if own != word:
            detail = f"{word}: {detail}" if detail else word
    if responses:
        analysis["response"] = responses
    if detail:
        analysis["detail"] = detail
    if statement.timestamp is not None:
        analysis["lastUpdated"] = format_rfc3339(statement.timestamp)
    return analysis


def _affected(product: Product, statement: VexStatement, shelf: _Shelf) -> Iterator[dict[str, Any]]:
    if product.subcomponents:
        for each in product.subcomponents:
            yield from _affected(each, statement, shelf)
        return
    if product.link is not None:
        ref = f"urn:cdx:{product.link.serial}/{product.link.version}#{product.link.ref}"
    else:
        ref = shelf.put(product.component or _listed(product))
    written: dict[str, Any] = {"ref": ref}
    if product.versions:
        said = "unaffected" if statement.status in SILENCING else "affected"
        claims = ({"version": each.version} if each.version else {"range": each.range} for each in product.versions)
        written["versions"] = [{**each, "status": said} for each in claims]
    yield written


def _listed(product: Product) -> Component:
    """What is known of a product that no document lists."""
    if not product.purls:
        return Component("application", "", product.name, hashes=product.hashes)
    purl = parse_purl(product.purls[0])
    return Component(
        "library",
        purl.type,
        purl.name,
        purl.version,
        namespace=purl.namespace,
        qualifiers=purl.qualifiers,
        hashes=product.hashes,
        purl=product.purls[0],
    )


def _responses(action: str) -> list[str]:
    """An action that is in CycloneDX' words, as those."""
    words = [each for each in re.split(r"[,;\s]+", action) if each]
    return sorted(set(words)) if words and set(words) <= _RESPONSES else []


def _source(name: str) -> str:
    prefix = name.partition("-")[0]
    return _SOURCES.get(prefix, prefix or name)


def _order(statement: VexStatement) -> str:
    stated = [each.name for each in statement.products]
    when = format_rfc3339(statement.timestamp) if statement.timestamp else ""
    words = (statement.status, statement.justification, statement.impact, statement.action, statement.notes)
    return canonical([statement.vulnerability, when, *words, sorted(stated), sorted(statement.aliases)])
