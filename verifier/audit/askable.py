"""About which packages somebody can be asked. Pure.

* a package without any record is "no known vulnerability" only where it has a version, comes from the public index of
  its ecosystem, and the records cover that ecosystem: about anything else nobody knows
* an index is named by its URL; the ecosystem's own is known by each address that it has
* where a target names the files that are fetched, they count, whatever index it names beside them
* patterns of private names are compared as names are: `Acme_*` is `acme-*`

Source: formats/audit.md section 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Final

from verifier.core.globs import glob_matches
from verifier.formats.audit.package import Package
from verifier.formats.pypi.names import is_name

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
FILES: Final = {
    "pypi": ("https://files.pythonhosted.org/", "https://pypi.org/", "https://pypi.python.org/"),
    "npm": ("https://registry.npmjs.org/", "https://registry.yarnpkg.com/"),
}
"""By purl type, what the URLs of the public index's own files begin with."""
_OWN: Final = "it is the project itself, of which there are no records (--without-project accepts that)"
_WITHIN: Final = "it is a folder within the project, about which no record says anything"
_KIND: Final = {"git": "a repository", "url": "a URL", "path": "a folder or file"}


def unaskable(package: Package, covered: Collection[str] | None = None, private: Collection[str] = ()) -> str:
    """Why nobody can be asked about `package`; "" where somebody can.

    `covered` are the ecosystems (purl types) of which there are records, None where that is not the question;
    `private` are patterns of names that the public index does not hand out.
    """
    if package.version is None and package.source == "index":
        return f"it has no version, and asks for {package.asked!r}" if package.asked else "it has no version"
    if said := _not_public(package, private):
        return said
    if covered is not None and package.ecosystem not in covered:
        return f"there are no records of {package.ecosystem or 'its ecosystem, which nobody names'}"
    return ""


def _not_public(package: Package, private: Collection[str]) -> str:
    """Why a package is none of the public index; "" where it may be one."""
    if package.source != "index":
        return _elsewhere(package)
    if package.ecosystem == "pypi" and not is_name(package.name):
        return "its name is none that an index of Python takes"
    if package.index and not is_public(package.ecosystem, package.index):
        return f"it comes from {package.index}, which is not the public index"
    if pattern := private_pattern(package, private):
        return f"its name is private ({pattern})"
    if elsewhere := astray(package):
        return f"it is fetched from {elsewhere}, which is not the public index"
    return ""


def _elsewhere(package: Package) -> str:
    if package.local:
        return _OWN if package.own else _WITHIN
    return f"it comes from {_KIND[package.source]}, about which no record says anything"


def is_public(ecosystem: str, index: str) -> bool:
    """Whether an index is the public one of its ecosystem."""
    return index.rstrip("/") in PUBLIC.get(ecosystem, ())


def astray(package: Package) -> str:
    """Where a file of a package of the public index lies, which is not there; "" where nobody says so of any."""
    own = FILES.get(package.ecosystem)
    if own is None or (package.index and not is_public(package.ecosystem, package.index)):
        return ""
    return next((each.url for each in package.distributions if "://" in each.url and not each.url.startswith(own)), "")


def private_pattern(package: Package, private: Collection[str]) -> str:
    """The longest of the patterns that a package's name matches; "" where none does."""
    if not private:
        return ""
    name = _compared(f"{package.namespace}/{package.name}" if package.namespace else package.name)
    return max((each for each in private if glob_matches(_compared_pattern(each), name)), key=len, default="")


@cache
def _compared_pattern(written: str) -> str:
    return _compared(written)


def _compared(written: str) -> str:
    """A name, or a pattern, as it is compared: in small letters, each separator of a name one hyphen (PEP 503)."""
    return "/".join(re.sub(r"[-_.]+", "-", part).lower() for part in written.split("/"))
