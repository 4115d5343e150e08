"""What refers to what in a CycloneDX document: every `bom-ref` once, and no reference to nothing.

* a `bom-ref` names one thing in the whole document, whatever kind of thing it is; a tool that is written out twice, as
  the tool and as an annotator, each time the same, is one thing
* dependencies, compositions and vulnerabilities name what is there, once
* a BOM-Link (`urn:cdx:`) names something in another document, which is not asked

Source: CycloneDX 1.6, `refType`, `refLinkType`, `bomLinkElementType`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from verifier.formats.bom.faults import Faults, told
from verifier.formats.cyclonedx.schema import Tree

_ELSEWHERE: Final = "urn:cdx:"


class Refs:
    """Every `bom-ref` of a document, and where it stands first. Changes."""

    __slots__ = ("_beside", "_places", "faults")

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._places: dict[str, str] = {}
        self._beside: dict[str, Tree] = {}

    def define(self, ref: str, path: str) -> None:
        """Note a `bom-ref`; a fault where another has it."""
        before = self._places.setdefault(ref, path)
        if before is not path:
            self.faults.fault(path, f"is {told(ref)}, which {before} is already")

    def walk(self, value: Any, path: str) -> None:
        """Note every `bom-ref` within `value`."""
        pending: list[tuple[Any, str]] = [(value, path)]
        while pending:
            each, here = pending.pop()
            if isinstance(each, dict):
                ref = each.get("bom-ref")
                if isinstance(ref, str) and not self._is_said_again(ref, each):
                    self.define(ref, f"{here}.bom-ref")
                pending += [(item, f"{here}.{key}" if here else key) for key, item in each.items() if _may_hold(item)]
            elif isinstance(each, list):
                pending += [(item, f"{here}[{index}]") for index, item in enumerate(each) if _may_hold(item)]

    def _is_said_again(self, ref: str, what: Tree) -> bool:
        """Whether the very same was met before, beside the components: cdxgen is its own annotator."""
        before = self._beside.setdefault(ref, what)
        return before is not what and before == what

    def hold(self, ref: str, path: str) -> None:
        """A fault where nothing in the document has this ref."""
        if ref not in self._places and not ref.startswith(_ELSEWHERE):
            self.faults.fault(path, f"refers to {told(ref)}, which nothing in the document is")


def hold_references(tree: Tree, refs: Refs) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The dependencies, once every reference is held against what is there."""
    for ref, path in _other_references(tree):
        refs.hold(ref, path)
    found: dict[str, tuple[str, ...]] = {}
    for index, entry in enumerate(tree.get("dependencies", ())):
        path, ref = f"dependencies[{index}]", entry["ref"]
        refs.hold(ref, f"{path}.ref")
        if ref in found:
            refs.faults.fault(f"{path}.ref", f"is {told(ref)}, of which another entry says what it depends on")
        needed = tuple(entry.get("dependsOn", ()))
        for key in ("dependsOn", "provides"):
            for number, each in enumerate(entry.get(key, ())):
                refs.hold(each, f"{path}.{key}[{number}]")
        found[ref] = needed
    return tuple(found.items())


def _other_references(tree: Tree) -> Iterator[tuple[str, str]]:
    for index, composition in enumerate(tree.get("compositions", ())):
        for key in ("assemblies", "dependencies", "vulnerabilities"):
            yield from _texts(composition.get(key, ()), f"compositions[{index}].{key}")
    for index, annotation in enumerate(tree.get("annotations", ())):
        yield from _texts(annotation.get("subjects", ()), f"annotations[{index}].subjects")
    for index, vulnerability in enumerate(tree.get("vulnerabilities", ())):
        for number, affected in enumerate(vulnerability.get("affects", ())):
            yield affected["ref"], f"vulnerabilities[{index}].affects[{number}].ref"


def _texts(items: Iterable[str], path: str) -> Iterator[tuple[str, str]]:
    for index, item in enumerate(items):
        yield item, f"{path}[{index}]"


def _may_hold(value: Any) -> bool:
    return isinstance(value, dict | list)
