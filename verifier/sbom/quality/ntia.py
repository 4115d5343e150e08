"""NTIA, The Minimum Elements For a Software Bill of Materials, 12 July 2021."""

from __future__ import annotations

from typing import Final

from verifier.sbom.quality import cyclonedx, spdx
from verifier.sbom.quality.listing import DATA_FIELDS, HANDED_ON, NOT_SHOWN, PRACTICES, listed, name
from verifier.sbom.quality.rule import Place, Profile, Rule, nowhere, practice

PROFILE: Final = Profile(
    name="ntia",
    title="NTIA Minimum Elements 2021",
    without=frozenset({"file", "platform"}),
    notes=(
        "A component is a unit of software that somebody supplies: of CycloneDX, files and what the software runs on"
        " are none, as SPDX' files are none, unless they have a purl; how many are left out is said.",
        "A tool that is named counts as the author; CISA has an element of its own for tools.",
        "`manufacturer` and `publisher` are no supplier. An SPDX document says the supplier of packages, not of files.",
    ),
    rules=(
        Rule(
            element="Supplier Name",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has the name of an entity that creates, defines and identifies it.",
            cyclonedx=Place(path="components[].supplier.name", component=cyclonedx.organisation("supplier")),
            spdx=Place(path="packages[].supplier", component=spdx.party("supplier")),
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
            element="Version of the Component",
            section=DATA_FIELDS,
            level="MUST",
            demand="Every component has a version.",
            cyclonedx=Place(path="components[].version", component=cyclonedx.text("version")),
            spdx=Place(path="packages[].versionInfo", component=spdx.text("versionInfo")),
        ),
        Rule(
            element="Other Unique Identifiers",
            section=DATA_FIELDS,
            level="MUST",
            demand="Where a component has other identifiers, they are listed.",
            if_any=True,
            cyclonedx=Place(
                path="components[].purl, .cpe, .swid.tagId, .omniborId[], .swhid[]", component=cyclonedx.identifier
            ),
            spdx=Place(path="packages[].externalRefs[]", component=spdx.identifier),
        ),
        Rule(
            element="Dependency Relationship",
            section=DATA_FIELDS,
            level="MUST",
            demand="The primary component says what it directly includes.",
            cyclonedx=Place(path="dependencies[] of metadata.component", document=cyclonedx.top_level),
            spdx=Place(path="relationships[] of what is described", document=spdx.top_level),
        ),
        Rule(
            element="Author of SBOM Data",
            section=DATA_FIELDS,
            level="MUST",
            demand="Who created the SBOM data is named: a person, an organisation or a tool.",
            cyclonedx=Place(
                path="metadata.authors[], metadata.manufacturer (1.6), metadata.tools",
                document=cyclonedx.author_or_tool,
            ),
            spdx=Place(path="creationInfo.creators[]", document=spdx.creator("Person", "Organization", "Tool")),
        ),
        Rule(
            element="Timestamp",
            section=DATA_FIELDS,
            level="MUST",
            demand="Date and time of the SBOM data assembly.",
            cyclonedx=Place(path="metadata.timestamp", document=cyclonedx.timestamp),
            spdx=Place(path="creationInfo.created", document=spdx.created),
        ),
        Rule(
            element="Data Formats",
            section="Automation Support",
            level="MUST",
            demand="SPDX, CycloneDX or SWID tags.",
            cyclonedx=Place(path="bomFormat", document=lambda *_: ""),
            spdx=Place(path="spdxVersion", document=lambda *_: ""),
        ),
        practice("Frequency", PRACTICES, "A new build or release has a new SBOM.", HANDED_ON),
        practice(
            "Depth",
            PRACTICES,
            "All top-level components are listed, with all transitive dependencies that are known.",
            NOT_SHOWN,
        ),
        Rule(
            element="Known Unknowns",
            section=PRACTICES,
            level="SHOULD",
            demand="Where not all dependencies are listed, that is said; who says nothing is read as incomplete.",
            cyclonedx=Place(path="compositions[].aggregate", document=cyclonedx.completeness),
            spdx=nowhere("SPDX 2.3 has no field that says how complete a document is"),
        ),
        practice("Distribution and Delivery", PRACTICES, "SBOMs are at hand in time, for whom they are.", HANDED_ON),
        practice("Access Control", PRACTICES, "Terms of access are specified.", HANDED_ON),
        practice("Accommodation of Mistakes", PRACTICES, "Mistakes are corrected.", HANDED_ON),
    ),
)
