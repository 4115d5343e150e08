"""May somebody else answer for a name? Pure.

* a private name comes from one index, which is not the public one; where a target names none, it is the public one
* several indexes that may answer for a package are said of every package: whoever registers a name on one of them
  answers for the other
* a file of a public package that lies elsewhere than the public index keeps its files is said too

Where it is known which index a private name must come from, `sbom.locks.private` judges more.
Source: formats/audit.md section 9; A. Birsan, "Dependency Confusion", 2021.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from verifier.audit.askable import FILES, astray, is_public, private_pattern
from verifier.audit.hygiene.fault import OF_NO_INDEX, Fault
from verifier.audit.hygiene.indexes import host_of, index_named
from verifier.formats.audit.package import Package
from verifier.sbom.locks.rows.places import plain


def private_from_elsewhere(packages: Iterable[Package], private: Sequence[str]) -> Iterator[Fault]:
    """Packages of a private name that may come from a public index, or from several."""
    for package in packages:
        pattern = private_pattern(package, private) if package.ecosystem not in OF_NO_INDEX else ""
        if pattern and (said := _objection(package)):
            yield Fault(package, f"is private ({pattern}), and {said}")


def several_indexes(packages: Iterable[Package], private: Sequence[str]) -> Iterator[Fault]:
    """Packages of other names for which several indexes may answer, or whose files lie elsewhere than their index."""
    for package in packages:
        if package.source != "index" or package.ecosystem in OF_NO_INDEX or private_pattern(package, private):
            continue
        if said := _further(package):
            yield Fault(package, said)
        elif elsewhere := astray(package):
            yield Fault(package, f"is fetched from {host_of(elsewhere)[:200]}, whatever its index")


def unmatched(packages: Sequence[Package], private: Sequence[str]) -> tuple[str, ...]:
    """The patterns that no package's name matches."""
    return tuple(each for each in private if not any(private_pattern(package, (each,)) for package in packages))


def _objection(package: Package) -> str:
    """Why a private package may come from elsewhere than a private index; "" where it cannot, as far as is known."""
    if package.local:
        return ""
    if package.source != "index":
        at_public = package.location.startswith(FILES.get(package.ecosystem, ("\0",)))
        return f"comes from {plain(package.location)[:200]}, which is public" if at_public else ""
    if not package.index or is_public(package.ecosystem, package.index):
        return f"comes from {package.index}, which is public" if package.index else "names no index but the public one"
    return _further(package) or _strayed(package)


def _strayed(package: Package) -> str:
    """Where a file lies that is not on the host of its index; "" where none does."""
    own = host_of(package.index)
    for file in package.distributions:
        if "://" in file.url and host_of(file.url) != own:
            return f"is fetched from {host_of(file.url)[:200] or 'a place that is no URL'}, whatever its index"
    return ""


def _further(package: Package) -> str:
    """Which other indexes may answer for a package; "" where none may."""
    own = index_named(package.index) if package.index else None
    others = [each for each in package.indexes if index_named(each) is None or index_named(each) != own]
    shown = ", ".join(plain(each)[:200] or "another index" for each in others[:3])
    return f"may come from {shown} as well" if others else ""
