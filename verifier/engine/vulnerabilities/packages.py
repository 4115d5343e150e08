"""The packages of one artifact, for a database to be asked about: what is in it, not what somebody says of it.

* of what can be looked into, the packages are those that are found there
* of a file, and of a bundle, whose own files are policies of which no database has records, they are those that a
  signed SBOM names; without one nobody knows them, which is never the same as there being none
* what an SBOM is about is no need of its own, and no index has to know it; where it is affected itself, it counts
* what could not be looked into wholly has no packages that anybody could be sure of
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.audit.answers import Answers
from verifier.audit.sources.collected import Collected, Source
from verifier.audit.sources.components import of_components
from verifier.core.errors import Refused, refuse
from verifier.core.value import replace
from verifier.engine.vulnerabilities.question import Asked
from verifier.evidence.attested import ProvenSbom
from verifier.evidence.contents import Contents
from verifier.formats.audit.package import Package, Place
from verifier.formats.bom.component import Component
from verifier.formats.bom.document import BomDocument
from verifier.formats.bom.same import canonical_text
from verifier.formats.json.write import compact
from verifier.sbom.reading import read_bom
from verifier.trust.sections.vulnerabilities import VulnerabilityRule

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
        return (*collected, *_affected_itself(asked))
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


def _affected_itself(asked: Asked) -> Iterator[Collected]:
    """What the SBOMs are about, where the records know of something: of what is one's own they know nothing."""
    from verifier.audit.askable import unaskable  # noqa: PLC0415 - only where SBOMs are read

    if asked.advisories is None or isinstance(asked.advisories, Refused):
        return
    private = VulnerabilityRule.of(asked.rule).private
    for each in _documents(asked):
        about = _about(each, asked)
        known = [package for package in about.packages if not unaskable(package, private=private)]
        answers = asked.advisories.ask(known, asked.now)
        packages = tuple(package for package in known if _is_affected(package, answers))
        if packages:
            yield replace(about, packages=packages)


def _about(proven: ProvenSbom, asked: Asked) -> Collected:
    """What a signed SBOM is about."""
    subject, document = _read(proven, asked)
    components = () if document.subject is None else (document.subject,)
    return of_components(components, (), source=Source(document.format, subject), place=lambda _: Place(subject))


def _is_affected(package: Package, answers: Answers) -> bool:
    """Whether anything is known of it, or could not be decided."""
    from verifier.audit.matching import NotAffected, is_live, judge  # noqa: PLC0415 - as above

    live = (each for each in answers.records.get(package.purl, ()) if is_live(each))
    return package.purl in answers.refused or any(not isinstance(judge(each, package), NotAffected) for each in live)


def _read(proven: ProvenSbom, asked: Asked) -> tuple[str, BomDocument]:
    """What reports call a signed SBOM, and the document."""
    subject = f"SBOM in {proven.digest}"
    return subject, read_bom(compact(proven.document).encode(), subject=subject, budget=asked.budget)


def _listed(proven: ProvenSbom, asked: Asked) -> Collected:
    """The packages that a signed SBOM lists, but for what it is about."""
    subject, document = _read(proven, asked)
    root = document.subject.ref if document.subject is not None else ""
    return of_components(
        (each for each in document.components if not root or each.ref != root),
        document.dependencies,
        source=Source(document.format, subject),
        place=lambda _: Place(subject),
        root=root,
        reasons=document.findings,
    )
