"""What decides in CycloneDX documents, 1.4 to 1.7: a function for each thing that a standard can ask for.

Source: CycloneDX 1.6; TR-03183-2 2.1.0 section 8.2 for the paths that BSI gives.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.formats.purl import parse_purl
from verifier.sbom.quality.rule import MISSING, Check
from verifier.sbom.quality.sheet import Node, Sheet, member, objects, present, strings
from verifier.sbom.quality.values import (
    STRONG,
    contact,
    first_problem,
    moment,
    shown,
    spdx_license,
    strong_digest,
    uri,
)

_SERIAL: Final = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)


def text(key: str) -> Check:
    """A text under `key`."""
    return lambda _, node: "" if present(node.get(key)) else MISSING


def own_version(_: Sheet, node: Node) -> str:
    """A version, which is the purl's letter for letter where that has one; rpm and deb keep an epoch elsewhere."""
    version, purl = node.get("version"), node.get("purl")
    if not present(version):
        return MISSING
    if not isinstance(purl, str) or "@" not in purl or purl.endswith(f"@{version}"):
        return ""
    try:
        parsed = parse_purl(purl)
    except ValueError:
        return f"{shown(str(version))}, and its purl is none"
    if parsed.version is None or parsed.type in {"rpm", "deb"} or parsed.version == version:
        return ""
    return f"{shown(str(version))}, and its purl has {shown(parsed.version)}"


def author(sheet: Sheet, _: Node) -> str:
    """Somebody who wrote the document: a person, or since 1.6 an organisation."""
    people = objects(sheet.metadata.get("authors"))
    if sheet.document.spec_version not in {"1.4", "1.5"}:  # before, it is who made the component
        people.append(member(sheet.metadata, "manufacturer"))
    return "" if any(present(each.get("name")) or present(each.get("email")) for each in people) else MISSING


def author_or_tool(sheet: Sheet, node: Node) -> str:
    """Somebody or something that wrote the document."""
    return "" if not author(sheet, node) else tool(sheet, node)


def tool(sheet: Sheet, _: Node) -> str:
    """A tool with its name, as since 1.5 or as before."""
    tools = sheet.metadata.get("tools")
    found = (
        [*objects(tools.get("components")), *objects(tools.get("services"))]
        if isinstance(tools, dict)
        else objects(tools)
    )
    return "" if any(present(each.get("name")) for each in found) else MISSING


def timestamp(sheet: Sheet, _: Node) -> str:
    """When the data was compiled."""
    given = sheet.metadata.get("timestamp")
    return moment(str(given)) if present(given) else MISSING


def lifecycle(sheet: Sheet, _: Node) -> str:
    """In which phase it came about; that there is a timestamp says nothing of it."""
    phases = objects(sheet.metadata.get("lifecycles"))
    return "" if any(present(each.get("phase")) or present(each.get("name")) for each in phases) else MISSING


def completeness(sheet: Sheet, _: Node) -> str:
    """Whether anything is said of how complete the document is."""
    said = (each.get("aggregate") for each in objects(sheet.tree.get("compositions")))
    return "" if any(present(each) and each != "not_specified" for each in said) else MISSING


def no_vulnerabilities(sheet: Sheet, _: Node) -> str:
    """Nothing about vulnerabilities inside."""
    found = sheet.tree.get("vulnerabilities")
    return f"holds {len(found)} vulnerabilities, expected none" if isinstance(found, list) and found else ""


def serial_number(sheet: Sheet, _: Node) -> str:
    """The document's own URI."""
    given = sheet.tree.get("serialNumber")
    if not present(given):
        return MISSING
    return "" if _SERIAL.match(str(given)) else f"{shown(str(given))}, expected urn:uuid: with a UUID"


def at_least(major: int, minor: int) -> Check:
    """A version of CycloneDX that is new enough."""

    def check(sheet: Sheet, _: Node) -> str:
        parts = sheet.document.spec_version.split(".")
        version = tuple(int(part) for part in parts if part.isdecimal())
        wanted = f"CycloneDX {major}.{minor} or later"
        return "" if version >= (major, minor) else f"CycloneDX {sheet.document.spec_version}, expected {wanted}"

    return check


def organisation(*keys: str) -> Check:
    """An organisation with a name, under one of the keys."""
    return lambda _, node: "" if any(present(member(node, key).get("name")) for key in keys) else MISSING


def reachable(of: Node) -> str:
    """An organisation's e-mail address, else its URL."""
    emails = [each["email"] for each in objects(of.get("contact")) if present(each.get("email"))]
    return contact(emails, strings(of.get("url")))


def manufacturer(_: Sheet, node: Node) -> str:
    """Who made a component, so that they can be reached."""
    return reachable(member(node, "manufacturer"))


def creator(sheet: Sheet, _: Node) -> str:
    """Who made the document, so that they can be reached."""
    return reachable(member(sheet.metadata, "manufacturer"))


def identifier(_: Sheet, node: Node) -> str:
    """At least one identifier that others can look up."""
    simple = present(node.get("purl")) or present(node.get("cpe")) or present(member(node, "swid").get("tagId"))
    return "" if simple or strings(node.get("omniborId")) or strings(node.get("swhid")) else MISSING


