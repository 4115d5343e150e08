"""SPDX 2.2 and 2.3 in JSON, held against the specification by hand: no schema comes with any library that reads it.

* every fault is told with its path; a document with one is refused
* the one package that is described is the subject; files are components of the type file
* a time with fractions of a second is a time

Source: https://spdx.github.io/spdx-spec/v2.3/; formats/sbom.md section 7.
"""

from __future__ import annotations

import re
from typing import Any, Final

from verifier.core.clock import parse_rfc3339
from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.bom.component import Component
from verifier.formats.bom.document import MAX_TOOLS, BomDocument, Tool
from verifier.formats.bom.faults import Faults, told
from verifier.formats.bom.graph import note_cycle
from verifier.formats.spdx.elements import Reading, weak
from verifier.formats.spdx.item import Item
from verifier.formats.spdx.relationships import DOCUMENT, Relations, read_relationships

VERSIONS: Final = ("SPDX-2.2", "SPDX-2.3")
_CREATOR: Final = re.compile(r"(Person|Organization|Tool):\s*(\S.*)\Z", re.DOTALL)
_TOOL: Final = re.compile(r"(.+?)(?:-(v?\d\S*|\[.*\])|\s+\(?(v?\d[^\s)]*)\)?)?\Z", re.DOTALL)


def read_spdx(tree: dict[str, Any], content: bytes, *, subject: str, budget: Budget) -> BomDocument:
    """The document `tree`, which `content` holds; `Refused` (`sbom.*`, `input.*`) where it is unsound."""
    version = tree.get("spdxVersion")
    if version not in VERSIONS:
        message = f"{told(version)}, expected one of {', '.join(VERSIONS)}"
        raise refuse("sbom.unsupported", subject, message)
    faults = Faults(subject)
    document, reading = Item(tree, "", faults), Reading(faults, budget)
    tools = _head(document, reading)
    items = list(document.items("packages"))
    packages = [reading.package(each) for each in items]
    files = [reading.file(each) for each in document.items("files")]
    for each in document.items("snippets"):
        reading.define(each)
    relations = read_relationships(document, items, reading.places)
    note_cycle(relations.dependencies, faults)
    _note_weak(packages, faults)
    about, components = _sorted_out(packages, files, relations)
    return BomDocument(
        format="spdx",
        spec_version=str(version).removeprefix("SPDX-"),
        digest=Digest.of(content),
        subject=about,
        components=components,
        dependencies=relations.dependencies,
        tools=tools,
        tree=tree,
        findings=faults.settle(),
    )


def _head(document: Item, reading: Reading) -> tuple[Tool, ...]:
    """What the document says of itself; the tools that made it."""
    faults = document.faults
    if reading.define(document) not in ("", DOCUMENT):
        faults.fault("SPDXID", f"is {told(document.value['SPDXID'])}, expected {DOCUMENT}")
    document.text("name", required=True)
    if (terms := document.text("dataLicense", required=True)) and terms != "CC0-1.0":
        faults.fault("dataLicense", f"is {told(terms)}, expected CC0-1.0")
    namespace = document.text("documentNamespace", required=True)
    if namespace and ("#" in namespace or ":" not in namespace):
        faults.fault("documentNamespace", f"is {told(namespace)}, expected a URI without a fragment")
    creation = document.item("creationInfo")
    if creation is None:
        faults.fault("creationInfo", "is missing, expected who made the document, and when")
        return ()
    created = creation.text("created", required=True)
    try:
        parse_rfc3339(created)
    except ValueError:
        if created:
            faults.fault("creationInfo.created", f"is {told(created)}, expected a time with a Z")
    return _tools(creation)


def _tools(creation: Item) -> tuple[Tool, ...]:
    creators = creation.texts("creators")
    if not creators:
        creation.faults.fault("creationInfo.creators", "names nobody, expected a Person, an Organization or a Tool")
    found: list[Tool] = []
    for text, path in creators:
        creator = _CREATOR.match(text)
        if creator is None:
            creation.faults.fault(path, f"is {told(text)}, expected Person:, Organization: or Tool: and a name")
        elif creator[1] == "Tool" and len(found) < MAX_TOOLS:
            tool = _TOOL.match(creator[2].strip()[:1_000])
            if tool is not None:
                found.append(Tool(name=tool[1], version=tool[2] or tool[3] or ""))
    return tuple(found)


def _note_weak(packages: list[Component], faults: Faults) -> None:
    weakly = [each.ref for each in packages if weak(each)]
    if weakly:
        others = f" and {len(weakly) - 1:,} others have" if len(weakly) > 1 else " has"
        faults.doubt(told(weakly[0]) + others, "no digest but MD5 or SHA-1, which anybody can forge")


def _sorted_out(
    packages: list[Component], files: list[Component], relations: Relations
) -> tuple[Component | None, tuple[Component, ...]]:
    """The subject, where one package is described; and what is listed, files with their owners."""
    described = [each for each in packages if each.ref in relations.described]
    about = described[0] if len(relations.described) == 1 and described else None
    owners = dict(relations.owners)
    owned = [each._replace(owner=owners[each.ref]) if each.ref in owners else each for each in files]
    return about, (*(each for each in packages if each is not about), *owned)
