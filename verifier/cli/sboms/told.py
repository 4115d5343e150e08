"""What is said, on standard error, of an SBOM that was made: what is in it, what is not known, what is in question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.core.text.extras import how_to_install

if TYPE_CHECKING:
    from verifier.formats.bom.catalog import Catalog
    from verifier.formats.bom.component import Component
    from verifier.sbom.generate import Written

_AGGREGATES = {
    "complete": "complete",
    "incomplete": "incomplete",
    "unknown": "not known to be complete",
}
_INCLUDED = "verifier:included:"
_NO_SCHEMA = f"not held against the official schema. {how_to_install('sbom')}"
_NO_TIME = "no time is stated: set SOURCE_DATE_EPOCH where somebody asks for one"


def told(catalog: Catalog, written: Written, *, form: str, timed: bool) -> Iterator[str]:
    """Line by line."""
    yield f"{form} of {catalog.kind} {catalog.subject.name}: {_counts(catalog)}"
    yield f"  the list is {_AGGREGATES[catalog.aggregate]}{_why(catalog)}"
    yield from _included(catalog)
    if catalog.integrity is not None:
        each = catalog.integrity
        yield (
            f"  files of packages: {len(each.altered)} altered, {len(each.missing)} missing; "
            f"{len(each.unowned)} unowned, {len(each.unchecked)} without a digest to hold them against"
        )
    if written.escaped:
        yield f"  {written.escaped} characters that XML cannot hold are written as \\uXXXX"
    if not timed:
        yield f"  {_NO_TIME}"
    if not written.validated and form.startswith("CycloneDX"):
        yield f"  {_NO_SCHEMA}"


def _why(catalog: Catalog) -> str:
    """What an incomplete list lacks, where that is not said by a warning alone."""
    if catalog.aggregate != "incomplete":
        return ""
    if catalog.integrity is not None and (unowned := len(catalog.integrity.unowned)):
        files = "1 file is" if unowned == 1 else f"{unowned} files are"
        return f": {files} of no package and not listed (--files lists every file)"
    return ": what could not be looked into is named below"


def _counts(catalog: Catalog) -> str:
    counts = Counter(_group(component, catalog.kind) for component in catalog.components)
    listed = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    many = "1 component" if len(catalog.components) == 1 else f"{len(catalog.components)} components"
    return f"{many} ({listed})" if counts else "no components"


def _group(component: Component, kind: str) -> str:
    if component.type == "platform":
        return "engine"
    if kind == "bundle" and component.type == "library":
        return "Rego"
    return component.ecosystem or component.type


def _included(catalog: Catalog) -> Iterator[str]:
    """What was included, as the catalogue says it: the locks of a project, their groups and extras."""
    said: dict[str, list[str]] = {}
    for name, value in catalog.properties:
        if name.startswith(_INCLUDED):
            said.setdefault(name.removeprefix(_INCLUDED), []).append(value)
    yield from (f"  {name}: {', '.join(values)}" for name, values in said.items())
