"""From a tree that its schema has passed to values: what is listed, what depends on what, who made it.

* the same for JSON and for XML, which comes as the JSON of the same meaning
* every fault that a schema does not see is told, with its path; then the document is refused
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import COMPONENT
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.bom.component import Component
from verifier.formats.bom.document import MAX_COMPONENTS, MAX_TOOLS, BomDocument, Tool
from verifier.formats.bom.faults import Faults
from verifier.formats.bom.graph import note_cycle
from verifier.formats.cyclonedx.component import Reading
from verifier.formats.cyclonedx.references import Refs, hold_references
from verifier.formats.cyclonedx.schema import Tree


def read_tree(tree: Tree, content: bytes, version: str, *, faults: Faults, budget: Budget) -> BomDocument:
    """The document; `Refused` (`sbom.invalid`, `input.too-large`, `input.too-costly`) where it is unsound."""
    refs = Refs(faults)
    reading = Reading(faults, refs, budget)
    metadata: Tree = tree.get("metadata", {})
    subject, components = None, []
    if "component" in metadata:
        subject, *components = _flattened([metadata["component"]], "metadata.component", reading)
    components += _flattened(tree.get("components", ()), "components", reading)
    refs.walk({key: value for key, value in tree.items() if key not in ("components", "metadata")}, "")
    refs.walk({key: value for key, value in metadata.items() if key != "component"}, "metadata")
    dependencies = hold_references(tree, refs)
    note_cycle(dependencies, faults)
    reading.note_weak()
    return BomDocument(
        format="cyclonedx",
        spec_version=version,
        digest=Digest.of(content),
        subject=subject,
        components=tuple(components),
        dependencies=dependencies,
        tools=_tools(metadata.get("tools", ())),
        tree=tree,
        findings=faults.settle(),
    )


def _flattened(items: list[Tree] | tuple[()], path: str, reading: Reading) -> list[Component]:
    """Every component, those nested in it behind it; `path` is that of the list, or of the one that is given."""
    found: list[Component] = []
    one = path == "metadata.component"
    pending: list[tuple[Iterator[tuple[int, Tree]], str, str]] = [(iter(enumerate(items)), path, "")]
    while pending:
        level, above, parent = pending[-1]
        following = next(level, None)
        if following is None:
            pending.pop()
            continue
        index, item = following
        here = above if one and len(pending) == 1 else f"{above}[{index}]"
        component = reading.component(item, here, parent)
        found.append(component)
        _pay(reading, len(found))
        if "components" in item:
            pending.append((iter(enumerate(item["components"])), f"{here}.components", component.ref))
    return found


def _pay(reading: Reading, count: int) -> None:
    if count > MAX_COMPONENTS:
        message = f"more than {MAX_COMPONENTS:,} components; at most so many are read"
        raise refuse("input.too-large", reading.faults.subject, message)
    reading.budget.spend(COMPONENT, subject=reading.faults.subject)


def _tools(tools: list[Tree] | Tree | tuple[()]) -> tuple[Tool, ...]:
    """What made the document: a list of tools, and from 1.5 on components and services."""
    made = [*tools.get("components", ()), *tools.get("services", ())] if isinstance(tools, dict) else tools
    return tuple(Tool(name=each.get("name", ""), version=str(each.get("version", ""))) for each in made[:MAX_TOOLS])
