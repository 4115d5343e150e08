"""Interlynk's 103 cases for TR-03183-2, each named for what it has, lacks or breaks: our outcome for the rule it is
named for. Where that is not what the name says, the standard's text says why."""

import json
import tomllib

import pytest

from tests.support.material import corpus
from tests.support.places import ROOT
from tests.support.sboms.trees import document
from verifier.sbom.quality.judge import judge_quality

CREATOR, MAKER = "Creator of the SBOM", "Component creator"
HASH, SOURCE_HASH = "Hash value of the deployable component", "Hash value of the source code of the component"
GRAPH, LICENSES, ORIGINAL = "Dependencies on other components", "Distribution licences", "Original licences"
PLACE, SOURCE, SECURITY = "URI of the deployable form of the component", "Source code URI", "URL of the security.txt"
IDENTIFIERS, EFFECTIVE, URI = "Other unique identifiers", "Effective licence", "SBOM-URI"

AS_NAMED = {
    "absentComponentDeployableHash": (HASH, "failed"),
    "absentMetadataAuthor": (CREATOR, "failed"),
    "brokenSourceComponentDependencies": (GRAPH, "failed"),
    "brokenTargetComponentDependencies": (GRAPH, "failed"),
    "invalidComponentAuthorEmail": (MAKER, "failed"),
    "invalidComponentDeployableHashComponentLevelOnly": (HASH, "failed"),
    "invalidComponentDownloadURL": (PLACE, "failed"),
    "invalidComponentHashMD5": (HASH, "failed"),
    "invalidComponentLicenseExpression": (LICENSES, "failed"),
    "invalidComponentLicenseExpressionNoAssertion": (LICENSES, "failed"),
    "invalidComponentLicenseExpressionNone": (LICENSES, "failed"),
    "invalidComponentLicenseID": (LICENSES, "failed"),
    "invalidComponentLicenseNoAssertion": (LICENSES, "failed"),
    "invalidComponentLicenseNone": (LICENSES, "failed"),
    "invalidComponentManufacturerEmail": (MAKER, "failed"),
    "invalidComponentManufacturerURL": (MAKER, "failed"),
    "invalidComponentSecurityTxtURL": (SECURITY, "failed"),
    "invalidComponentSourceCodeURL": (SOURCE, "failed"),
    "invalidComponentSourceHash": (SOURCE_HASH, "failed"),
    "invalidMetadataAuthorEmail": (CREATOR, "failed"),
    "invalidMetadataManufacturerURL": (CREATOR, "failed"),
    "invalidMetadataTimestamp": ("Timestamp", "failed"),
    "missingComponentAuthorEmail": (MAKER, "failed"),
    "missingComponentBsiArchive": ("Archive property", "failed"),
    "missingComponentBsiExecutable": ("Executable property", "failed"),
    "missingComponentBsiFilename": ("Filename of the component", "failed"),
    "missingComponentBsiStructured": ("Structured property", "failed"),
    "missingComponentDeployableHash": (HASH, "failed"),
    "missingComponentHash": (HASH, "failed"),
    "missingComponentLicense": (LICENSES, "failed"),
    "missingComponentManufacturerEmailAndURL": (MAKER, "failed"),
    "missingComponentName": ("Component name", "failed"),
    "missingComponentSupplierEmailAndURL": (MAKER, "failed"),
    "missingComponentVersion": ("Component version", "failed"),
    "missingDependencyInfo": (GRAPH, "failed"),
    "missingMetadataAuthorEmail": (CREATOR, "failed"),
    "missingMetadataManufacturerEmailAndURL": (CREATOR, "failed"),
    "missingMetadataSupplierEmailAndURL": (CREATOR, "failed"),
    "missingMetadataTimestamp": ("Timestamp", "failed"),
    "missingPrimaryComponent": (GRAPH, "failed"),
    "mixComponentLicenses": (LICENSES, "failed"),
    "noVulnerabilities": ("No vulnerability information", "passed"),
    "noneComponentLicense": (LICENSES, "failed"),
    "orphanComponentDependencies": (GRAPH, "failed"),
    "partialComponentDeployableHash": (HASH, "failed"),
    "primaryNoDependencies": (GRAPH, "failed"),
    "validComponentBsiEffectiveLicense": (EFFECTIVE, "passed"),
    "validComponentBsiFilename": ("Filename of the component", "passed"),
    "validComponentCPE": (IDENTIFIERS, "passed"),
    "validComponentDependencies": (GRAPH, "passed"),
    "validComponentDownloadURL": (PLACE, "passed"),
    "validComponentExtRefDistributionHashSHA512": (HASH, "passed"),
    "validComponentLicenseConcluded": (LICENSES, "passed"),
    "validComponentLicenseCustomRef": (LICENSES, "passed"),
    "validComponentLicenseDeclared": (ORIGINAL, "passed"),
    "validComponentManufacturerEmail": (MAKER, "passed"),
    "validComponentManufacturerEmailAndURL": (MAKER, "passed"),
    "validComponentManufacturerURL": (MAKER, "passed"),
    "validComponentName": ("Component name", "passed"),
    "validComponentPURL": (IDENTIFIERS, "passed"),
    "validComponentSWID": (IDENTIFIERS, "passed"),
    "validComponentSecurityTxtURL": (SECURITY, "passed"),
    "validComponentSourceCodeURL": (SOURCE, "passed"),
    "validComponentVersion": ("Component version", "passed"),
    "validMetadataTimestamp": ("Timestamp", "passed"),
    "validSerialNumber": (URI, "passed"),
    "withVulnerabilities": ("No vulnerability information", "failed"),
}
"""The name says what the standard says."""

