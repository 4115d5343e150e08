"""BSI, Technical Guideline TR-03183-2, Software Bill of Materials (SBOM), version 2.1.0 of 20 August 2025."""

from __future__ import annotations

from typing import Final

from verifier.sbom.quality import cyclonedx, spdx
from verifier.sbom.quality.listing import listed, name
from verifier.sbom.quality.rule import Check, Level, Place, Profile, Rule, nowhere

_SPDX: Final = nowhere("the guideline takes SPDX from 3.0.1 on, and says nothing of where SPDX 2 has it")


def _component(
    element: str, section: str, path: str, check: Check, demand: str, *, if_any: bool = False, level: Level = "MUST"
) -> Rule:
    place = Place(path=path, component=check)
    return Rule(
        element=element, section=section, level=level, demand=demand, cyclonedx=place, spdx=_SPDX, if_any=if_any
    )


def _document(element: str, section: str, path: str, check: Check, demand: str, *, if_any: bool = False) -> Rule:
    place = Place(path=path, document=check)
    return Rule(
        element=element, section=section, level="MUST", demand=demand, cyclonedx=place, spdx=_SPDX, if_any=if_any
    )


def _flag(element: str, key: str, yes: str, no: str) -> Rule:
    path = f"components[].properties[bsi:component:{key}]"
    check = cyclonedx.property_of(f"bsi:component:{key}", yes, no)
    return _component(element, "5.2.2", path, check, f"Every component is said to be `{yes}` or `{no}`.")


PROFILE: Final = Profile(
    name="bsi-tr-03183-2",
    title="BSI TR-03183-2 2.1.0",
    notes=(
        "Creators are reached at an e-mail address, else a URL; a name, `authors` and `supplier` do not count.",
        "`metadata.manufacture`, without the last letter, is who made the component, not who made the SBOM.",
        "A digest counts where the guideline has it: SHA-512 on the external reference of type `distribution`.",
        "Nothing in CycloneDX tells a logical or identified component (3.2.2, 3.2.4), so that each is judged in full.",
        "A composition that names no component says nothing of any.",
    ),
    rules=(
        Rule(
            element="SBOM formats",
            section="4",
            level="MUST",
            demand="CycloneDX 1.6 or later, or SPDX 3.0.1 or later.",
            cyclonedx=Place(path="specVersion", document=cyclonedx.at_least(1, 6)),
            spdx=Place(path="spdxVersion", document=spdx.too_old),
        ),
        _document(
            "Creator of the SBOM",
            "5.2.1",
            "metadata.manufacturer.contact[].email, else .url[]",
            cyclonedx.creator,
            "The e-mail address of the entity that created the SBOM, else its URL.",
        ),
        _document(
            "Timestamp", "5.2.1", "metadata.timestamp", cyclonedx.timestamp, "Date and time of the data compilation."
        ),
        _component(
            "Component creator",
            "5.2.2",
            "components[].manufacturer.contact[].email, else .url[]",
            cyclonedx.manufacturer,
            "The e-mail address of the entity that created the component, else its URL.",
        ),
        Rule(
            element="Component name",
            section="5.2.2",
            level="MUST",
            demand="The name that the creator gave it, else the file's; and there is a component.",
            cyclonedx=Place(path="components[].name", component=name, document=listed),
            spdx=_SPDX,
        ),
        _component(
            "Component version",
            "5.2.2",
            "components[].version",
            cyclonedx.own_version,
            "The creator's version, unchanged, else the file's modification date as RFC 3339 writes it.",
        ),
        _component(
            "Filename of the component",
            "5.2.2",
            "components[].properties[bsi:component:filename]",
            cyclonedx.filename,
            "The file's name, without its path.",
        ),
        Rule(
            element="Dependencies on other components",
            section="5.2.2, 5.1",
            level="MUST",
            demand="Every component has its direct dependencies listed, a leaf an empty list, recursively.",
            cyclonedx=Place(path="dependencies[]", component=cyclonedx.dependencies, document=cyclonedx.graph),
            spdx=_SPDX,
        ),
        _component(
            "Dependencies on other components: completeness",
            "5.2.2",
            "compositions[].aggregate with .assemblies[], .dependencies[]",
            cyclonedx.enumerated,
            "How complete each list is, is clearly indicated.",
        ),
        _component(
            "Distribution licences",
            "5.2.2, 6.1",
            "components[].licenses[] with acknowledgement concluded",
            cyclonedx.acknowledged("concluded"),
            "SPDX expressions, `LicenseRef-scancode-…` or `LicenseRef-ENTITY-…`, concluded.",
        ),
        _component(
            "Hash value of the deployable component",
            "5.2.2",
            "components[].externalReferences[distribution].hashes[SHA-512]",
            cyclonedx.reference_digest("distribution", "SHA-512"),
            "SHA-512 of the component as a file.",
        ),
        _flag("Executable property", "executable", "executable", "non-executable"),
        _flag("Archive property", "archive", "archive", "no archive"),
        _flag("Structured property", "structured", "structured", "unstructured"),
        _document("SBOM-URI", "5.2.3", "serialNumber", cyclonedx.serial_number, "The SBOM's own URI.", if_any=True),
        _component(
            "Source code URI",
            "5.2.4",
            "components[].externalReferences[source-distribution, vcs].url",
            cyclonedx.reference("source-distribution", "vcs"),
            "Where the source code is.",
            if_any=True,
        ),
        _component(
            "URI of the deployable form of the component",
            "5.2.4",
            "components[].externalReferences[distribution].url",
            cyclonedx.reference("distribution"),
            "What points directly to the deployable form.",
            if_any=True,
        ),
        _component(
            "Other unique identifiers",
            "5.2.4",
            "components[].purl, .cpe, .swid.tagId, .omniborId[], .swhid[]",
            cyclonedx.identifier,
            "CPE, purl and others.",
            if_any=True,
        ),
        _component(
            "Original licences",
            "5.2.4, 6.1",
            "components[].licenses[] with acknowledgement declared",
            cyclonedx.acknowledged("declared"),
            "What the component's creator assigned, written as distribution licences are.",
            if_any=True,
        ),
        _component(
            "Effective licence",
            "5.2.5",
            "components[].properties[bsi:component:effectiveLicense]",
            cyclonedx.effective_license,
            "The licence that the creator of the SBOM uses it under.",
            if_any=True,
            level="MAY",
        ),
        _component(
            "Hash value of the source code of the component",
            "5.2.5",
            "components[].externalReferences[source-distribution].hashes[SHA-512]",
            cyclonedx.reference_digest("source-distribution", "SHA-512"),
            "A digest of the source code.",
            if_any=True,
            level="MAY",
        ),
        _component(
            "URL of the security.txt",
            "5.2.5",
            "components[].externalReferences[rfc-9116].url",
            cyclonedx.reference("rfc-9116"),
            "Where the creator's security.txt is.",
            if_any=True,
            level="MAY",
        ),
        _document(
            "No vulnerability information",
            "3.1",
            "vulnerabilities",
            cyclonedx.no_vulnerabilities,
            "An SBOM holds none: it would be out of date at once.",
        ),
    ),
)
