"""Which components are the same one, whoever writes them down.

* a key says type, namespace, name, version, architecture, and for a file its path: each as its ecosystem compares it
* Python names are PEP 503's, so that `ruamel.yaml` and `ruamel-yaml` are one; names of deb, rpm, apk, npm and Go
  are compared without case, since purls write them in lower case; npm's keep their scope
* case is that of ASCII: the Kelvin sign is no `k`, and a name with it is another one
* an epoch of an RPM is the same in its version and as a qualifier; a Go version is the same with and without its `v`
* a purl is never compared as a string

Source: the purl specification's types; https://peps.python.org/pep-0503/#normalized-names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from verifier.formats.bom.component import FILE, Component
from verifier.formats.bom.purl import purl_of
from verifier.formats.purl import ascii_lower, parse_purl

SYSTEM: Final = frozenset({"deb", "rpm", "apk"})
"""The ecosystems whose components have an architecture, and a distribution as their namespace."""
_DOUBTED: Final = frozenset({"golang"})
"""Types of which artifacts have components, and whose purls `formats.bom.claims` does not hold to be exact."""
_ROOT: Final = re.compile(r"(?:\.?/)+")
"""What a path may begin with that means the root."""


class Key(NamedTuple):
    """What two components have in common that are the same one.

    `ecosystem` is the purl type, `FILE`, or the component's own type where nobody gives it a purl type ("library",
    "operating-system"). `architecture` is "" where the ecosystem has none or nobody says; `path` is that of a file.
    """

    ecosystem: str
    namespace: str
    name: str
    version: str
    architecture: str = ""
    path: str = ""


def key_of(component: Component) -> Key:
    """The key of a component, of an artifact or of a document."""
    ecosystem = component.ecosystem or component.type
    return _KEYS.get(ecosystem, _any)(ecosystem, component)


def purl_is_true(key: Key, component: Component) -> bool:
    """Whether a purl has the version that its component has: of types that tools write differently, readers doubt it
    where the two differ, and scanners go by the purl alone."""
    if component.ecosystem not in _DOUBTED or not component.purl:
        return True
    try:
        version = parse_purl(component.purl).version
    except ValueError:
        return False
    return version is None or key_of(component._replace(version=version)).version == key.version


def named(component: Component) -> str:
    """What a component is called in reports: the path of a file, else its purl, else its name and version. Of a purl's
    qualifiers only those of a system's packages tell which one is meant; of others they are where it comes from."""
    if component.ecosystem == FILE:
        return component.path or component.name
    written = purl_of(component)
    if written:
        return written if component.ecosystem in SYSTEM else written.partition("?")[0]
    return f"{component.name}@{component.version}" if component.version else component.name


def _any(ecosystem: str, component: Component) -> Key:
    return Key(ecosystem, component.namespace, component.name, component.version or "")


def _file(ecosystem: str, component: Component) -> Key:
    path = component.path or component.name
    leading = _ROOT.match(path)
    return Key(ecosystem, "", "", "", "", path[leading.end() :] if leading is not None else path)


def _pypi(ecosystem: str, component: Component) -> Key:
    name = ascii_lower(component.name).replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return Key(ecosystem, "", name, component.version or "")


def _npm(ecosystem: str, component: Component) -> Key:
    return Key(ecosystem, "", ascii_lower(_joined(component)), component.version or "")


def _golang(ecosystem: str, component: Component) -> Key:
    version = component.version or ""
    for prefix in ("v", "go"):
        if version.startswith(prefix) and version[len(prefix) : len(prefix) + 1].isdigit():
            version = version[len(prefix) :]
            break
    return Key(ecosystem, "", ascii_lower(_joined(component)), version)


def _system(ecosystem: str, component: Component) -> Key:
    # No epoch is epoch 0.
    version = (component.version or "").removeprefix("0:")
    architecture = _qualifier(component, "arch").lower()
    return Key(ecosystem, ascii_lower(component.namespace), ascii_lower(component.name), version, architecture)


def _rpm(ecosystem: str, component: Component) -> Key:
    key = _system(ecosystem, component)
    epoch, colon, version = key.version.partition(":")
    if not colon:
        epoch, version = _qualifier(component, "epoch"), key.version
    return key._replace(version=version if epoch in {"", "0"} else f"{epoch}:{version}")


def _joined(component: Component) -> str:
    """Namespace and name: tools write them apart, together, or the namespace twice."""
    namespace, name = component.namespace, component.name
    if not namespace or name == namespace or name.startswith(f"{namespace}/"):
        return name
    return f"{namespace}/{name}"


def _qualifier(component: Component, name: str) -> str:
    for key, value in component.qualifiers:
        if key == name:
            return value
    return ""


_KEYS: Mapping[str, Callable[[str, Component], Key]] = MappingProxyType(
    {
        FILE: _file,
        "pypi": _pypi,
        "npm": _npm,
        "golang": _golang,
        "deb": _system,
        "apk": _system,
        "rpm": _rpm,
    }
)
