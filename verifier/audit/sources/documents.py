"""Packages of a bill of materials: CycloneDX in JSON or XML, SPDX in JSON.

* what the document is about is no package of it; but SPDX lists it among them, and one that an index hands out is one
* each package stands at the line of its purl
* one with faults is still read for its packages, and its faults are errors
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from verifier.audit.sources.collected import Collected, Source
from verifier.audit.sources.components import of_components
from verifier.audit.sources.table import Reading
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.formats.audit.package import Place
from verifier.formats.bom.component import Component
from verifier.formats.bom.document import BomDocument
from verifier.formats.osv.ecosystems import osv_name_of
from verifier.sbom.locks.private import sources_of
from verifier.sbom.reading import read_bom

_PURL: Final = re.compile(rb"""["'>](pkg:[^"'<\\]{1,8192})["'<]|\n""")


def read(reading: Reading) -> Collected:
    """The packages that the document lists; `Refused` as `read_bom` says."""
    path, lines = reading.path, _lines(reading.content)

    def place(component: Component) -> Place:
        return Place(path, lines.get(component.purl, 0))

    try:
        document = read_bom(reading.content, subject=path)
    except Refused as refusal:
        return _unsound(reading, refusal, place)
    subject = document.subject
    root = subject.ref if subject is not None else ""
    return of_components(
        (*(each for each in document.components if not root or each.ref != root), *_released(document)),
        document.dependencies,
        source=Source(document.format, path),
        place=place,
        root=root,
        reasons=document.findings,
        files=(path,),
    )


def _released(document: BomDocument) -> tuple[Component, ...]:
    """What an SPDX document describes, where it is a package that records may name: it may list nothing else."""
    subject = document.subject
    if document.format != "spdx" or subject is None or not subject.version or sources_of(subject):
        return ()
    return (subject,) if osv_name_of(subject.ecosystem, subject.namespace) else ()


def _unsound(reading: Reading, refusal: Refused, place: Callable[[Component], Place]) -> Collected:
    """What can be told from a document with faults, which stay errors."""
    from verifier.audit.sources.unsound import components_of  # noqa: PLC0415 - most documents are sound

    told = None
    if all(each.code == "sbom.invalid" for each in refusal.reasons):
        told = components_of(reading.content, subject=reading.path)
    if told is None:
        raise refusal.again()
    form, components = told
    source = Source(form, reading.path)
    collected = of_components(components, (), source=source, place=place, files=(reading.path,))
    return replace(collected, unread=refusal.reasons)


def _lines(content: bytes) -> dict[str, int]:
    """The first line of each purl, as it is written."""
    found: dict[str, int] = {}
    line = 1
    for match in _PURL.finditer(content):
        if match[1] is None:
            line += 1
        else:
            found.setdefault(match[1].decode("utf-8", "replace"), line)
    return found
