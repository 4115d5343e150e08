"""What an exception is bound to: one package, by its purl, or every version of it. Pure.

* names are compared as their ecosystem compares them, versions as it orders them: 3.1 is 3.1.0, and 2.0+cu118 is
  not 2.0
* every qualifier that is written must be the package's
* nothing stands for several packages: there are no wildcards
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.audit.orders import order_of
from verifier.formats.audit.package import Package
from verifier.formats.bom.component import Component
from verifier.formats.purl import parse_purl
from verifier.formats.pypi.names import normalised
from verifier.sbom.compare.identity import key_of

WILDCARDS: Final = frozenset("*?[]{}")


class Name(NamedTuple):
    """What a package is called: a purl type, and namespace and name as its ecosystem compares them."""

    ecosystem: str
    namespace: str
    name: str


class Scope(NamedTuple):
    """One package; `version` is None for every version of it. `written` is the purl as it was written."""

    name: Name
    version: str | None
    qualifiers: tuple[tuple[str, str], ...]
    written: str


def scope_of(text: str) -> Scope:
    """The scope that a purl says; `ValueError` for what is none, or would stand for several packages."""
    if "*" in text:
        raise ValueError("holds a wildcard: an exception is for one package, with its version or without")
    purl = parse_purl(text)
    if purl.subpath:
        raise ValueError("names a part of a package, expected the package")
    if not WILDCARDS.isdisjoint(purl.name + purl.namespace + (purl.version or "")):
        raise ValueError("holds a wildcard: an exception is for one package, with its version or without")
    return Scope(_name(purl.type, purl.namespace, purl.name), purl.version, purl.qualifiers, text)


def name_of(package: Package) -> Name:
    """What a package is called."""
    return _name(package.ecosystem, package.namespace, package.name)


def called(package: Package) -> frozenset[str]:
    """What a package may be called without its ecosystem."""
    joined = f"{package.namespace}/{package.name}" if package.namespace else package.name
    return frozenset({package.name, joined, normalised(package.name)})


def is_called(package: Package, name: str) -> bool:
    """Whether a package has this name, in whatever ecosystem it is."""
    if package.ecosystem == "pypi":
        return normalised(package.name) == normalised(name)
    joined = f"{package.namespace}/{package.name}" if package.namespace else package.name
    return name in {package.name, joined}


def covers(scope: Scope, package: Package) -> bool:
    """Whether a package is in a scope."""
    if scope.name != name_of(package):
        return False
    if scope.version is not None and not _is_version(package, scope.version):
        return False
    return not scope.qualifiers or set(scope.qualifiers) <= set(_qualifiers(package))


def _is_version(package: Package, version: str) -> bool:
    if package.version is None:
        return False
    if package.version == version:
        return True
    order = order_of(package.ecosystem)
    ours, stated = order.key(package.version), order.key(version)
    return ours is not None and ours == stated


def _qualifiers(package: Package) -> tuple[tuple[str, str], ...]:
    try:
        return parse_purl(package.purl).qualifiers
    except ValueError:
        return ()


def _name(ecosystem: str, namespace: str, name: str) -> Name:
    key = key_of(Component("library", ecosystem, name, namespace=namespace))
    return Name(key.ecosystem, key.namespace, key.name)
