"""How Python distributions belong together: which lie inside another, and which need which.

* a distribution is nested only where it lies deeper than the one that carries it: one that can be imported beside it is
  never hidden inside of it, whatever a RECORD claims
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from verifier.formats.bom.component import Component
from verifier.formats.pypi.names import normalised
from verifier.sbom.catalog.languages import vendored
from verifier.sbom.catalog.reader import Owned


class Package(NamedTuple):
    """One distribution: its component, the folder that it is imported from, the names that it needs, and the virtual
    environment that it is in ("" for none)."""

    component: Component
    site: str
    needs: tuple[str, ...] = ()
    group: str = ""


def merged(packages: Iterable[Package], owned: list[Owned]) -> tuple[list[Package], list[Owned]]:
    """The packages, one of those that two records in one folder tell alike: distributors leave an `.egg-info` beside a
    `.dist-info`. What the other's record owns is the one's."""
    first: dict[tuple[str, str, str | None], str] = {}
    instead: dict[str, str] = {}
    kept = []
    for each in packages:
        key = (each.site, normalised(each.component.name), each.component.version)
        ref = first.setdefault(key, each.component.ref)
        if ref == each.component.ref:
            kept.append(each)
        else:
            instead[each.component.ref] = ref
    if not instead:
        return kept, owned
    return kept, [row._replace(owner=instead.get(row.owner, row.owner)) for row in owned]


def nested(packages: list[Package], owned: Iterable[Owned]) -> list[Package]:
    """The packages, those inside of others with their parents."""
    records = {each.component.path for each in packages}
    owners = {row.path: row.owner for row in owned if row.path in records}
    by_ref = {each.component.ref: each for each in packages}
    folders = by_folder(packages)
    placed = []
    for each in packages:
        may = (
            by_ref.get(owners.get(each.component.path, "")),
            folders.get(folded(vendored.carrier_of(each.component.path) or "")),
        )
        parent = next((one.component for one in may if one is not None and _is_inside(each.site, one.site)), None)
        if parent is None:
            placed.append(each)
            continue
        said = (*each.component.properties, ("verifier:vendored-in", parent.purl))
        placed.append(each._replace(component=each.component._replace(parent=parent.ref, properties=said)))
    return placed


def _is_inside(site: str, outer: str) -> bool:
    return site != outer and (not outer or site.startswith(f"{outer}/"))


def by_folder(packages: Iterable[Package]) -> dict[str, Package]:
    """Packages by where code of their name would lie."""
    return {folded(f"{each.site}/{each.component.name}"): each for each in packages}


def folded(folder: str) -> str:
    """A folder of code, by the normalised name of the distribution that it would be of."""
    site, _, name = folder.lstrip("/").rpartition("/")
    return f"{site}/{normalised(name)}"


def edges(packages: Iterable[Package]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What each needs of what is installed: beside it, else elsewhere in its environment."""
    there: dict[tuple[str, str, str], list[str]] = {}
    for each in packages:
        name, ref = normalised(each.component.name), each.component.ref
        there.setdefault(("beside", each.site, name), []).append(ref)
        if not each.component.parent:
            there.setdefault(("within", each.group, name), []).append(ref)
    found = []
    for each in packages:
        needed: set[str] = set()
        for name in each.needs:
            needed.update(there.get(("beside", each.site, name)) or there.get(("within", each.group, name)) or ())
        if others := tuple(sorted(needed - {each.component.ref})):
            found.append((each.component.ref, others))
    return tuple(sorted(found))
