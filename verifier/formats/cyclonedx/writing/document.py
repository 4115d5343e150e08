"""A catalogue as a CycloneDX document: plain values, in the order in which they are written.

* the same catalogue makes the same document: no clock, no chance, no order of a set; the serial number is made of the
  rest of the document
* how complete the list is stands in `compositions`, and of which ecosystems it is whole in properties
* the library of CycloneDX would make the same, in the square of the time (docs/adr/0013-documents-of-our-own.md)

Source: CycloneDX 1.5, 1.6, 1.7.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.version import VERSION
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.json_form import UNNUMBERED
from verifier.formats.bom.listed import TOOL, edges_of, root_of, said_of, subject_of
from verifier.formats.cyclonedx.versions import SpecVersion
from verifier.formats.cyclonedx.writing.components import component_of, pairs_of
from verifier.formats.cyclonedx.writing.nesting import nested

_PHASES: Final = {"bundle": "post-build", "image": "post-build", "project": "pre-build", "environment": "operations"}


def document_of(
    catalog: Catalog, version: SpecVersion, *, timestamp: datetime | None = None, files: bool = False
) -> dict[str, Any]:
    """The document, with `UNNUMBERED` in its serial number.

    `files` lists the files whose integrity is in question by their paths.
    """
    root = root_of(catalog)
    components = [component_of(component, version) for component in catalog.components]
    document: dict[str, Any] = {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{UNNUMBERED}",
        "version": 1,
        "metadata": _metadata(catalog, version, timestamp, files=files),
        "components": nested(catalog.components, components),
        "dependencies": [
            {"ref": ref, "dependsOn": list(others)} if others else {"ref": ref}
            for ref, others in edges_of(catalog, root)
        ],
        "compositions": [{"aggregate": catalog.aggregate, "assemblies": [root]}],
    }
    return document


def _metadata(catalog: Catalog, version: SpecVersion, timestamp: datetime | None, *, files: bool) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    if timestamp is not None:
        stated["timestamp"] = format_rfc3339(timestamp.replace(microsecond=0))
    if catalog.authors:
        stated["authors"] = [{"name": each} for each in catalog.authors]
    return {
        **stated,
        "lifecycles": [{"phase": _PHASES[catalog.kind]}],
        "tools": {"components": [{"type": "application", "name": TOOL, "version": VERSION}]},
        "component": component_of(subject_of(catalog), version),
        "properties": pairs_of(said_of(catalog, files=files)),
    }
