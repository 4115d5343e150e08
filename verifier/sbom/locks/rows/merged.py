"""Rows made into components: one a (name, version), whatever extras, groups and markers it stands under.

* names are compared as PEP 503 does; a package without a version stays without, and two versions are two components
* every source, marker, group and extra of a component's rows is in its properties
* two rows of one version from one source whose files have different digests are refused: one of them lies
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final
from urllib.parse import quote

from verifier.core.errors import refuse
from verifier.formats.bom.component import Component, Distribution, Hash, Origin
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.rows.document import CODE, at
from verifier.sbom.locks.rows.places import written
from verifier.sbom.locks.rows.row import DEFAULT_INDEX, Row

PATH: Final = "verifier:lock:path"
SOURCE: Final = "verifier:lock:source"
INDEX: Final = "verifier:lock:extra-index"
GROUP: Final = "verifier:lock:group"
EXTRA: Final = "verifier:lock:extra"
FEATURE: Final = "verifier:lock:package-extra"
MARKER: Final = "verifier:lock:marker"
CONSTRAINT: Final = "verifier:lock:constraint"

Key = tuple[str, str | None]
Dependencies = tuple[tuple[str, tuple[str, ...]], ...]


def ref_of(name: str, version: str | None) -> str:
    """What a component of a lock goes by in its catalogue."""
    pinned = "" if version is None else f"@{quote(version, safe='')}"
    return f"pkg:pypi/{normalised(name)}{pinned}"


def row_ref(row: Row) -> str:
    """The ref of a row's component."""
    return ref_of(row.name, row.version) if row.named else f"file:{quote(row.name)}"


def grouped(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    """The rows of each component, by its ref."""
    by_ref: dict[str, list[Row]] = {}
    for row in rows:
        by_ref.setdefault(row_ref(row), []).append(row)
    return by_ref


def components_of(by_ref: Mapping[str, Sequence[Row]]) -> tuple[Component, ...]:
    """One component for each ref, sorted by it."""
    return tuple(_component(ref, by_ref[ref]) for ref in sorted(by_ref))


def dependencies_of(by_ref: Mapping[str, Sequence[Row]]) -> Dependencies:
    """The edges: where a need names no version, to every version that is there under its name; what is not there is no
    component, and has no edge."""
    by_name: dict[str, list[str]] = {}
    for ref, rows in by_ref.items():
        by_name.setdefault(normalised(rows[0].name), []).append(ref)
    found = []
    for ref in sorted(by_ref):
        needed: set[str] = set()
        for need in chain.from_iterable(row.needs for row in by_ref[ref]):
            exact = ref_of(need.name, need.version)
            needed.update([exact] if need.version and exact in by_ref else by_name.get(normalised(need.name), ()))
        found.append((ref, tuple(sorted(needed - {ref}))))
    return tuple(found)


def refuse_contradictions(by_ref: Mapping[str, Sequence[Row]]) -> None:
    """`Refused` where two rows of one version, from one source and under one marker, have files of other digests."""
    for rows in by_ref.values():
        if len(rows) > 1:
            _refuse_contradiction(rows)


def _refuse_contradiction(rows: Sequence[Row]) -> None:
    seen: dict[tuple[Origin, tuple[str, ...]], tuple[Row, frozenset[Hash]]] = {}
    for row in rows:
        hashes = hashes_of(row)
        if not hashes:
            continue
        first, known = seen.setdefault((row.origin, row.markers), (row, hashes))
        if known != hashes:
            where = f" (the other begins at line {first.line})" if first.line else ""
            message = f"{row.name} {row.version or ''} stands here a second time with other digests{where}"
            raise refuse(
                CODE, at(row.path, row.line), message, "Lock anew, and compare with what was committed before."
            )


def hashes_of(row: Row) -> frozenset[Hash]:
    """All digests of a row."""
    return frozenset(chain.from_iterable(each.hashes for each in row.distributions))


def _component(ref: str, rows: Sequence[Row]) -> Component:
    first = rows[0]
    origin = next((row.origin for row in rows if row.origin.kind != "unrecorded"), first.origin)
    return Component(
        type="library",
        ecosystem="pypi" if first.named else "",
        name=first.name,
        version=first.version,
        qualifiers=_qualifiers(origin),
        path=first.path,
        distributions=distributions_of(rows),
        origin=origin,
        ref=ref,
        properties=_properties(rows),
    )


def distributions_of(rows: Sequence[Row]) -> tuple[Distribution, ...]:
    """Each file once; of one that is named by its digests alone and by its URL as well, the latter."""
    found = dict.fromkeys(chain.from_iterable(row.distributions for row in rows))
    if len(rows) == 1:
        return tuple(found)
    addressed = set(chain.from_iterable(each.hashes for each in found if each.url))
    return tuple(each for each in found if each.url or not each.hashes or not addressed.issuperset(each.hashes))


def _qualifiers(origin: Origin) -> tuple[tuple[str, str], ...]:
    """What a purl says of a source that is not the ecosystem's own.

    Source: package-url/purl-spec, `PURL-SPECIFICATION.rst`, "Known qualifiers".
    """
    revision = f"@{origin.revision}" if origin.revision else ""
    match origin.kind:
        case "git" if origin.location:
            return (("vcs_url", f"git+{origin.location}{revision}"),)
        case "url" if origin.location:
            return (("download_url", origin.location),)
        case "registry" if "://" in origin.location and origin.location.rstrip("/") != DEFAULT_INDEX:
            return (("repository_url", origin.location),)
        case _:
            return ()


def _properties(rows: Sequence[Row]) -> tuple[tuple[str, str], ...]:
    found: set[tuple[str, str]] = set()
    for row in rows:
        found.add((PATH, row.path))
        found.add((SOURCE, written(row.origin)))
        found.update((INDEX, each) for each in row.indexes)
        found.update((GROUP, each) for each in row.groups)
        found.update((EXTRA, each) for each in row.extras)
        found.update((FEATURE, each) for each in row.features)
        found.update((MARKER, each) for each in (*row.markers, *row.conditions))
        if row.constraint:
            found.add((CONSTRAINT, row.constraint))
    return tuple(sorted(found))
