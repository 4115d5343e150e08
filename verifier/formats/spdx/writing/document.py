"""A catalogue as an SPDX 2.3 document: plain values, in the order in which they are written.

* the same catalogue and the same time make the same document; its namespace is made of the rest of it
* the artifact CONTAINS what was found in it; what depends on what is DEPENDS_ON, on NONE where that is known
* how complete the list is stands in the comment: SPDX 2.3 has no field for it

Source: https://spdx.github.io/spdx-spec/v2.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.version import VERSION
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import Component
from verifier.formats.bom.json_form import UNNUMBERED
from verifier.formats.bom.listed import TOOL, edges_of, root_of, said_of, subject_of
from verifier.formats.spdx.relationships import DOCUMENT
from verifier.formats.spdx.writing.licenses import Extracted
from verifier.formats.spdx.writing.packages import comment_of, package_of, spdx_id

_NAMESPACE: Final = "https://policy-verifier.dev/spdx/"


def document_of(catalog: Catalog, timestamp: datetime, *, files: bool = False) -> dict[str, Any]:
    """The document, with `UNNUMBERED` in its namespace. `files` as for CycloneDX."""
    extracted = Extracted()
    root = root_of(catalog)
    packages = [package_of(each, extracted) for each in (subject_of(catalog), *catalog.components)]
    document: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "documentNamespace": f"{_NAMESPACE}{UNNUMBERED}",
        "name": catalog.subject.name,
        "creationInfo": {
            "created": format_rfc3339(timestamp.replace(microsecond=0)),
            "creators": [f"Tool: {TOOL}-{VERSION}", *(f"Organization: {each}" for each in catalog.authors)],
        },
        "comment": comment_of(_comments(catalog, files=files)),
        "documentDescribes": [spdx_id(root)],
        "packages": packages,
        "relationships": list(_relationships(catalog, root)),
    }
    if extracted.texts:
        document["hasExtractedLicensingInfos"] = [
            {"licenseId": own, "extractedText": text} for own, text in sorted(extracted.texts.items())
        ]
    return document


def _comments(catalog: Catalog, *, files: bool) -> list[tuple[str, str]]:
    return [("verifier:aggregate", catalog.aggregate), *said_of(catalog, files=files)]


def _relationships(catalog: Catalog, root: str) -> Iterator[dict[str, str]]:
    yield _relationship(DOCUMENT, "DESCRIBES", spdx_id(root))
    ids = {root: spdx_id(root)} | {each.ref: spdx_id(each.ref) for each in catalog.components}
    for component in catalog.components:
        if _is_inside(component):
            yield _relationship(ids.get(component.parent, ids[root]), "CONTAINS", ids[component.ref])
    inside = {component.ref for component in catalog.components if _is_inside(component)}
    for ref, others in edges_of(catalog, root):
        # What it contains was said; left is what it needs and does not contain.
        needed = [other for other in others if ref != root or other not in inside]
        yield from (_relationship(ids[ref], "DEPENDS_ON", ids[other]) for other in needed)
        if not others:
            yield _relationship(ids[ref], "DEPENDS_ON", "NONE")


def _is_inside(component: Component) -> bool:
    """Whether it is a part of the artifact, rather than what it needs."""
    return component.type != "platform"


def _relationship(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
