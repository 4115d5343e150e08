"""Does the target say which bytes are meant, and by a digest that nobody can forge? Pure.

* every file of a package needs a digest of its own: whichever has none may be the one that is installed
* Go's standard library comes with Go itself, of which no file that is audited has a digest
* MD5 and SHA-1 say nothing: a file with nothing better is pinned to whatever somebody makes collide with it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from verifier.audit.hygiene.fault import OF_NO_INDEX, Fault
from verifier.formats.audit.package import Package
from verifier.formats.bom.component import Distribution
from verifier.sbom.locks.pins import WEAK

_BY_FILE: Final = frozenset({"index", "url"})
"""Sources whose bytes only a digest pins: a commit pins itself, and a folder is the project's own."""

_WITH_GO: Final = ("golang", "stdlib")


def hash_missing(packages: Iterable[Package]) -> Iterator[Fault]:
    """Packages that may be installed from a file of which no digest is recorded."""
    for package in _judged(packages):
        files = package.distributions
        bare = sum(not each.hashes for each in files)
        if not files:
            yield Fault(package, "has no digest of any file")
        elif bare:
            yield Fault(package, f"has no digest of {bare} of {len(files)} files")


def hash_weak(packages: Iterable[Package]) -> Iterator[Fault]:
    """Packages that may be installed from a file that only MD5 or SHA-1 pins."""
    for package in _judged(packages):
        weak = sorted({each.algorithm for file in package.distributions if _is_weak(file) for each in file.hashes})
        if weak:
            yield Fault(package, f"has a file that only {' and '.join(weak)} pins")


def _judged(packages: Iterable[Package]) -> Iterator[Package]:
    return (
        each
        for each in packages
        if each.source in _BY_FILE and each.ecosystem not in OF_NO_INDEX and (each.ecosystem, each.name) != _WITH_GO
    )


def _is_weak(file: Distribution) -> bool:
    return bool(file.hashes) and all(each.algorithm in WEAK for each in file.hashes)
