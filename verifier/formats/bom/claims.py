"""What a component claims of itself, as far as it can be held against itself: its purl, its digests.

* a purl of pypi, npm, deb, rpm or apk names what the component names; of other types tools differ, and it is a doubt
* an image's purl has a digest where the component has a tag: they say different things, and none against the other
* an epoch is the same before the version and as a qualifier; a leading `v` of Go's versions is no difference
* a digest has the length of its algorithm, and is lower case from here on

Source: formats/sbom.md section 1, measured on 186 documents of other projects.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.digest import is_hex
from verifier.formats.bom.component import Hash
from verifier.formats.bom.faults import Faults, told
from verifier.formats.purl import Purl, ascii_lower, parse_purl

_EXACT: Final = frozenset({"pypi", "npm", "deb", "rpm", "apk"})
"""Types whose purls agree with name and version in all documents of tools that know them."""
_EPOCHS: Final = frozenset({"deb", "rpm"})
_IMAGES: Final = frozenset({"oci", "docker"})
"""Types whose version is a digest; beside it a component has its tag as version."""
_RUNS: Final = re.compile(r"[-_.]+")
HEX_DIGITS: Final = {
    "MD2": 32,
    "MD4": 32,
    "MD5": 32,
    "SHA-1": 40,
    "SHA-224": 56,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "BLAKE3": 64,
    "Streebog-256": 64,
    "Streebog-512": 128,
    "ADLER32": 8,
}
"""Algorithms by CycloneDX' names, where it has one, and the hex digits of their values."""
WEAK: Final = frozenset({"MD2", "MD4", "MD5", "SHA-1", "ADLER32"})
"""Algorithms that prove nothing: others can make bytes of the same value."""


def read_hash(algorithm: str, value: str, path: str, index: int, faults: Faults) -> Hash:
    """The digest number `index` at `path`, in lower case; a fault where its length is not its algorithm's."""
    lower = value.lower()
    if HEX_DIGITS.get(algorithm) != len(lower) or not is_hex(lower):
        digits = HEX_DIGITS.get(algorithm)
        expected = f"{digits} hex digits" if digits else "an algorithm that is known"
        faults.fault(f"{path}[{index}]", f"is no {told(algorithm)} digest: {told(value)}, expected {expected}")
    return Hash(algorithm, lower)


def read_purl(text: str, group: str, name: str, version: str | None, path: str, faults: Faults) -> Purl | None:
    """The purl of a component that has this group, name and version; None, and a fault, where it is no purl."""
    try:
        purl = parse_purl(text)
    except ValueError as error:
        faults.fault(f"{path}.purl", f"is {told(text)}, which is no package URL: it {error}")
        return None
    if purl.name == name and purl.version == version and not (group or purl.namespace or purl.qualifiers):
        return purl
    note = faults.fault if purl.type in _EXACT else faults.doubt
    if not _names_alike(purl, group, name):
        seen = f"{group}/{name}" if group else name
        note(f"{path}.purl", f"is {told(text)}, which is not {told(seen)}, the component's name")
    elif version is not None and purl.version is not None and not _versions_alike(purl, version):
        note(f"{path}.purl", f"is {told(text)}, which is not {told(version)}, the component's version")
    return purl


def version_of(purl: Purl, stated: str | None) -> str | None:
    """The version of a component with this purl as artifacts' own records have it.

    deb keeps the epoch in it, rpm has it in the qualifier alone; of others it is what the component says.
    """
    if purl.version is None or purl.type not in _EPOCHS:
        return purl.version if stated is None else stated
    if purl.type == "rpm":
        return purl.version.partition(":")[2] or purl.version
    epoch, version = _with_epoch(purl, purl.version)
    return version if epoch == "0" else f"{epoch}:{version}"


def _names_alike(purl: Purl, group: str, name: str) -> bool:
    if purl.type == "pypi":
        return ascii_lower(_RUNS.sub("-", name)) == ascii_lower(_RUNS.sub("-", purl.name))
    whole = ascii_lower(f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name)
    stated = ascii_lower(name)
    if purl.type == "npm":
        scope = f"@{group.lower().removeprefix('@')}/" if group and not stated.startswith("@") else ""
        return whole == scope + stated
    if purl.type in _EXACT:
        return stated == ascii_lower(purl.name)
    separated = {f"{group.lower()}{each}{stated}" for each in "/:."}
    return stated in (ascii_lower(purl.name), whole) or whole in separated or whole.replace("/", ":") == stated


def _versions_alike(purl: Purl, stated: str) -> bool:
    version = purl.version or ""
    if purl.type in _EPOCHS:
        epoch, rest = _with_epoch(purl, version)
        # Trivy states no epoch beside a purl that has one; whoever states one states the same.
        return (epoch, rest) == _with_epoch(None, stated) or rest == stated
    if purl.type == "golang":
        return version.removeprefix("v") == stated.removeprefix("v")
    if purl.type in _IMAGES and version.startswith("sha256:") and ":" not in stated:
        return True
    return version == stated


def _with_epoch(purl: Purl | None, version: str) -> tuple[str, str]:
    """The epoch and the rest of a version; "0" where there is none."""
    epoch, colon, rest = version.partition(":")
    if colon:
        return epoch, rest
    stated = next((value for key, value in purl.qualifiers if key == "epoch"), "0") if purl else "0"
    return stated, version
