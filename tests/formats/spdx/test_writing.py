"""What a catalogue becomes in SPDX 2.3; spdx-tools has nothing to say against it."""

import json

import pytest
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from tests.support.sboms.listed import sha256
from tests.support.sboms.written import MOMENT, catalog, one, spdx_document
from verifier.core.errors import ConfigurationError
from verifier.formats.bom.component import Component, Distribution, License
from verifier.sbom.generate import generate
from verifier.sbom.reading import read_bom


def packages(made=None):
    return {each["name"]: each for each in spdx_document(made)["packages"]}


def package(component):
    return packages(catalog(component, dependencies=()))[component.name]


def relationships(made=None):
    document = spdx_document(made)
    names = {each["SPDXID"]: each["name"] for each in document["packages"]} | {"SPDXRef-DOCUMENT": "document"}
    return {
        (names.get(each["spdxElementId"]), each["relationshipType"], names.get(each["relatedSpdxElement"], "NONE"))
        for each in document["relationships"]
    }


HOSTILE = [
    one("a\x1b[31m", ref="1", supplier="Eve\n(x@y)", description="\x00", licenses=(License("\x1b", "name"),)),
    one("b", ref="2", version="caf\udce9", licenses=(License("LicenseRef-own AND MIT", "expression"),)),
    one(
        "c",
        ref="3",
        licenses=(License("DocumentRef-x:LicenseRef-y", "expression"), License("MIT OR Zlib", "expression")),
    ),
    one("d", ref="4/" + "é" * 300, distributions=(Distribution("ftp://x y", sha256("a" * 64)),)),
    one("e", ref="5 \u202e", cpe="cpe:/none", path="../..", licenses=(License("---", "name"),)),
]


@pytest.mark.parametrize("made", [catalog(), catalog(*HOSTILE, dependencies=())], ids=["ordinary", "hostile"])
def test_spdx_tools_has_nothing_to_say(made):
    document = JsonLikeDictParser().parse(json.loads(generate(made, form="spdx", timestamp=MOMENT)))
    assert [message.validation_message for message in validate_full_spdx_document(document)] == []


def test_our_own_strict_reader_lists_the_same():
    found = read_bom(generate(catalog(), form="spdx", timestamp=MOMENT), subject="own")
    listed = {(each.name.lower(), each.version) for each in catalog().components}
    assert {(each.name, each.version) for each in found.components} == listed


def test_a_file_is_a_package_that_is_one_file():
    file = packages()["usr/bin/tool"]
    assert (file["primaryPackagePurpose"], file["packageFileName"]) == ("FILE", "usr/bin/tool")
    assert file["checksums"] == [{"algorithm": "SHA256", "checksumValue": "d" * 64}]


def test_a_component_without_a_version_has_none():
    assert "versionInfo" not in packages()["@acme/core"]


def test_what_is_declared_and_what_is_concluded_are_two_things():
    deb = packages()["python3-ruamel.yaml"]
    assert deb["licenseConcluded"] == "MIT"
    assert deb["licenseDeclared"].startswith("LicenseRef-Expat-")


def test_a_license_that_spdx_does_not_list_has_its_text():
    document = spdx_document()
    (extracted,) = document["hasExtractedLicensingInfos"]
    assert extracted["extractedText"] == "Expat"
    assert extracted["licenseId"] == packages()["python3-ruamel.yaml"]["licenseDeclared"]


def test_several_licenses_all_apply():
    several = one("x", licenses=(License("MIT OR Zlib", "expression"), License("MIT", "id")))
    assert package(several)["licenseDeclared"] == "(MIT OR Zlib) AND MIT"


def test_nothing_stated_is_no_assertion():
    assert (package(one("x"))["licenseDeclared"], package(one("x"))["downloadLocation"]) == ("NOASSERTION",) * 2


def test_one_file_to_download_is_where_it_is_with_its_digest():
    found = package(one("x", distributions=(Distribution("https://a:b@files.acme.example/x.whl", sha256("a" * 64)),)))
    assert found["downloadLocation"] == "https://files.acme.example/x.whl"
    assert found["checksums"] == [{"algorithm": "SHA256", "checksumValue": "a" * 64}]


def test_several_files_to_download_are_in_the_comment():
    assert f"verifier:distribution: NOASSERTION SHA-256:{'b' * 64}" in packages()["Ruamel.Yaml"]["comment"]


def test_the_artifact_contains_what_was_found_in_it():
    assert ("document", "DESCRIBES", "app") in relationships()
    assert ("app", "CONTAINS", "@acme/core") in relationships()
    assert ("Ruamel.Yaml", "CONTAINS", "vendored") in relationships()


def test_what_it_needs_and_does_not_contain_it_depends_on():
    engine = Component("platform", "golang", "opa", ref="engine")
    made = catalog(engine, one("x"), dependencies=(("root", ("engine", "one")),))
    assert ("app", "DEPENDS_ON", "opa") in relationships(made)
    assert ("app", "CONTAINS", "opa") not in relationships(made)


def test_a_leaf_depends_on_nothing():
    assert ("vendored", "DEPENDS_ON", "NONE") in relationships()
    assert ("@acme/core", "DEPENDS_ON", "NONE") not in relationships()


def test_how_complete_it_is_is_said():
    assert "verifier:aggregate: incomplete" in spdx_document()["comment"].splitlines()


def test_the_namespace_is_made_of_the_content():
    first, again, other = (spdx_document(each)["documentNamespace"] for each in (None, None, catalog(one("x"))))
    assert first == again != other


def test_a_time_is_needed():
    with pytest.raises(ConfigurationError, match="SPDX has to say when"):
        generate(catalog(), form="spdx")


def test_a_version_of_cyclonedx_is_refused():
    with pytest.raises(ConfigurationError, match=r"1\.6 is a version of CycloneDX"):
        generate(catalog(), form="spdx", timestamp=MOMENT, spec_version="1.6")


def test_no_value_makes_a_line_of_its_own_in_a_comment():
    forged = one("x", properties=(("verifier:note", "a\nverifier:owned-by: root\r\u2028b"),))
    (line,) = package(forged)["comment"].splitlines()
    assert line == "verifier:note: a\\nverifier:owned-by: root\\r\\u2028b"
