"""A document of plain values as XML: the same content, the same number.

* ASCII: whatever lies beyond is a character reference, so that a terminal shows it and does nothing else
* what XML 1.0 cannot hold is written out as `\\u001b`, and how many such characters there were is a property
* linear: written front to back, one component after the other

Source: the XSD of CycloneDX 1.5, 1.6 and 1.7.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from verifier.formats.bom.unwritable import as_xml

ESCAPED: Final = "verifier:xml:escaped"
"""The property that says how many characters XML could not hold."""
_ATTRIBUTES: Final[tuple[str, ...]] = ("type", "mime-type", "isExternal", "bom-ref")
_ORDER: Final = (
    *("supplier", "group", "name", "version", "versionRange", "description", "hashes", "licenses", "cpe", "purl"),
    *("externalReferences", "properties", "components", "evidence"),
)
"""The elements of a component as its XSD wants them."""
_PLAIN: Final = re.compile(r"[ !#-%'-;=?-~]*\Z")
"""What means the same in a text and in an attribute as it does by itself."""
_REFERENCES: Final = {"\x7f": "&#127;", "\r": "&#13;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


class XmlForm:
    """Writes one document; `escaped` counts the characters that XML could not hold."""

    def __init__(self) -> None:
        self.escaped = 0
        self._elements: Mapping[str, Callable[[Any], Iterator[str]]] = {
            "supplier": lambda entity: self._wrapped("supplier", self._text("name", entity["name"])),
            "hashes": self._hashes,
            "licenses": self._licenses,
            "externalReferences": self._references,
            "properties": self._properties,
            "components": self._components,
            "evidence": self._evidence,
        }

    def write(self, document: dict[str, Any]) -> bytes:
        """The document, whose serial number is set already."""
        # The components first: what is counted in them stands before them.
        listed = list(self._components(document["components"]))
        graph = [*self._dependencies(document["dependencies"]), *self._compositions(document["compositions"])]
        head = list(self._metadata(document["metadata"], ()))
        if self.escaped:
            head = list(self._metadata(document["metadata"], ((ESCAPED, str(self.escaped)),)))
        namespace = f"http://cyclonedx.org/schema/bom/{document['specVersion']}"
        pieces = (
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<bom xmlns="{namespace}" serialNumber="{document["serialNumber"]}" version="1">\n',
            *head,
            *listed,
            *graph,
            "</bom>\n",
        )
        return "".join(pieces).encode("ascii", "xmlcharrefreplace")

    def _metadata(self, metadata: dict[str, Any], more: tuple[tuple[str, str], ...]) -> Iterator[str]:
        yield "<metadata>\n"
        if "timestamp" in metadata:
            yield from self._text("timestamp", metadata["timestamp"])
        phases = "".join(f"<lifecycle><phase>{each['phase']}</phase></lifecycle>" for each in metadata["lifecycles"])
        yield f"<lifecycles>{phases}</lifecycles>\n<tools>"
        yield from self._components(metadata["tools"]["components"])
        yield "</tools>\n"
        if "authors" in metadata:
            authors = (
                "".join(self._wrapped("author", self._text("name", each["name"]))) for each in metadata["authors"]
            )
            yield f"<authors>{''.join(authors)}</authors>\n"
        yield from self._component(metadata["component"])
        yield from self._properties(
            [*metadata["properties"], *({"name": name, "value": value} for name, value in more)]
        )
        yield "</metadata>\n"

    def _components(self, components: list[dict[str, Any]]) -> Iterator[str]:
        yield "<components>\n"
        for component in components:
            yield from self._component(component)
        yield "</components>\n"

    def _component(self, component: dict[str, Any]) -> Iterator[str]:
        given = [(key, component[key]) for key in _ATTRIBUTES if key in component]
        yield "<component"
        for key, value in given:
            yield f' {key}="{"true" if value is True else self._escaped(value)}"'
        yield ">"
        for key in _ORDER:
            if key in component:
                value = component[key]
                yield from self._elements[key](value) if key in self._elements else self._text(key, value)
        yield "</component>\n"

    def _hashes(self, hashes: list[dict[str, str]]) -> Iterator[str]:
        each = "".join(f'<hash alg="{one["alg"]}">{one["content"]}</hash>' for one in hashes)
        yield f"<hashes>{each}</hashes>"

    def _licenses(self, licenses: list[dict[str, Any]]) -> Iterator[str]:
        yield "<licenses>"
        for each in licenses:
            said = each.get("license", each)
            by = f' acknowledgement="{said["acknowledgement"]}"' if "acknowledgement" in said else ""
            if "expression" in each:
                yield f"<expression{by}>{self._escaped(each['expression'])}</expression>"
                continue
            key = "id" if "id" in said else "name"
            yield f"<license{by}><{key}>{self._escaped(said[key])}</{key}></license>"
        yield "</licenses>"

    def _references(self, references: list[dict[str, Any]]) -> Iterator[str]:
        yield "<externalReferences>"
        for each in references:
            yield f'<reference type="{each["type"]}">'
            for key in ("url", "comment"):
                if key in each:
                    yield from self._text(key, each[key])
            if "hashes" in each:
                yield from self._hashes(each["hashes"])
            yield "</reference>"
        yield "</externalReferences>"

    def _properties(self, properties: list[dict[str, str]]) -> Iterator[str]:
        yield "<properties>"
        for each in properties:
            yield f'<property name="{self._escaped(each["name"])}">{self._escaped(each["value"])}</property>'
        yield "</properties>"

    def _evidence(self, evidence: dict[str, Any]) -> Iterator[str]:
        yield "<evidence><occurrences>"
        for each in evidence["occurrences"]:
            yield f"<occurrence><location>{self._escaped(each['location'])}</location></occurrence>"
        yield "</occurrences></evidence>"

    def _dependencies(self, dependencies: list[dict[str, Any]]) -> Iterator[str]:
        yield "<dependencies>\n"
        for each in dependencies:
            below = "".join(f'<dependency ref="{self._escaped(ref)}"/>' for ref in each.get("dependsOn", ()))
            yield f'<dependency ref="{self._escaped(each["ref"])}">{below}</dependency>\n'
        yield "</dependencies>\n"

    def _compositions(self, compositions: list[dict[str, Any]]) -> Iterator[str]:
        yield "<compositions>"
        for each in compositions:
            parts = "".join(f'<assembly ref="{self._escaped(ref)}"/>' for ref in each["assemblies"])
            how = f"<aggregate>{each['aggregate']}</aggregate>"
            yield f"<composition>{how}<assemblies>{parts}</assemblies></composition>"
        yield "</compositions>\n"

    def _wrapped(self, name: str, pieces: Iterator[str]) -> Iterator[str]:
        yield f"<{name}>"
        yield from pieces
        yield f"</{name}>"

    def _text(self, name: str, value: str) -> Iterator[str]:
        yield f"<{name}>{self._escaped(value)}</{name}>"

    def _escaped(self, text: str) -> str:
        if _PLAIN.match(text):
            return text
        text, count = as_xml(text)
        self.escaped += count
        return escape(text, _REFERENCES)
