"""What a check of hygiene has found: which package, and what is wrong with it in words."""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.formats.audit.package import Package
from verifier.formats.bom.component import FILE

OF_NO_INDEX: Final = frozenset({"", FILE, "deb", "rpm", "apk", "generic", "oci"})
"""Ecosystems whose packages no language's index hands out: none of these checks is about them."""


class Fault(NamedTuple):
    """One package and what is wrong with it: half a sentence whose subject is the package."""

    package: Package
    what: str
