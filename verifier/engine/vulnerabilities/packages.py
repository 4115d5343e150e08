"""The packages of one artifact, for a database to be asked about: what is in it, not what somebody says of it.

* of what can be looked into, the packages are those that are found there
* of a file, and of a bundle, whose own files are policies of which no database has records, they are those that a
  signed SBOM names; without one nobody knows them, which is never the same as there being none
* what could not be looked into wholly has no packages that anybody could be sure of
"""

from __future__ import annotations

from typing import Final

from verifier.audit.sources.collected import Collected, Source
from verifier.audit.sources.components import of_components
from verifier.core.errors import refuse
from verifier.engine.vulnerabilities.question import Asked
from verifier.evidence.attested import ProvenSbom
from verifier.evidence.contents import Contents
from verifier.formats.audit.package import Place
from verifier.formats.bom.component import Component
from verifier.formats.bom.same import canonical_text
from verifier.formats.json.write import compact
from verifier.sbom.reading import read_bom

CODE: Final = "vulnerability.not-audited"
_LISTED: Final = "Give its SBOM, attested by a signer of the rule, or a signed scan of it (--attestation FILE)."
_WHY: Final = {
    "bundle": "the files of a bundle are policies, of which no database has records, and no signed SBOM names packages "
    "that it depends on",
    "artifact": "nobody looks into a file, and no signed SBOM says what is in it",
}


def packages_of(asked: Asked) -> tuple[Collected, ...]:
    """The packages, by what they were read from; raises `Refused`, with `CODE` where nobody can know them."""
    read = asked.kind.contents
    contents = () if read is None or asked.kind.name == "bundle" else read(asked.artifact, asked.evidence)
    if asked.kind.name in _WHY:
        collected = tuple(_listed(each, asked) for each in _documents(asked))
        if not any(each.packages for each in collected):
            raise refuse(CODE, asked.artifact.reference, _WHY[asked.kind.name], _LISTED)
        return collected
    if len(contents) < max(1, len(asked.artifact.parts())):
        message = "not all of what it stands for was looked into: nobody can say which packages it contains"
        raise refuse(CODE, asked.artifact.reference, message)
    return tuple(map(_found, contents))


def _found(contents: Contents) -> Collected:
    """The packages that lie in an artifact."""
    from verifier.sbom.catalog.table import catalog_of  # noqa: PLC0415 - only where it is looked into

    catalog = catalog_of(contents)

    def place(component: Component) -> Place:
        return Place(component.path or contents.name)

    return of_components(
        catalog.components,
        catalog.dependencies,
        source=Source(contents.kind, contents.name),
        place=place,
        reasons=catalog.findings,
    )


def _documents(asked: Asked) -> tuple[ProvenSbom, ...]:
    """The signed SBOMs of the artifact, each once."""
    from verifier.engine.sboms.boms import MAX_BOMS  # noqa: PLC0415 - only where SBOMs are read

    found = {canonical_text(each.document): each for each in asked.evidence.sboms}
    if len(found) > MAX_BOMS:
        message = f"{len(found)} signed SBOMs; at most {MAX_BOMS} are read"
        raise refuse("input.too-large", asked.artifact.reference, message)
    return tuple(found.values())


def _listed(proven: ProvenSbom, asked: Asked) -> Collected:
    """The packages that a signed SBOM lists, but for what it is about."""
    subject = f"SBOM in {proven.digest}"
    document = read_bom(compact(proven.document).encode(), subject=subject, budget=asked.budget)
    root = document.subject.ref if document.subject is not None else ""
    return of_components(
        (each for each in document.components if not root or each.ref != root),
        document.dependencies,
        source=Source(document.format, subject),
        place=lambda _: Place(subject),
        root=root,
        reasons=document.findings,
    )
