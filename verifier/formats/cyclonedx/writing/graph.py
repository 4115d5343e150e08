"""How the components of a document hang together: what is nested in what, and what depends on what.

* every component is written once: one whose parent is not there, or whose parents go round or too deep, stands by
  itself
* an entry without dependencies says that there are none, so it is written only where somebody looked: for what the
  catalogue has an entry for, and for components of an ecosystem of which it has edges
* the artifact depends on what nothing else depends on, where the catalogue does not say
* an edge to what is not there is left out: it is no part of this artifact
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import FILE, Component

MAX_NESTED: Final = 8
"""Levels of components within components: deeper ones are named by a property."""
PARENT: Final = "verifier:parent"
"""The property that names a parent in which its component is not nested."""


def nested(components: Sequence[Component], written: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """`written`, one for each of `components`, as a tree: each with what is nested in it."""
    above = {component.ref: component.parent for component in components}
    by_ref = {component.ref: each for component, each in zip(components, written, strict=True)}
    top: list[dict[str, Any]] = []
    for component, each in zip(components, written, strict=True):
        if not component.parent:
            top.append(each)
        elif _ends(component.ref, above):
            by_ref[component.parent].setdefault("components", []).append(each)
        else:
            each.setdefault("properties", []).append({"name": PARENT, "value": component.parent})
            top.append(each)
    return top


def _ends(ref: str, above: Mapping[str, str]) -> bool:
    """Whether the way up ends, within what may be nested, at a component that is in no other."""
    for _ in range(MAX_NESTED + 1):
        if ref not in above:
            return False
        if not above[ref]:
            return True
        ref = above[ref]
    return False


def edges_of(catalog: Catalog, root: str) -> list[tuple[str, tuple[str, ...]]]:
    """The pairs of the document's `dependencies`, sorted."""
    there = {component.ref: component for component in catalog.components}
    found = {ref: set(others) & there.keys() for ref, others in catalog.dependencies if ref in there or ref == root}
    for component in catalog.components:
        if component.owner in there and component.ecosystem != FILE:
            found.setdefault(component.owner, set()).add(component.ref)
    known = {there[ref].ecosystem for ref, others in found.items() if others and ref in there}
    for ref, component in there.items():
        if component.ecosystem in known:
            found.setdefault(ref, set())
    if root not in found:
        below = {ref for others in found.values() for ref in others}
        found[root] = {ref for ref, each in there.items() if each.ecosystem != FILE and ref not in below}
    return [(ref, tuple(sorted(others - {ref}))) for ref, others in sorted(found.items())]
