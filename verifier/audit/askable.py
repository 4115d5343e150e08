"""About which packages somebody can be asked. Pure.

* a package without any record is "no known vulnerability" only where it has a version, comes from the public index of
  its ecosystem, and the records cover that ecosystem: about anything else nobody knows
* an index is named by its URL; the ecosystem's own is known by each address that it has

Source: formats/audit.md section 1.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from verifier.core.globs import glob_matches
from verifier.formats.audit.package import Package

PUBLIC: Final = {
    "pypi": frozenset(
        {
            "https://pypi.org/simple",
            "https://pypi.org",
            "https://pypi.python.org/simple",
            "https://files.pythonhosted.org",
        }
    ),
    "npm": frozenset({"https://registry.npmjs.org", "https://registry.yarnpkg.com"}),
}
"""By purl type, the addresses of the public index."""
_KIND: Final = {"git": "a repository", "url": "a URL", "path": "a folder or file"}


def unaskable(package: Package, covered: Collection[str], private: Collection[str] = ()) -> str:
    """Why nobody can be asked about `package`; "" where somebody can.

    `covered` are the ecosystems (purl types) of which there are records, `private` patterns of names that the public
    index does not hand out.
    """
    if package.source != "index":
        return f"it comes from {_KIND[package.source]}, about which no record says anything"
    if package.version is None:
        return f"it has no version, and asks for {package.asked!r}" if package.asked else "it has no version"
    if package.index and not is_public(package.ecosystem, package.index):
        return f"it comes from {package.index}, which is not the public index"
    matching = [each for each in private if glob_matches(each, package.name)]
    if matching:
        return f"its name is private ({matching[0]})"
    if package.ecosystem not in covered:
        return f"there are no records of {package.ecosystem or 'its ecosystem, which nobody names'}"
    return ""


def is_public(ecosystem: str, index: str) -> bool:
    """Whether an index is the public one of its ecosystem."""
    return index.rstrip("/") in PUBLIC.get(ecosystem, ())
