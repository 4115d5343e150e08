"""Which packages a record is about: OSV's ecosystems, purl's types, and which spellings are one name.

* a row for each ecosystem of which something is known here; any other matches nothing
* "Root:PyPI" is of the ecosystem "Root", which is none of these: a rebuild has other versions
* names are compared as their own index compares them

Source: https://ossf.github.io/osv-schema/ ("Defined ecosystems"); https://github.com/package-url/purl-spec;
PEP 503.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple


class Ecosystem(NamedTuple):
    """One ecosystem: the purl type of its packages, and the namespace where several ecosystems share a type.

    `joined` stands between purl's namespace and name in OSV's name; None where the name alone is.
    """

    purl_type: str
    namespace: str = ""
    joined: str | None = None


ECOSYSTEMS: Final = {
    "PyPI": Ecosystem("pypi"),
    "npm": Ecosystem("npm", joined="/"),
    "Go": Ecosystem("golang", joined="/"),
    "crates.io": Ecosystem("cargo"),
    "RubyGems": Ecosystem("gem"),
    "Maven": Ecosystem("maven", joined=":"),
    "NuGet": Ecosystem("nuget"),
    "Packagist": Ecosystem("composer", joined="/"),
    "Hex": Ecosystem("hex"),
    "Pub": Ecosystem("pub"),
    "Debian": Ecosystem("deb", "debian"),
    "Ubuntu": Ecosystem("deb", "ubuntu"),
    "Alpine": Ecosystem("apk", "alpine"),
    "Wolfi": Ecosystem("apk", "wolfi"),
    "Chainguard": Ecosystem("apk", "chainguard"),
    "AlmaLinux": Ecosystem("rpm", "almalinux"),
    "Rocky Linux": Ecosystem("rpm", "rocky"),
    "Red Hat": Ecosystem("rpm", "redhat"),
    "openSUSE": Ecosystem("rpm", "opensuse"),
    "SUSE": Ecosystem("rpm", "suse"),
    "openEuler": Ecosystem("rpm", "openeuler"),
    "Mageia": Ecosystem("rpm", "mageia"),
}
"""By OSV's name, without what may stand behind its colon."""
_BY_TYPE: Final = {(each.purl_type, each.namespace): name for name, each in ECOSYSTEMS.items()}
_ALIKE: Final = {"rhel": "redhat", "rocky-linux": "rocky", "rockylinux": "rocky", "alma": "almalinux"}
"""Namespaces that mean one ecosystem."""

_RUN: Final = re.compile(r"[-_.]+")
_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_LOWER: Final = frozenset({"golang", "composer", "nuget", "hex", "pub", "deb", "apk"})
"""Types of which names are one whatever their case: purl writes them in lower case, records as their makers do."""


def purl_type_of(ecosystem: str) -> str:
    """The purl type of an OSV ecosystem ("PyPI", "Debian:12"); "" where it has none here."""
    found = ECOSYSTEMS.get(ecosystem.partition(":")[0])
    return found.purl_type if found is not None else ""


def osv_name_of(purl_type: str, namespace: str = "") -> str:
    """The OSV ecosystem of packages of a purl type ("pypi", or "deb" of "debian"); "" where it has none here."""
    if purl_type not in {"deb", "apk", "rpm"}:
        return _BY_TYPE.get((purl_type, ""), "")
    lower = namespace.lower()
    return _BY_TYPE.get((purl_type, _ALIKE.get(lower, lower)), "")


@lru_cache(maxsize=65_536)
def compared_name(purl_type: str, name: str) -> str:
    """A name as its ecosystem compares it: by PEP 503 for Python, in lower case where case does not count."""
    if purl_type == "pypi":
        return _RUN.sub("-", name).lower()
    if purl_type == "cargo":
        return name.replace("_", "-").lower()
    return name.lower() if purl_type in _LOWER else name


def full_name(purl_type: str, namespace: str, name: str) -> str:
    """What OSV calls a package that purl calls `namespace` and `name` (or already by its whole name), as it is
    compared: "github.com/acme/lib", "@acme/lib", "org.acme:lib"."""
    ecosystem = ECOSYSTEMS.get(osv_name_of(purl_type, namespace))
    if ecosystem is None or ecosystem.joined is None or not namespace:
        return compared_name(purl_type, name)
    before = f"{namespace}{ecosystem.joined}"
    return compared_name(purl_type, name if name.startswith(before) else f"{before}{name}")


def releases_differ(one: str, other: str) -> bool:
    """Whether two releases of one distribution are known to be different ones: "12" and "11", not "v3.18" and "3.18.4".

    Where one has no number ("", "edge", "bookworm") nobody knows, so they do not.
    """
    first, second = _NUMBERS.search(one), _NUMBERS.search(other)
    if first is None or second is None:
        return False
    return any(int(left) != int(right) for left, right in zip(first[0].split("."), second[0].split("."), strict=False))
