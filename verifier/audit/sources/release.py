"""Which release of a distribution a package is of, and which source package it was built from, as its purl says. Pure.

* records are about releases ("Debian:12", "Alpine:v3.18"), tools write systems ("debian-12.5", "3.18.4", "bookworm")
* records of Debian, Ubuntu and Alpine are about source packages: the qualifiers `upstream`, `source` and `origin` name
  them

Source: https://ossf.github.io/osv-schema, "Defined ecosystems"; the purl specification's types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from verifier.formats.purl import ascii_lower

_CODENAMES: Final = {
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "forky": "14",
    "xenial": "16.04",
    "bionic": "18.04",
    "focal": "20.04",
    "jammy": "22.04",
    "noble": "24.04",
    "plucky": "25.04",
}
_NUMBERS: Final = re.compile(r"(?:\A|-)v?(\d+)(?:\.(\d+))?[^-]*\Z")
_TOLD: Final = frozenset({"deb", "apk", "rpm"})


class Built(NamedTuple):
    """The source package; what nobody says is ""."""

    name: str = ""
    version: str = ""


def release_of(ecosystem: str, namespace: str, qualifiers: Mapping[str, str]) -> str:
    """The release as records call it: "12", "22.04", "v3.18"; "" where nobody says."""
    distro = qualifiers.get("distro", "")
    if ecosystem not in _TOLD or not distro:
        return ""
    if known := _CODENAMES.get(distro.rpartition("-")[2].lower()):
        return known
    match = _NUMBERS.search(distro)
    if match is None:
        return ""
    major, minor = match[1], match[2]
    if ecosystem == "apk":
        return f"v{major}.{minor}" if minor else f"v{major}"
    if namespace == "ubuntu" or distro.startswith(("ubuntu", "opensuse", "sles")):
        return f"{major}.{minor}" if minor else major
    return major


def built_from(ecosystem: str, qualifiers: Mapping[str, str]) -> Built:
    """The source package of a distribution's package."""
    if ecosystem not in {"deb", "apk"}:
        return Built()
    said = next((qualifiers[key] for key in ("upstream", "source", "origin") if qualifiers.get(key)), "")
    source, _, version = said.partition("@")
    version = version or qualifiers.get("upstream_version", "")
    return Built(ascii_lower(source), version)
