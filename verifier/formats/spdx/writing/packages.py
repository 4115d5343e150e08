"""One component as a package of SPDX 2.3.

* a file is a package whose purpose is FILE: SPDX' own files demand a SHA-1, which nobody should have to make
* what SPDX has no field for stands in the comment, a line each, under the names that CycloneDX' properties have
* what is not known is NOASSERTION, and never a guess
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any, Final

from verifier.formats.bom.component import FILE, Component, Hash
from verifier.formats.bom.faults import escaped
from verifier.formats.bom.purl import purl_of
from verifier.formats.bom.said import TYPE, is_digest, properties_of, url_of
from verifier.formats.spdx.writing.licenses import NO_ASSERTION, NOT_IN_ID, Extracted

_PURPOSES: Final = {
    "application": "APPLICATION",
    "container": "CONTAINER",
    "file": "FILE",
    "library": "LIBRARY",
    "operating-system": "OPERATING-SYSTEM",
}
_CHECKSUMS: Final = {"MD5": "MD5", "SHA-1": "SHA1", "SHA-256": "SHA256", "SHA-384": "SHA384", "SHA-512": "SHA512"}
_WEB: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?/[A-Za-z0-9._~:/?#!$&'()*+,;=%-]*\Z")
_NAME_SHOWN: Final = 60


def spdx_id(ref: str) -> str:
    """The id of what has this ref: as much of it as an id may hold, and its digest."""
    digest = hashlib.sha256(ref.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return f"SPDXRef-{NOT_IN_ID.sub('-', ref[:_NAME_SHOWN]).strip('-.')}-{digest}"


def package_of(component: Component, extracted: Extracted) -> dict[str, Any]:
    """The package; licences that SPDX does not list go to `extracted`."""
    alone = component.distributions[0] if len(component.distributions) == 1 else None
    place = url_of(alone.url) if alone is not None else ""
    hashes = component.hashes or (alone.hashes if alone is not None else ())
    declared = [each for each in component.licenses if each.acknowledgement != "concluded"]
    concluded = [each for each in component.licenses if each.acknowledgement == "concluded"]
    package: dict[str, Any] = {"name": _name(component), "SPDXID": spdx_id(component.ref)}
    more: dict[str, Any] = {
        "versionInfo": component.version,
        "packageFileName": component.path if component.ecosystem == FILE else "",
        "primaryPackagePurpose": _PURPOSES.get(component.type, "OTHER"),
        "supplier": f"Organization: {' '.join(component.supplier.split())}" if component.supplier.split() else "",
        "downloadLocation": place if _WEB.match(place) else NO_ASSERTION,
    }
    package.update((key, value) for key, value in more.items() if value)
    package |= {
        "filesAnalyzed": False,
        "licenseConcluded": extracted.expression(concluded),
        "licenseDeclared": extracted.expression(declared),
        "copyrightText": NO_ASSERTION,
    }
    rest: dict[str, Any] = {
        "checksums": _checksums(hashes),
        "externalRefs": _references(component),
        "description": component.description,
        "comment": comment_of(_comments(component)),
    }
    package.update((key, value) for key, value in rest.items() if value)
    return package


def comment_of(said: Iterable[tuple[str, str]]) -> str:
    """Pairs as a comment: a line each, and none that a value has made."""
    return "\n".join(escaped(f"{name}: {value}") for name, value in said)


def _name(component: Component) -> str:
    """SPDX has no groups: the scope of an npm package stands in its name, as it does everywhere else."""
    scope = component.namespace if component.ecosystem == "npm" else ""
    return f"{scope}/{component.name}" if scope else component.name


def _checksums(hashes: tuple[Hash, ...]) -> list[dict[str, str]]:
    return [
        {"algorithm": _CHECKSUMS[each.algorithm], "checksumValue": each.value} for each in hashes if _is_checksum(each)
    ]


def _is_checksum(stated: Hash) -> bool:
    return stated.algorithm in _CHECKSUMS and is_digest(stated)


def _references(component: Component) -> list[dict[str, str]]:
    purl = purl_of(component)
    if not purl:
        return []
    return [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]


def _comments(component: Component) -> list[tuple[str, str]]:
    found = properties_of(component)
    if component.type not in _PURPOSES:
        found.append((TYPE, component.type))
    if component.path and component.ecosystem != FILE:
        found.append(("verifier:path", component.path))
    found += [(f"verifier:hash:{each.algorithm}", each.value) for each in component.hashes if not _is_checksum(each)]
    if component.cpe:
        found.append(("verifier:cpe", component.cpe))
    if len(component.distributions) > 1:
        for each in component.distributions:
            digests = " ".join(f"{one.algorithm}:{one.value}" for one in each.hashes)
            found.append(("verifier:distribution", f"{url_of(each.url) or NO_ASSERTION} {digests}".strip()))
    return found
