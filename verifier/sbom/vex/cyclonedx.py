"""The statements in a CycloneDX document: `vulnerabilities[]` with their analyses.

* a state is the status that it means; `not_affected` without a justification, a detail or a response that says why is
  refused, and so is a state that is none
* a ref is what the document itself lists under it, or a BOM-Link to another document
* of versions that are listed, a statement is about those that it is true of: what does not affect is about versions
  that are said to be unaffected, and a contradiction is a warning and silences nothing
* a vulnerability without an analysis states nothing

Source: CycloneDX 1.6, `vulnerability`; formats/sbom.md section 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias

from verifier.core.clock import parse_rfc3339
from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.formats.bom.component import Component
from verifier.formats.bom.document import BomDocument
from verifier.formats.bom.vex import (
    SILENCING,
    BomLink,
    Product,
    Status,
    VersionClaim,
    VexDocument,
    VexStatement,
)

JsonObject: TypeAlias = "dict[str, Any]"

STATES: Final[dict[str, Status]] = {
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
    "exploitable": "affected",
    "in_triage": "under_investigation",
    "false_positive": "not_affected",
    "not_affected": "not_affected",
}
"""What CycloneDX' states mean."""
BOM_LINK: Final = re.compile(
    r"urn:cdx:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/([1-9]\d{0,8})#(\S.*)\Z",
    re.IGNORECASE | re.ASCII,
)
_SERIAL: Final = "urn:uuid:"


def vex_in(document: BomDocument, *, subject: str) -> VexDocument:
    """The statements in a CycloneDX document that was read; `Refused` (`vex.invalid`) where one is not sound."""
    tree: JsonObject = document.tree if isinstance(document.tree, dict) else {}
    return _Reading(document, tree, subject).document()


def parse_link(ref: str) -> BomLink | None:
    """A BOM-Link to a component, or None."""
    found = BOM_LINK.match(ref)
    return BomLink(found[1].lower(), int(found[2]), found[3]) if found else None


def link_of(document: BomDocument) -> tuple[str, int] | None:
    """The serial number and version by which other documents link to this one."""
    tree: JsonObject = document.tree if isinstance(document.tree, dict) else {}
    serial, version = tree.get("serialNumber"), tree.get("version", 1)
    if not isinstance(serial, str) or not serial.startswith(_SERIAL) or not isinstance(version, int):
        return None
    return serial.removeprefix(_SERIAL).lower(), version


class _Reading:
    """One document while it is read."""

    def __init__(self, document: BomDocument, tree: JsonObject, subject: str) -> None:
        self._bom, self._tree, self._subject = document, tree, subject
        self._findings: list[Reason] = []
        listed = [*document.components] + ([document.subject] if document.subject else [])
        self._listed: dict[str, Component] = {each.ref: each for each in listed if each.ref}
        self._link = link_of(document)

    def document(self) -> VexDocument:
        issued = self._issued()
        statements = tuple(self._statements(issued))
        link = self._link
        return VexDocument(
            format="cyclonedx",
            identifier=f"urn:cdx:{link[0]}/{link[1]}" if link else "",
            author=self._author(),
            digest=self._bom.digest,
            timestamp=issued,
            statements=statements,
            findings=tuple(self._findings),
        )

    def _issued(self) -> datetime | None:
        return _moment(_object(self._tree, "metadata").get("timestamp"))

    def _author(self) -> str:
        metadata = _object(self._tree, "metadata")
        people = [*_objects(metadata, "authors"), _object(metadata, "manufacturer"), _object(metadata, "supplier")]
        return next((str(each["name"]) for each in people if each.get("name")), "")

    def _statements(self, issued: datetime | None) -> Iterator[VexStatement]:
        for index, each in enumerate(_objects(self._tree, "vulnerabilities")):
            analysis = _object(each, "analysis")
            if analysis.get("state") or analysis.get("justification"):
                yield self._statement(each, analysis, f"vulnerabilities[{index}]", issued)

    def _statement(self, item: JsonObject, analysis: JsonObject, path: str, issued: datetime | None) -> VexStatement:
        state = str(analysis.get("state") or "")
        if state not in STATES:
            raise self._refusal(path, f"has the state {state[:80]!r}, expected one of {', '.join(STATES)}")
        status = STATES[state]
        responses = ", ".join(_texts(analysis, "response"))
        justification, detail = str(analysis.get("justification") or ""), str(analysis.get("detail") or "")
        if state == "not_affected" and not (justification or detail.strip()):
            raise self._refusal(path, "is not affected and says neither in justification nor in detail why")
        action = "; ".join(
            filter(None, (responses, str(item.get("recommendation") or ""), str(item.get("workaround") or "")))
        )
        if status == "affected" and not (action or detail.strip()):
            self._note(f"{path} is exploitable and says in no response or recommendation what to do")
        vulnerability = str(item.get("id") or "")
        if not vulnerability.strip():
            raise self._refusal(path, "has no id, so that nobody knows what it is about")
        return VexStatement(
            vulnerability=vulnerability,
            aliases=tuple(str(each.get("id")) for each in _objects(item, "references") if each.get("id")),
            products=tuple(self._products(item, status, path)),
            status=status,
            justification=justification,
            impact=detail if status != "affected" else "",
            action=action or (detail if status == "affected" else ""),
            notes=str(item.get("detail") or ""),
            timestamp=_moment(analysis.get("lastUpdated")) or _moment(item.get("updated")) or issued,
        )

    def _products(self, item: JsonObject, status: Status, path: str) -> Iterator[Product]:
        for index, each in enumerate(_objects(item, "affects")):
            ref = str(each.get("ref") or "")
            stated = _objects(each, "versions")
            claims = tuple(self._claims(stated, status, f"{path}.affects[{index}]"))
            if stated and not claims:
                continue  # nothing that the statement is true of
            yield Product(name=ref, component=self._listed.get(ref), link=parse_link(ref), versions=claims)

    def _claims(self, stated: list[JsonObject], status: Status, path: str) -> Iterator[VersionClaim]:
        """The versions that a statement is true of."""
        for each in stated:
            said = str(each.get("status") or "affected")  # what CycloneDX takes for said where nothing is
            if (said == "unaffected") is not (status in SILENCING):
                self._note(f"{path} has a version that is {said}, under a statement that is {status}: left out")
                continue
            yield VersionClaim(version=str(each.get("version") or ""), range=str(each.get("range") or ""))

    def _note(self, message: str) -> None:
        self._findings.append(Reason(code="vex.invalid", subject=self._subject, message=message).as_warning())

    def _refusal(self, path: str, message: str) -> Exception:
        return refuse("vex.invalid", self._subject, f"{path} {message}")


def _object(node: JsonObject, key: str) -> JsonObject:
    value = node.get(key)
    return value if isinstance(value, dict) else {}


def _objects(node: JsonObject, key: str) -> list[JsonObject]:
    value = node.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(node: JsonObject, key: str) -> list[str]:
    value = node.get(key)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _moment(value: object) -> datetime | None:
    try:
        return parse_rfc3339(value) if isinstance(value, str) else None
    except ValueError:
        return None  # the schema has passed what else ISO 8601 allows; it is then the oldest
