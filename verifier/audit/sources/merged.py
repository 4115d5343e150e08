"""Several lists of packages made one: what is the same package stands once, with every place.

* the same are those of one ecosystem, name, version and source; an index that is not named is the public one
* two spellings of one name are one package; one version from two sources is two packages
* what one place does not know, another may: an upload time, a digest
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, TypeVar

from verifier.audit.askable import is_public
from verifier.audit.sources.collected import Collected
from verifier.core.errors import refuse
from verifier.core.value import replace
from verifier.formats.audit.package import Package

T = TypeVar("T")
MAX_PACKAGES: Final = 200_000
"""Packages of one audit."""
MAX_PATHS: Final = 3
"""Ways that a package is reached by, which are told."""


def merged(lists: Sequence[Collected]) -> Collected:
    """One list; `Refused` with `input.too-large` where it is longer than `MAX_PACKAGES`."""
    if len(lists) == 1:
        return lists[0]
    return Collected(
        packages=one_each(chain.from_iterable(each.packages for each in lists)),
        reasons=tuple(dict.fromkeys(chain.from_iterable(each.reasons for each in lists))),
        unread=tuple(dict.fromkeys(chain.from_iterable(each.unread for each in lists))),
        files=tuple(dict.fromkeys(chain.from_iterable(each.files for each in lists))),
        sources=tuple(dict.fromkeys(chain.from_iterable(each.sources for each in lists))),
        edges=tuple(dict.fromkeys(chain.from_iterable(each.edges for each in lists))),
        subjects=tuple(dict.fromkeys(chain.from_iterable(each.subjects for each in lists))),
    )


def one_each(packages: Iterable[Package]) -> tuple[Package, ...]:
    """The packages, each once, sorted."""
    found: dict[tuple[str | None, ...], list[Package]] = {}
    for number, each in enumerate(packages):
        if number >= MAX_PACKAGES:
            raise refuse("input.too-large", each.places[0].file if each.places else each.purl, _TOO_MANY)
        found.setdefault(identity(each), []).append(each)
    return tuple(sorted((_one(each) for each in found.values()), key=_order))


_TOO_MANY: Final = f"more than {MAX_PACKAGES} packages"


def identity(package: Package) -> tuple[str | None, ...]:
    """What two places of one package have in common."""
    index = package.index.rstrip("/")
    asked = package.asked if package.version is None else None
    return (
        *(package.ecosystem, package.namespace, package.name, package.version, package.release, package.purl),
        *(package.source, "" if is_public(package.ecosystem, index) else index, package.location, asked),
    )


def _order(package: Package) -> tuple[str, ...]:
    return (package.ecosystem, package.namespace, package.name, package.version or "", package.source, package.location)


def _one(same: Sequence[Package]) -> Package:
    first = same[0]
    if len(same) == 1:
        return first
    times = [each.uploaded for each in same if each.uploaded is not None]
    return replace(
        first,
        index=next((each.index for each in same if each.index), ""),
        indexes=_all(each.indexes for each in same),
        local=any(each.local for each in same),
        own=all(each.own for each in same),
        editable=any(each.editable for each in same),
        places=_all(each.places for each in same),
        groups=tuple(sorted(_all(each.groups for each in same))),
        extras=tuple(sorted(_all(each.extras for each in same))),
        markers=tuple(sorted(_all(each.markers for each in same))),
        distributions=_all(each.distributions for each in same),
        uploaded=max(times) if times else None,
        yanked=next((each.yanked for each in same if each.yanked is not None), None),
        direct=_any_direct(same),
        paths=tuple(sorted(_all(each.paths for each in same), key=len))[:MAX_PATHS],
    )


def _all(several: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(several)))


def _any_direct(same: Sequence[Package]) -> bool | None:
    said = {each.direct for each in same}
    return True if True in said else False if False in said else None
