"""A document laid out for rules: its components in a row, and what they refer to, looked up once.

* the tree is the document itself; what is of another type than the format has it counts as not being there
* nothing here costs more than one walk over the document
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from verifier.formats.bom.document import BomDocument

Node: TypeAlias = "dict[str, Any]"

_UNSAID: Final = frozenset({"NOASSERTION", "NONE", "UNKNOWN"})
_UNSAID_LENGTHS: Final = frozenset(map(len, _UNSAID))
WHOLE: Final = "the document"
"""What the document as a whole is called."""
MAX_LABEL: Final = 200
"""Characters of a name that a report repeats."""


def present(value: object) -> bool:
    """Whether `value` is a text that says something: not blank, `NOASSERTION`, `NONE` or `UNKNOWN`."""
    if not isinstance(value, str):
        return False
    said = value.strip()
    return bool(said) and (len(said) not in _UNSAID_LENGTHS or said.upper() not in _UNSAID)


def objects(value: object) -> list[Node]:
    """The objects of an array, or none."""
    if not value or not isinstance(value, list):
        return []
    return [each for each in value if isinstance(each, dict)]


def member(node: Node, key: str) -> Node:
    """The object under `key`, or an empty one."""
    value = node.get(key)
    return value if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """The texts of an array that say something; a text alone is one."""
    given = [value] if isinstance(value, str) else value
    return [each for each in given if present(each)] if isinstance(given, list) else []


class Card(NamedTuple):
    """What several rules ask a CycloneDX component for, sorted once.

    External references with an address by their type; properties that say something by their name; licences, each with
    how it is acknowledged.
    """

    references: dict[str, list[Node]]
    properties: dict[str, list[str]]
    licenses: list[tuple[str, str]]


_BLANK: Final = Card({}, {}, [])


class Sheet:
    """One document while it is judged. No `Value`: what is asked for first is kept."""

    def __init__(self, document: BomDocument, without: frozenset[str] = frozenset()) -> None:
        self.document, self._without = document, without
        self.tree: Node = document.tree if isinstance(document.tree, dict) else {}
        self._sorted_for: Node | None = None
        self._sorted = _BLANK

    @property
    def metadata(self) -> Node:
        """CycloneDX: `metadata`."""
        return member(self.tree, "metadata")

    @property
    def primary(self) -> Node | None:
        """CycloneDX: what the document is about."""
        component = self.metadata.get("component")
        return component if isinstance(component, dict) else None

    @cached_property
    def _all(self) -> tuple[Node, ...]:
        if self.document.format == "spdx":
            return tuple(objects(self.tree.get("packages")))
        roots = [self.primary] if self.primary is not None else []
        return tuple(_nested([*roots, *objects(self.tree.get("components"))], "components"))

    @cached_property
    def components(self) -> tuple[Node, ...]:
        """All components, nested ones and the primary one too; SPDX: packages.

        Of the types that the profile is not about, those only that say they are packages, by a purl.
        """
        return tuple(each for each in self._all if each is self.primary or self._is_meant(each))

    @property
    def left_out(self) -> int:
        """Components of types that the profile is not about."""
        return len(self._all) - len(self.components)

    def _is_meant(self, node: Node) -> bool:
        return node.get("type") not in self._without or present(node.get("purl"))

    def card(self, node: Node) -> Card:
        """What stands on a component, sorted; the last one is kept, since its rules are asked one after another."""
        if self._sorted_for is not node:
            self._sorted_for, self._sorted = node, _card(node)
        return self._sorted

    @cached_property
    def references(self) -> frozenset[str]:
        """CycloneDX: every ref that dependencies can name."""
        named = (*self._all, *_nested(objects(self.tree.get("services")), "services"))
        return frozenset(ref for node in named if isinstance(ref := node.get("bom-ref"), str))

    @cached_property
    def edges(self) -> dict[str, list[str]]:
        """CycloneDX: what each ref depends on or provides; an empty list for a leaf."""
        return {
            entry["ref"]: _edges(entry)
            for entry in objects(self.tree.get("dependencies"))
            if isinstance(entry.get("ref"), str)
        }

    @cached_property
    def targets(self) -> frozenset[str]:
        """CycloneDX: every ref that something depends on."""
        return frozenset(ref for refs in self.edges.values() for ref in refs)

    @cached_property
    def declared(self) -> frozenset[str]:
        """CycloneDX: every ref of which a composition says how complete its parts or dependencies are."""
        return frozenset(
            ref
            for composition in objects(self.tree.get("compositions"))
            if present(composition.get("aggregate")) and composition["aggregate"] != "not_specified"
            for key in ("assemblies", "dependencies")
            for ref in strings(composition.get(key))
        )

    @cached_property
    def relations(self) -> tuple[tuple[str, str, str], ...]:
        """SPDX: what relates how to what, with what `hasFiles` and `documentDescribes` say."""
        found = [
            (str(each.get("spdxElementId")), str(each.get("relationshipType")), str(each.get("relatedSpdxElement")))
            for each in objects(self.tree.get("relationships"))
        ]
        found += [("SPDXRef-DOCUMENT", "DESCRIBES", ref) for ref in strings(self.tree.get("documentDescribes"))]
        found += [
            (str(package.get("SPDXID")), "CONTAINS", ref)
            for package in self.components
            for ref in strings(package.get("hasFiles"))
        ]
        return tuple(found)

    @cached_property
    def described(self) -> frozenset[str]:
        """SPDX: what the document is about."""
        forward = {to for _, how, to in self.relations if how == "DESCRIBES"}
        return frozenset(forward | {what for what, how, _ in self.relations if how == "DESCRIBED_BY"})

    @cached_property
    def related(self) -> frozenset[str]:
        """SPDX: what stands in a relation that is about parts or dependencies, or is said to have none."""
        about = [(what, to) for what, how, to in self.relations if how in PARTS and to != "NOASSERTION"]
        return frozenset(each for pair in about for each in pair)

    def label(self, node: Node) -> str:
        """What a component is called in a report: its purl, else name and version, else its ref."""
        if node is self.tree:
            return WHOLE
        version = node.get("version", node.get("versionInfo"))
        named = f"{node.get('name')}@{version}" if present(version) else str(node.get("name") or "")
        purl = node.get("purl") or _purl_of(node)
        return (purl if present(purl) else named or str(node.get("bom-ref") or node.get("SPDXID") or "?"))[:MAX_LABEL]


PARTS: Final = frozenset(
    {
        *("CONTAINS", "CONTAINED_BY", "DEPENDS_ON", "DEPENDENCY_OF", "DEPENDENCY_MANIFEST_OF", "BUILD_DEPENDENCY_OF"),
        *("DEV_DEPENDENCY_OF", "OPTIONAL_DEPENDENCY_OF", "PROVIDED_DEPENDENCY_OF", "TEST_DEPENDENCY_OF"),
        *("RUNTIME_DEPENDENCY_OF", "STATIC_LINK", "DYNAMIC_LINK", "HAS_PREREQUISITE", "PREREQUISITE_FOR", "PACKAGE_OF"),
        *("EXPANDED_FROM_ARCHIVE", "DISTRIBUTION_ARTIFACT", "GENERATED_FROM", "GENERATES", "VARIANT_OF", "OTHER"),
    }
)
"""SPDX' relations that say what is part of what, or needs what."""


