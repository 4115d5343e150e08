"""A bill of materials: its format, what it is about, how much it lists, who is said to have made it and with what."""

from __future__ import annotations

from collections import Counter
from typing import Final

from verifier.core.errors import Refused
from verifier.formats.bom.document import BomDocument
from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Fact, Given, facts
from verifier.sbom.reading import read_bom

TARGET: Final = ("TARGET", "what the SBOM is about: an image, a bundle, a project or an environment")
_TYPES: Final = 20


def describe(given: Given) -> Described:
    """What the SBOM says; never raises for what it reads."""
    check = checks.check(
        "sbom", "check", checks.reference_word(given.reference), "--against", TARGET[0], unknown=(TARGET,)
    )
    try:
        read = read_bom(given.content, subject=given.name, limits=given.limits)
    except Refused as refusal:
        return Described(what="an SBOM", check=check, faults=refusal.reasons)
    name = "CycloneDX" if read.format == "cyclonedx" else "SPDX"
    return Described(
        what=f"an SBOM ({name} {read.spec_version}), which nobody signed",
        check=check,
        facts=_facts(read),
        notes=read.findings,
    )


def _facts(read: BomDocument) -> tuple[Fact, ...]:
    types = Counter(
        each.purl.removeprefix("pkg:").partition("/")[0] if each.purl else "(no package URL)"
        for each in read.components
    )
    subject = read.subject
    return facts(
        about=None if subject is None else f"{subject.name} {subject.version or ''}".strip(),
        components=len(read.components),
        package_types=[f"{kind} {count}" for kind, count in types.most_common(_TYPES)],
        dependencies=sum(len(depends) for _, depends in read.dependencies),
        tools=[f"{each.name} {each.version}".strip() for each in read.tools],
        author=_authors(read.tree),
        written=_written(read.tree),
        serial_number=_text(read.tree, "serialNumber") or _text(read.tree, "documentNamespace"),
    )


def _authors(tree: object) -> list[str]:
    """Who is said to have made it: people and organisations; SPDX names tools in the same list."""
    if not isinstance(tree, dict):
        return []
    metadata, creation = tree.get("metadata"), tree.get("creationInfo")
    found: list[str] = []
    if isinstance(metadata, dict):
        listed = metadata.get("authors")
        made = [*(listed if isinstance(listed, list) else ()), metadata.get("manufacturer"), metadata.get("supplier")]
        found += [each["name"] for each in made if isinstance(each, dict) and isinstance(each.get("name"), str)]
    if isinstance(creation, dict) and isinstance(creation.get("creators"), list):
        found += [each for each in creation["creators"] if isinstance(each, str) and not each.startswith("Tool:")]
    return found[:_TYPES]


def _written(tree: object) -> str | None:
    for place, name in (("metadata", "timestamp"), ("creationInfo", "created")):
        within = tree.get(place) if isinstance(tree, dict) else None
        if (said := _text(within, name)) is not None:
            return said
    return None


def _text(tree: object, name: str) -> str | None:
    found = tree.get(name) if isinstance(tree, dict) else None
    return found if isinstance(found, str) else None
