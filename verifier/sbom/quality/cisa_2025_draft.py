"""CISA, 2025 Minimum Elements for a Software Bill of Materials, draft for public comment of 22 August 2025."""

from __future__ import annotations

from typing import Final

from verifier.sbom.quality import cyclonedx, spdx
from verifier.sbom.quality.listing import DATA_FIELDS, HANDED_ON, NOT_SHOWN, PRACTICES, listed, name
from verifier.sbom.quality.rule import Place, Profile, Rule, nowhere, practice

PROFILE: Final = Profile(
    name="cisa-2025-draft",
    title="CISA Minimum Elements, draft of 2025-08-22",
    without=frozenset({"file", "platform"}),
    notes=(
        "A component is a unit of software that somebody supplies: of CycloneDX, files and what the software runs on"
        " are none, as SPDX' files are none, unless they have a purl; how many are left out is said.",
        "A tool is no author. That there is a timestamp says nothing of the Generation Context.",
        "An SPDXID or a bom-ref is no Software Identifier: it means nothing outside its document.",
        "MD5 and SHA-1 alone are no Component Hash.",
    ),
    rules=(
        Rule(
            element="SBOM Author",
            section=DATA_FIELDS,
            level="MUST",
            demand="Who created the SBOM data is named: a person or an organisation.",
            cyclonedx=Place(path="metadata.authors[], metadata.manufacturer (1.6)", document=cyclonedx.author),
            spdx=Place(path="creationInfo.creators[]", document=spdx.creator("Person", "Organization")),
        ),
        Rule(
            element="Software Producer",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has the name of who creates, defines and identifies it.",
            cyclonedx=Place(
                path="components[].manufacturer.name, .supplier.name",
                component=cyclonedx.organisation("manufacturer", "supplier"),
            ),
            spdx=Place(path="packages[].supplier, .originator", component=spdx.party("supplier", "originator")),
        ),
        Rule(
            element="Component Name",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has a name, and there is one.",
            cyclonedx=Place(path="components[].name", component=name, document=listed),
            spdx=Place(path="packages[].name", component=name, document=listed),
        ),
        Rule(
            element="Component Version",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has a version, else the date on which its file was created.",
            cyclonedx=Place(path="components[].version", component=cyclonedx.text("version")),
            spdx=Place(path="packages[].versionInfo", component=spdx.text("versionInfo")),
        ),
        Rule(
            element="Software Identifiers",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has at least one identifier.",
            cyclonedx=Place(
                path="components[].purl, .cpe, .swid.tagId, .omniborId[], .swhid[]", component=cyclonedx.identifier
            ),
            spdx=Place(path="packages[].externalRefs[]", component=spdx.identifier),
        ),
        Rule(
            element="Component Hash",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has a digest, with its algorithm.",
            cyclonedx=Place(path="components[].hashes[]", component=cyclonedx.digest),
            spdx=Place(path="packages[].checksums[]", component=spdx.digest),
        ),
        Rule(
            element="License",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has the licence under which it is available.",
            cyclonedx=Place(path="components[].licenses[]", component=cyclonedx.licensed),
            spdx=Place(path="packages[].licenseConcluded, .licenseDeclared", component=spdx.licensed),
        ),
        Rule(
            element="Dependency Relationship",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component says what it includes, or is included in another.",
            cyclonedx=Place(path="dependencies[]", component=cyclonedx.in_graph, document=cyclonedx.top_level),
            spdx=Place(path="relationships[]", component=spdx.in_graph, document=spdx.top_level),
        ),
        Rule(
            element="Tool Name",
            section=DATA_FIELDS,
            level="MUST",
            demand="The tool that generated the SBOM is named.",
            cyclonedx=Place(path="metadata.tools.components[].name", document=cyclonedx.tool),
            spdx=Place(path="creationInfo.creators[] (Tool:)", document=spdx.creator("Tool")),
        ),
        Rule(
            element="Timestamp",
            section=DATA_FIELDS,
            level="MUST",
            demand="Date and time of the most recent update, as ISO 8601 writes it.",
            cyclonedx=Place(path="metadata.timestamp", document=cyclonedx.timestamp),
            spdx=Place(path="creationInfo.created", document=spdx.created),
        ),
        Rule(
            element="Generation Context",
            section=DATA_FIELDS,
            level="MUST",
            demand="The phase of the life cycle in which the SBOM was generated.",
            cyclonedx=Place(path="metadata.lifecycles[].phase", document=cyclonedx.lifecycle),
            spdx=nowhere("SPDX 2.3 has no field for the phase in which a document came about, only free comments"),
        ),
        Rule(
            element="Data Formats",
            section="Automation Support",
            level="MUST",
            demand="SPDX or CycloneDX; SWID tags no longer.",
            cyclonedx=Place(path="bomFormat", document=lambda *_: ""),
            spdx=Place(path="spdxVersion", document=lambda *_: ""),
        ),
        practice("Frequency", PRACTICES, "A new version of the software has a new SBOM.", HANDED_ON),
        practice(
            "Coverage",
            PRACTICES,
            "All components are listed, transitive ones too.",
            NOT_SHOWN,
        ),
        Rule(
            element="Known Unknowns",
            section=PRACTICES,
            level="SHOULD",
            demand="What is not known is said, and told from what is kept back.",
            cyclonedx=Place(path="compositions[].aggregate", document=cyclonedx.completeness),
            spdx=nowhere("SPDX 2.3 has no field that says how complete a document is"),
        ),
        practice("Distribution and Delivery", PRACTICES, "SBOMs are at hand in time, for whom they are.", HANDED_ON),
        practice("Accommodation of Updates to SBOM Data", PRACTICES, "Corrections are made and told.", HANDED_ON),
    ),
)
