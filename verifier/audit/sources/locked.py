"""Packages of the locks of Python projects: uv, Poetry, PDM, pylock, pipenv, requirements.

* markers are kept and never evaluated; every group and extra is read
* the project itself, and what is a folder of it, is a package too, with source "path"
* a package is direct where the project's own row needs it, or pyproject.toml asks for it; where neither is at hand,
  what nothing else needs is, and of the rest nobody knows
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from urllib.parse import quote

from verifier.audit.sources.collected import KINDS, Collected, Source
from verifier.audit.sources.merged import one_each
from verifier.audit.sources.table import Reading
from verifier.audit.sources.ways import Way, ways_to
from verifier.formats.audit.package import Package, Place
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.merged import distributions_of, grouped, ref_of
from verifier.sbom.locks.rows.places import LOCAL
from verifier.sbom.locks.rows.row import Row
from verifier.sbom.locks.table import FORMATS, read_lock


def read(reading: Reading) -> Collected:
    """The packages of a lock file; `Refused` as `read_lock` says."""
    form = next(each for each in FORMATS if each.name == reading.form.name)
    return of_lock(read_lock(reading.path, reading.content, include=reading.include, form=form), reading.asked)


def of_lock(lock: Lock, asked: Collection[str] | None = None) -> Collected:
    """The packages that `lock` pins. `asked` are the normalised names that the project asks for, None where nobody
    says."""
    by_ref = grouped(lock.rows)
    edges = {_purl(by_ref[ref][0]): [_purl(by_ref[each][0]) for each in needed] for ref, needed in lock.dependencies}
    direct, is_known = _direct(by_ref, edges, asked, lock)
    ways = ways_to(direct, edges)
    packages: list[Package] = []
    for rows in by_ref.values():
        purl = _purl(rows[0])
        said = True if purl in direct else False if is_known else None
        packages += [
            _package(purl, same, None if _is_local(same[0]) else said, ways.get(purl, ())) for same in _by_source(rows)
        ]
    return Collected(
        packages=one_each(packages),
        reasons=lock.findings,
        files=lock.files,
        sources=(Source(lock.format, lock.path),),
        edges=tuple((needing, each) for needing, needed in edges.items() for each in needed),
    )


def _direct(
    by_ref: Mapping[str, Sequence[Row]], edges: Mapping[str, Sequence[str]], asked: Collection[str] | None, lock: Lock
) -> tuple[frozenset[str], bool]:
    """What the project asks for itself, and whether that is all of it."""
    if not lock.dependencies and asked is None:
        return frozenset(), False
    roots = {_purl(rows[0]) for rows in by_ref.values() if any(_is_local(row) for row in rows)}
    found = set(chain.from_iterable(edges.get(root, ()) for root in roots))
    known = bool(found) or asked is not None
    if asked is not None:
        found |= {_purl(rows[0]) for rows in by_ref.values() if normalised(rows[0].name) in asked}
    if not known:
        found = edges.keys() - set(chain.from_iterable(edges.values()))
    return frozenset(found - roots), known


def _by_source(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    """The rows of one version, apart where they come from different places."""
    if len(rows) == 1:
        return (rows,)
    apart: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        origin = row.origin
        apart.setdefault((origin.kind, origin.location, origin.revision, row.constraint), []).append(row)
    return apart.values()


def _purl(row: Row) -> str:
    """The purl of a row; one of no ecosystem for what nobody names."""
    return ref_of(row.name, row.version) if row.named else f"pkg:generic/{quote(row.name, safe='')}"


def _package(purl: str, rows: Sequence[Row], direct: bool | None, ways: tuple[Way, ...]) -> Package:
    first = rows[0]
    kind = KINDS.get(first.origin.kind, "path")
    return Package(
        ecosystem="pypi" if first.named else "",
        name=normalised(first.name) if first.named else first.name,
        version=first.version,
        purl=purl,
        asked="" if first.version is not None else first.constraint,
        source=kind,
        index=first.origin.location if kind == "index" else "",
        indexes=tuple(dict.fromkeys(chain.from_iterable(row.indexes for row in rows))),
        location=_location(first) if kind != "index" else "",
        local=any(_is_local(row) for row in rows),
        own=all(_is_own(row) for row in rows),
        editable=first.origin.kind == "editable",
        places=_places(rows),
        groups=_sorted(row.groups for row in rows),
        extras=_sorted(_extras(row) for row in rows),
        markers=_sorted(row.markers for row in rows),
        distributions=distributions_of(rows),
        uploaded=max((row.uploaded for row in rows if row.uploaded is not None), default=None),
        direct=direct,
        paths=ways,
    )


def _places(rows: Sequence[Row]) -> tuple[Place, ...]:
    """Where the rows stand; each with its groups and extras where these are not the same everywhere."""
    if len({(row.groups, _extras(row)) for row in rows}) == 1:
        return tuple(dict.fromkeys(Place(row.path, row.line) for row in rows))
    return tuple(dict.fromkeys(Place(row.path, row.line, row.groups, _extras(row)) for row in rows))


def _extras(row: Row) -> tuple[str, ...]:
    """The project's extras that bring a row, and the package's own that it is taken with."""
    return tuple(sorted({*row.extras, *row.features}))


def _sorted(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(set(chain.from_iterable(several))))


def _location(row: Row) -> str:
    revision = f"@{row.origin.revision}" if row.origin.revision else ""
    return f"{row.origin.location}{revision}"


def _is_own(row: Row) -> bool:
    """Whether a row is the project itself, or a member of its workspace: what somebody has copied into a folder of it
    is neither."""
    return _is_local(row) and (row.member or posixpath.normpath(row.origin.location.replace("\\", "/")) == ".")


def _is_local(row: Row) -> bool:
    """Whether a row is the project itself, or a folder of it."""
    place = row.origin.location.replace("\\", "/")
    if row.origin.kind not in LOCAL or "://" in place or place.startswith(("/", "~")) or ":" in place.split("/")[0]:
        return False
    below = posixpath.normpath(place)
    return below != ".." and not below.startswith("../")
