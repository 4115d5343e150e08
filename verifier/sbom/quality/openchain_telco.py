"""OpenChain Telco SBOM Guide, version 1.1 of 20 March 2025."""

from __future__ import annotations

from typing import Final

from verifier.sbom.quality import spdx
from verifier.sbom.quality.listing import HANDED_ON, NOT_SHOWN, listed, name
from verifier.sbom.quality.rule import Check, Level, Place, Profile, Rule, nowhere, practice

_CYCLONEDX: Final = nowhere("the guide is about SPDX 2.2 and 2.3 only")


def _package(element: str, path: str, check: Check, demand: str, *, level: Level = "MUST") -> Rule:
    place = Place(path=f"packages[].{path}", component=check)
    return Rule(element=element, section="3.2", level=level, demand=demand, cyclonedx=_CYCLONEDX, spdx=place)


def _document(
    element: str, path: str, check: Check, demand: str, *, section: str = "3.2", level: Level = "MUST"
) -> Rule:
    place = Place(path=path, document=check)
    return Rule(element=element, section=section, level=level, demand=demand, cyclonedx=_CYCLONEDX, spdx=place)


def _text(element: str, key: str) -> Rule:
    return _document(element, key, spdx.document_text(key), "It is there.")


PROFILE: Final = Profile(
    name="openchain-telco",
    title="OpenChain Telco SBOM Guide 1.1",
    formats=("spdx",),
    notes=(
        "A CycloneDX document is not applicable, which denies: it has not been found to conform.",
        "`NOASSERTION` and `NONE` are no licence, copyright text or place to download from.",
    ),
    rules=(
        _document("Data Format", "spdxVersion", spdx.version_2, "SPDX 2.2 or 2.3.", section="3.1"),
        _document("Machine Readable Data Format", "", lambda *_: "", "JSON, or tag and value.", section="3.3"),
        _document("DataLicense", "dataLicense", spdx.data_license, "It is what SPDX says."),
        _text("SPDXID", "SPDXID"),
        _text("DocumentName", "name"),
        _text("DocumentNamespace", "documentNamespace"),
        _document(
            "Creator: Organization",
            "creationInfo.creators[]",
            spdx.creator("Organization"),
            "A line with the keyword Organization.",
            section="3.5",
        ),
        _document(
            "Creator: Tool",
            "creationInfo.creators[]",
            spdx.tool_with_version,
            "A line with the keyword Tool, and the tool's name and version.",
            section="3.5",
        ),
        _document(
            "Creator: Tool, hyphen",
            "creationInfo.creators[]",
            spdx.hyphenated_tool,
            "Name and version are separated by the line's only hyphen.",
            section="3.5",
            level="SHOULD",
        ),
        _document("Created", "creationInfo.created", spdx.created, "When the SBOM was created.", section="3.2, 3.5"),
        _document(
            "CreatorComment",
            "creationInfo.comment",
            spdx.sbom_type,
            "CISA's type of the SBOM: Design, Source, Build, Analyzed, Deployed or Runtime.",
            section="3.2, 3.5",
        ),
        Rule(
            element="PackageName",
            section="3.2",
            level="MUST",
            demand="Every package has a name, and there is one.",
            cyclonedx=_CYCLONEDX,
            spdx=Place(path="packages[].name", component=name, document=listed),
        ),
        _package("Package SPDXID", "SPDXID", spdx.text("SPDXID"), "Every package has an identifier."),
        _package("PackageVersion", "versionInfo", spdx.text("versionInfo"), "Every package has a version."),
        _package("PackageSupplier", "supplier", spdx.party("supplier"), "Every package has a supplier."),
        _package(
            "PackageDownloadLocation",
            "downloadLocation",
            spdx.text("downloadLocation"),
            "Every package says where it is downloaded from.",
        ),
        _package(
            "PackageLicenseConcluded",
            "licenseConcluded",
            spdx.text("licenseConcluded"),
            "Every package has a concluded licence.",
        ),
        _package(
            "PackageLicenseDeclared",
            "licenseDeclared",
            spdx.text("licenseDeclared"),
            "Every package has a declared licence.",
        ),
        _package(
            "PackageCopyrightText", "copyrightText", spdx.text("copyrightText"), "Every package has a copyright text."
        ),
        _package(
            "PackageChecksum or PackageVerificationCode",
            "checksums[], .packageVerificationCode",
            spdx.checksum_or_code,
            "Every package has a digest.",
            level="SHOULD",
        ),
        _package(
            "ExternalRef: Package URL", "externalRefs[purl]", spdx.purl, "Every package has a purl.", level="SHOULD"
        ),
        _document(
            "Relationship",
            "relationships[], documentDescribes, packages[].hasFiles",
            spdx.describes_and_contains,
            "At least DESCRIBES and CONTAINS.",
        ),
        practice("Timing of SBOM delivery", "3.6", "No later than the software.", HANDED_ON),
        practice("Method of SBOM delivery", "3.7", "Embedded into the software's package.", HANDED_ON),
        practice(
            "SBOM Scope",
            "3.8",
            "All open source software is listed, transitive dependencies too.",
            NOT_SHOWN,
        ),
    ),
)