DIFFERENCES = tomllib.loads((ROOT / "fixtures/sboms/sbomqs-differences.toml").read_text())["differences"]
OTHERWISE = {case: (row["element"], row["outcome"]) for row in DIFFERENCES for case in row["cases"]}
"""The name says what sbomqs makes of it, and the standard does not; each row says why."""

CASES = AS_NAMED | OTHERWISE


def tree(name):
    return json.loads((corpus("sbom/quality/bsi") / f"{name}.cdx16.json").read_text())


@pytest.mark.corpus
def test_every_case_is_in_the_table_once():
    names = {path.name.removesuffix(".cdx16.json") for path in corpus("sbom/quality/bsi").glob("*.json")}
    assert len(names) == 103
    assert names == set(CASES)
    assert len(CASES) == len(AS_NAMED) + len(OTHERWISE)


@pytest.mark.corpus
@pytest.mark.parametrize("name", sorted(CASES))
def test_a_case_comes_to_what_the_standard_says_of_it(name):
    element, outcome = CASES[name]
    report = judge_quality(document(tree(name)), "bsi-tr-03183-2")
    assert {row.rule.element: row.outcome for row in report.rows}[element] == outcome


def test_each_difference_says_why():
    assert len(OTHERWISE) == sum(len(row["cases"]) for row in DIFFERENCES) == 36
    assert all(row["why"] for row in DIFFERENCES)


@pytest.mark.corpus
def test_the_case_that_is_called_fully_compliant_is_not():
    report = judge_quality(document(tree("validFullyCompliantBsiV21")), "bsi-tr-03183-2")
    assert {row.rule.element: row.offenders[0][1] for row in report.rows if row.outcome == "failed"} == {
        "Component creator": "neither an e-mail address nor a URL",
        "Component version": "'2.0.0', and its purl has 'v2.0.0'",
        "Dependencies on other components: completeness": "named by no composition with an aggregate",
        "Executable property": "'true', expected 'executable' or 'non-executable'",
        "Archive property": "'false', expected 'archive' or 'no archive'",
        "Structured property": "'false', expected 'structured' or 'unstructured'",
    }
