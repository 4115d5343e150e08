"""A catalogue as a CycloneDX document: plain values, in the order in which they are written.

* the same catalogue makes the same document: no clock, no chance, no order of a set; the serial number is made of the
  rest of the document
* how complete the list is stands in `compositions`, and of which ecosystems it is whole in properties
* the library of CycloneDX would make the same, in the square of the time (docs/adr/0013-documents-of-our-own.md)

Source: CycloneDX 1.5, 1.6, 1.7.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.version import VERSION
from verifier.formats.bom.catalog import Catalog, Integrity
from verifier.formats.cyclonedx.versions import SpecVersion
from verifier.formats.cyclonedx.writing.components import component_of, pairs_of
from verifier.formats.cyclonedx.writing.graph import edges_of, nested

TOOL: Final = "policy-verifier"
COMPLETE: Final = "verifier:complete"
"""The property, one for each ecosystem of which every component is listed."""
KIND: Final = "verifier:kind"
DIGEST: Final = "verifier:digest"
UNNUMBERED: Final = "urn:uuid:00000000-0000-0000-0000-000000000000"
"""The serial number until the rest of the document is known."""
_PHASES: Final = {"bundle": "post-build", "image": "post-build", "project": "pre-build", "environment": "operations"}


def document_of(
    catalog: Catalog, version: SpecVersion, *, timestamp: datetime | None = None, files: bool = False
) -> dict[str, Any]:
    """The document, still without its number. `files` lists the files whose integrity is in question by their paths."""
    root = root_of(catalog)
    components = [component_of(component, version) for component in catalog.components]
    document: dict[str, Any] = {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": UNNUMBERED,
        "version": 1,
        "metadata": _metadata(catalog, version, root, timestamp, files=files),
        "components": nested(catalog.components, components),
        "dependencies": [
            {"ref": ref, "dependsOn": list(others)} if others else {"ref": ref}
            for ref, others in edges_of(catalog, root)
        ],
        "compositions": [{"aggregate": catalog.aggregate, "assemblies": [root]}],
    }
    return document


def root_of(catalog: Catalog) -> str:
    """The ref of the artifact itself."""
    return catalog.subject.ref or f"{catalog.kind}:{catalog.subject.name}"


def serial_number(content: bytes) -> str:
    """A name for exactly this content: a UUID of version 8 from its SHA-256.

    Source: RFC 9562 section 5.8.
    """
    named = bytearray(hashlib.sha256(content).digest()[:16])
    named[6] = named[6] & 0x0F | 0x80
    named[8] = named[8] & 0x3F | 0x80
    digits = named.hex()
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _metadata(
    catalog: Catalog, version: SpecVersion, root: str, timestamp: datetime | None, *, files: bool
) -> dict[str, Any]:
    subject = catalog.subject._replace(
        ref=root,
        properties=(
            *catalog.subject.properties,
            *catalog.properties,
            *((DIGEST, str(digest)) for digest in catalog.digests),
        ),
    )
    stated = {} if timestamp is None else {"timestamp": format_rfc3339(timestamp.replace(microsecond=0))}
    return {
        **stated,
        "lifecycles": [{"phase": _PHASES[catalog.kind]}],
        "tools": {"components": [{"type": "application", "name": TOOL, "version": VERSION}]},
        "component": component_of(subject, version),
        "properties": pairs_of(tuple(_said(catalog, files=files))),
    }


def _said(catalog: Catalog, *, files: bool) -> list[tuple[str, str]]:
    """What is said of the list itself."""
    found = [(KIND, catalog.kind), *((COMPLETE, each) for each in sorted(catalog.ecosystems))]
    if catalog.integrity is not None:
        found += _integrity(catalog.integrity, files=files)
    return found


def _integrity(integrity: Integrity, *, files: bool) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in ("altered", "missing", "unowned", "unchecked"):
        paths: tuple[str, ...] = getattr(integrity, name)
        found.append((f"verifier:files:{name}", str(len(paths))))
        if files:
            found += [(f"verifier:file:{name}", path) for path in paths]
    return found
