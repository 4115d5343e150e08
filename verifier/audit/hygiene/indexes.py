"""Does everything come from an index, and from one that is allowed? Pure.

* an index is compared by scheme, host, port and path; where a target names none, it is the ecosystem's public one
* every index that may answer has to be allowed, not only the one that did
* files that a lock names by their URLs lie on the host of an allowed index, or where the public one keeps its files:
  they are what is fetched, whatever index stands beside them
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Final

from verifier.audit.askable import FILES, PUBLIC, is_public
from verifier.audit.hygiene.fault import OF_NO_INDEX, Fault
from verifier.core.value import Value
from verifier.formats.audit.package import Package
from verifier.sbom.locks.rows.places import Index, index_of, plain

_KIND: Final = {"git": "a repository", "url": "a URL", "path": "a file or folder"}


def not_from_index(packages: Iterable[Package]) -> Iterator[Fault]:
    """Packages that are no part of the project and come from no index."""
    for package in packages:
        if package.source != "index" and not package.local and package.ecosystem not in OF_NO_INDEX:
            at = f", {plain(package.location)[:200]}" if package.location else ""
            yield Fault(package, f"comes from {_KIND[package.source]}{at}")


def index_not_allowed(packages: Iterable[Package], urls: Collection[str]) -> Iterator[Fault]:
    """Packages for which another index may answer than those of `urls`; none where that is empty."""
    if not urls:
        return
    allowed = _Allowed.of(urls)
    for package in packages:
        if package.source == "index" and package.ecosystem not in OF_NO_INDEX and (said := allowed.objection(package)):
            yield Fault(package, f"{said}, which is not allowed")


@lru_cache(maxsize=1024)
def index_named(url: str) -> Index | None:
    """The index that a URL names, which few packages differ in."""
    return index_of(url)


def host_of(url: str) -> str:
    """Scheme, host and port of a URL, which the files of one index have in common; "" for what is none."""
    index = index_of(url)
    return f"{index.scheme}://{index.host}:{index.port}" if index is not None else ""


class _Allowed(Value):
    """The indexes that may answer, their hosts, and the ecosystems whose public index is one of them."""

    indexes: frozenset[Index | None]
    hosts: frozenset[str]
    public: frozenset[str]

    @classmethod
    def of(cls, urls: Collection[str]) -> _Allowed:
        public = (each for each in PUBLIC if any(is_public(each, url) for url in urls))
        return cls(
            indexes=frozenset(index_named(url) for url in urls),
            hosts=frozenset(host_of(url) for url in urls),
            public=frozenset(public),
        )

    def objection(self, package: Package) -> str:
        """Why another index may answer for a package; "" where none may."""
        if not package.index and package.ecosystem not in self.public:
            return f"names no index, and so comes from the public one of {package.ecosystem}"
        for each in (package.index, *package.indexes):
            if each and not self._has(package.ecosystem, each):
                return f"may come from {plain(each)[:200] or 'an index that has no URL'}"
        own = FILES[package.ecosystem] if package.ecosystem in self.public else ()
        for file in package.distributions:
            if "://" in file.url and not file.url.startswith(own) and host_of(file.url) not in self.hosts:
                return f"is fetched from {host_of(file.url)[:200] or 'a place that is no URL'}"
        return ""

    def _has(self, ecosystem: str, url: str) -> bool:
        named = index_named(url)
        return (named is not None and named in self.indexes) or (ecosystem in self.public and is_public(ecosystem, url))
