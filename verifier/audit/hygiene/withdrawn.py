"""What an index itself has taken back: releases that are yanked, projects in quarantine. Pure.

* only an index says so, or a target that repeats it: where nobody was asked, nobody is said to be clean
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from verifier.audit.hygiene.fault import Fault
from verifier.formats.audit.package import Package

_QUARANTINED: Final = "quarantined"
"""The status of a project from which nobody shall install (PEP 792)."""


def yanked(packages: Iterable[Package]) -> Iterator[Fault]:
    """Packages whose release its makers have yanked (PEP 592)."""
    for package in packages:
        if package.yanked is not None:
            why = f": {package.yanked[:300]}" if package.yanked else ""
            yield Fault(package, f"was yanked by its makers{why}")


def quarantined(packages: Iterable[Package]) -> Iterator[Fault]:
    """Packages whose project is in quarantine."""
    for package in packages:
        if package.project_status == _QUARANTINED:
            yield Fault(package, "is of a project that its index has put in quarantine")
