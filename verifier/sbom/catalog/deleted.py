"""What later layers of an image delete, listed beside what is left: whoever hands the image out hands it out too.

* each is told the layer that deletes it, and counts once, as it was last
* nothing of it is taken for part of what runs: it depends on nothing, and nothing on it
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from verifier.core.value import replace
from verifier.evidence.contents import Contents
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import FILE, Component

DELETED_BY: Final = "verifier:oci:deleted-by"
"""The digest of the layer that deletes or replaces a component."""


def with_deleted(catalog: Catalog, contents: Contents, listing: Callable[[Contents], Catalog]) -> Catalog:
    """`catalog` of `contents`, with what `listing` finds in the states before it and not in it."""
    known = set(map(_key, catalog.components))
    refs = {each.ref for each in catalog.components}
    deleted: list[Component] = []
    findings = dict.fromkeys(catalog.findings)
    for state in contents.before:
        by = str(contents.layers[len(state.layers)])
        below = listing(state)
        findings |= dict.fromkeys(below.findings)
        for each in below.components:
            if (key := _key(each)) in known:
                continue
            known.add(key)
            made = _deleted(each, by, refs)
            refs.add(made.ref)
            deleted.append(made)
    components = sorted((*catalog.components, *deleted), key=lambda each: each.ref)
    return replace(catalog, components=tuple(components), findings=tuple(findings))


def _deleted(component: Component, by: str, refs: set[str]) -> Component:
    """A component as one that is there no longer, under a ref that nothing has."""
    ref = component.ref
    if ref in refs:
        ref = f"{ref}#{by}"
    number = 2
    while ref in refs:
        ref, number = f"{component.ref}#{by}#{number}", number + 1
    properties = (*component.properties, (DELETED_BY, by))
    return component._replace(ref=ref, owner="", parent="", properties=properties)


def _key(component: Component) -> tuple[object, ...]:
    """What makes it the same component in two states; a file is another one with other bytes."""
    named = (component.ecosystem, component.namespace, component.name, component.version, component.qualifiers)
    return (*named, component.path, component.hashes) if component.ecosystem == FILE else named