def _card(node: Node) -> Card:
    references: dict[str, list[Node]] = {}
    for each in objects(node.get("externalReferences")):
        if present(each.get("url")):
            references.setdefault(str(each.get("type")), []).append(each)
    properties: dict[str, list[str]] = {}
    for each in objects(node.get("properties")):
        value = each.get("value")
        if present(value):
            properties.setdefault(str(each.get("name")), []).append(str(value))
    licenses = [_license(each) for each in objects(node.get("licenses"))]
    return Card(references, properties, licenses) if references or properties or licenses else _BLANK


def _edges(entry: Node) -> list[str]:
    if "provides" in entry:
        return [*strings(entry.get("dependsOn")), *strings(entry["provides"])]
    return strings(entry.get("dependsOn"))


def _license(entry: Node) -> tuple[str, str]:
    inner = member(entry, "license") or entry
    stated = inner.get("id") or inner.get("name") or entry.get("expression") or ""
    return str(stated), str(inner.get("acknowledgement") or entry.get("acknowledgement") or "")


def _nested(roots: list[Node], key: str) -> Iterator[Node]:
    waiting = roots[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += objects(node.get(key))[::-1]


def _purl_of(package: Node) -> str:
    found = (each.get("referenceLocator") for each in objects(package.get("externalRefs")) if _is_purl(each))
    return str(next(found, ""))


def _is_purl(reference: Node) -> bool:
    return reference.get("referenceType") == "purl"
