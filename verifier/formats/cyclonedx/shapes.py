"""What stands where in a CycloneDX document, as its JSON schema says: objects, lists, numbers, truth values, texts.

A shape is worked out when it is first asked for: a schema refers to itself, as components hold components.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, Final

from verifier.formats.cyclonedx.schema import json_schema

Node = Mapping[str, Any]
_CHOICES: Final = ("oneOf", "anyOf", "allOf")


class Shape:
    """One place in a document, by the nodes of the schema that it may follow."""

    def __init__(self, nodes: tuple[Node, ...], schema: Node) -> None:
        self._schema = schema
        self._nodes = tuple(each for node in nodes for each in _resolved(node, schema))

    @cached_property
    def kind(self) -> str:
        """ "object", "array", "boolean", "number", "integer" or "string"."""
        kinds = [node.get("type", "object" if "properties" in node else "") for node in self._nodes]
        return next((kind for kind in ("object", "array", "boolean", "integer", "number") if kind in kinds), "string")

    @cached_property
    def may_be_list(self) -> bool:
        """Whether it is a list in some documents."""
        return any(node.get("type") == "array" for node in self._nodes)

    @cached_property
    def members(self) -> Mapping[str, Shape]:
        """The shapes of what an object may hold."""
        found: dict[str, list[Node]] = {}
        for node in self._nodes:
            for name, below in node.get("properties", {}).items():
                found.setdefault(name, []).append(below)
        return {name: Shape(tuple(nodes), self._schema) for name, nodes in found.items()}

    @cached_property
    def item(self) -> Shape:
        """The shape of the items of a list."""
        nodes: list[Node] = []
        for node in self._nodes:
            below = node.get("items", ())
            nodes += [below] if isinstance(below, dict) else below
        return Shape(tuple(nodes), self._schema)


@cache
def shape_of(version: str) -> Shape:
    """The shape of a whole document of this version."""
    schema = json_schema(f"bom-{version}.SNAPSHOT.schema.json")
    return Shape((schema,), schema)


def _resolved(node: Node, schema: Node) -> list[Node]:
    """A node and what it stands for, or chooses among."""
    found: list[Node] = []
    pending, seen = [node], set()
    while pending:
        each = pending.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        found.append(each)
        reference = each.get("$ref", "")
        if reference.startswith("#/definitions/"):
            pending.append(schema["definitions"][reference.removeprefix("#/definitions/")])
        for choice in _CHOICES:
            pending += [option for option in each.get(choice, ()) if isinstance(option, dict)]
    return found
