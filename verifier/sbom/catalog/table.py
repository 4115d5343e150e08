"""Which contents are listed how: one row a kind. `catalog_of` is what everybody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.evidence.contents import Contents
from verifier.formats.bom.catalog import Catalog

LISTING: Mapping[str, str] = MappingProxyType(
    {
        "bundle": "sbom.catalog.bundle",
        "image": "sbom.catalog.system",
        "environment": "sbom.catalog.system",
        "project": "sbom.locks.project",
    }
)
"""Where the `catalog` of each kind is; loaded where it is wanted."""


def catalog_of(contents: Contents, *, files: bool = False) -> Catalog:
    """What `contents` consist of. `files` lists every file too, where that is not done anyhow (of a bundle it is).

    `Refused` where something in it cannot be read: `input.unreadable` for a database, `sbom.*` or `json.*` for others;
    there is never a shorter list instead.
    """
    listing: Callable[..., Catalog] = import_module(f"verifier.{LISTING[contents.kind]}").catalog
    found = listing(contents, files=files)
    if contents.before:
        from verifier.sbom.catalog.deleted import with_deleted  # noqa: PLC0415 - where somebody asks for it

        found = with_deleted(found, contents, lambda state: listing(state, files=files))
    return replace(found, findings=_bounded(found.findings))


def _bounded(findings: Sequence[Reason]) -> tuple[Reason, ...]:
    """The first of each code, and how many more there are: what is hostile does not fill a report."""
    counts = Counter(each.code for each in findings)
    if all(count <= MAX_FINDINGS for count in counts.values()):
        return tuple(findings)
    seen, kept = Counter[str](), list[Reason]()
    for each in findings:
        seen[each.code] += 1
        if seen[each.code] <= MAX_FINDINGS:
            kept.append(each)
        elif seen[each.code] == counts[each.code]:
            kept.append(replace(each, message=f"and {seen[each.code] - MAX_FINDINGS} more like these, this the last"))
    return tuple(kept)