def digest(_: Sheet, node: Node) -> str:
    """A digest of the component, with its algorithm."""
    found = [(str(each.get("alg")), str(each.get("content"))) for each in objects(node.get("hashes"))]
    if any(strong_digest(*each) for each in found):
        return ""
    return f"{', '.join(sorted({each for each, _ in found}))}, expected SHA-256 or better" if found else MISSING


def licensed(sheet: Sheet, node: Node) -> str:
    """A licence that is stated, in whatever form."""
    return "" if any(present(stated) for stated, _ in sheet.card(node).licenses) else MISSING


def acknowledged(how: str) -> Check:
    """SPDX licences that are acknowledged as `how`."""

    def check(sheet: Sheet, node: Node) -> str:
        stated = [each for each, said in sheet.card(node).licenses if said == how and present(each)]
        return next((problem for each in stated if (problem := spdx_license(each))), "") if stated else MISSING

    return check


def reference(*types: str) -> Check:
    """The URI of an external reference of one of the types."""

    def check(sheet: Sheet, node: Node) -> str:
        given = sheet.card(node).references
        if not given:
            return MISSING
        return first_problem(uri(str(each["url"])) for type_ in types for each in given.get(type_, ()))

    return check


def reference_digest(type_: str, algorithm: str) -> Check:
    """A digest of one algorithm on an external reference."""
    length = STRONG[algorithm.replace("-", "")]

    def check(sheet: Sheet, node: Node) -> str:
        given = sheet.card(node).references.get(type_)
        if not given:
            return MISSING
        stated = [each for reference in given for each in objects(reference.get("hashes"))]
        if any(each.get("alg") == algorithm and strong_digest(algorithm, str(each.get("content"))) for each in stated):
            return ""
        named = ", ".join(sorted({str(each.get("alg")) for each in stated}))
        return f"{named}, expected {algorithm} of {length} hex digits" if named else MISSING

    return check


def property_of(key: str, *allowed: str) -> Check:
    """A property that is one of the allowed values."""

    def check(sheet: Sheet, node: Node) -> str:
        given = sheet.card(node).properties.get(key)
        if not given:
            return MISSING
        if len(set(given)) > 1:
            return f"said {len(given)} times, with different values"
        return "" if given[0] in allowed else f"{shown(given[0])}, expected {' or '.join(map(repr, allowed))}"

    return check


def filename(sheet: Sheet, node: Node) -> str:
    """The name of the component's file, without a path."""
    given = sheet.card(node).properties.get("bsi:component:filename")
    if not given:
        return MISSING
    wrong = next((each for each in given if not {"/", "\\"}.isdisjoint(each)), None)
    return f"{shown(wrong)}, expected a name without a path" if wrong is not None else ""


def effective_license(sheet: Sheet, node: Node) -> str:
    """The licence that the creator of the document uses the component under."""
    return first_problem(map(spdx_license, sheet.card(node).properties.get("bsi:component:effectiveLicense", ())))


def top_level(sheet: Sheet, _: Node) -> str:
    """The primary component says what it directly consists of."""
    if sheet.primary is None:
        return "has no metadata.component that anything could belong to"
    ref = sheet.primary.get("bom-ref")
    if sheet.edges.get(str(ref)) or objects(sheet.primary.get("components")):
        return ""
    others = len(sheet.components) - 1
    if others:
        return f"lists {others} components, and does not say which of them its primary one consists of"
    return "" if ref in sheet.edges else "says nothing of what its primary component depends on"


def in_graph(sheet: Sheet, node: Node) -> str:
    """A component depends on something, is depended on, or is said to be a leaf."""
    ref = node.get("bom-ref")
    if not isinstance(ref, str):
        return "has no bom-ref, so that nothing can refer to it"
    return "" if ref in sheet.edges or ref in sheet.targets else "stands in no dependency"


def dependencies(sheet: Sheet, node: Node) -> str:
    """A component has an entry, and what that names is there."""
    ref = node.get("bom-ref")
    if not isinstance(ref, str):
        return "has no bom-ref, so that nothing can refer to it"
    if ref not in sheet.edges:
        return "has no entry in dependencies; a leaf has an empty one"
    lost = next((each for each in sheet.edges[ref] if each not in sheet.references), None)
    return f"depends on {shown(lost)}, which the document does not list" if lost is not None else ""


def graph(sheet: Sheet, _: Node) -> str:
    """The graph begins at the primary component, and every entry is of something that is listed."""
    if sheet.primary is None:
        return "has no metadata.component at which dependencies begin"
    lost = next((ref for ref in sheet.edges if ref not in sheet.references), None)
    return f"has dependencies of {shown(lost)}, which it does not list" if lost is not None else ""


def enumerated(sheet: Sheet, node: Node) -> str:
    """A composition says of this very component how complete its list is."""
    ref = node.get("bom-ref")
    return "" if isinstance(ref, str) and ref in sheet.declared else "named by no composition with an aggregate"
