"""What every format says of a catalogue: the artifact itself, what depends on what, how whole the list is.

* an entry without dependencies says that there are none, so it is written only where somebody looked: for what the
  catalogue has an entry for, and for components of an ecosystem of which it has edges
* the artifact depends on what nothing else depends on, where the catalogue does not say
* an edge to what is not there is left out: it is no part of this artifact
"""

from __future__ import annotations

from typing import Final

from verifier.formats.bom.catalog import Catalog, Integrity
from verifier.formats.bom.component import FILE, Component

TOOL: Final = "policy-verifier"
COMPLETE: Final = "verifier:complete"
"""The property, one for each ecosystem of which every component is listed."""
KIND: Final = "verifier:kind"
DIGEST: Final = "verifier:digest"


def root_of(catalog: Catalog) -> str:
    """The ref of the artifact itself."""
    return catalog.subject.ref or f"{catalog.kind}:{catalog.subject.name}"


def subject_of(catalog: Catalog) -> Component:
    """The artifact as a component, with all that is said of it."""
    subject = catalog.subject
    if subject.ecosystem == "oci" and not subject.namespace:  # its purl names the last part alone
        namespace, _, name = subject.name.rpartition("/")
        subject = subject._replace(namespace=namespace, name=name)
    return subject._replace(
        ref=root_of(catalog),
        properties=(
            *catalog.subject.properties,
            *catalog.properties,
            *((DIGEST, str(digest)) for digest in catalog.digests),
        ),
    )


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


def said_of(catalog: Catalog, *, files: bool) -> list[tuple[str, str]]:
    """What is said of the list itself."""
    found = [(KIND, catalog.kind), *((COMPLETE, each) for each in sorted(catalog.ecosystems))]
    if files and catalog.integrity is not None:
        found += _integrity(catalog.integrity)
    return found


def _integrity(integrity: Integrity) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in ("altered", "missing", "unowned", "unchecked"):
        found += [(f"verifier:file:{name}", path) for path in getattr(integrity, name)]
    return found
