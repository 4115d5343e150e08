"""What is nested in what: every component is written once, and one whose parent is not there, or whose parents go round
or too deep, stands by itself and names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from verifier.formats.bom.component import Component

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
