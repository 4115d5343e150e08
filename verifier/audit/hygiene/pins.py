"""Is every dependency pinned to one version? What is not was looked up by nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.audit.hygiene.fault import OF_NO_INDEX, Fault
from verifier.formats.audit.package import Package


def unpinned(packages: Iterable[Package]) -> Iterator[Fault]:
    """Packages of an index without one version."""
    for package in packages:
        if package.source == "index" and package.version is None and package.ecosystem not in OF_NO_INDEX:
            asked = f"and asks for {package.asked[:200]!r}" if package.asked else "and asks for any"
            yield Fault(package, f"has no version, {asked}")
