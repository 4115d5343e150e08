"""Is every dependency pinned to one version? What is not was looked up by nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.audit.hygiene.fault import OF_NO_INDEX, Fault
from verifier.formats.audit.package import Package


def unpinned(packages: Iterable[Package]) -> Iterator[Fault]:
    """Packages of an index without one version; what was resolved just now is pinned nowhere."""
    for package in packages:
        if package.source != "index" or package.ecosystem in OF_NO_INDEX:
            continue
        asked = f"and asks for {package.asked[:200]!r}" if package.asked else "and asks for any"
        if package.version is None:
            yield Fault(package, f"has no version, {asked}")
        elif package.resolved:
            yield Fault(package, "is pinned nowhere: its version was chosen here and now")
