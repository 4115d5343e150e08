"""What a statement is about: this component, in this version, of this artifact, and nothing else."""

import pytest

from tests.support.sboms.listed import catalog, package
from tests.support.sboms.vexes import content, cyclonedx, openvex, statement, vulnerability
from verifier.core.digest import Digest
from verifier.formats.bom.component import Component, Hash
from verifier.sbom.reading import read_bom
from verifier.sbom.vex.inventory import Inventory
from verifier.sbom.vex.matching import about
from verifier.sbom.vex.reading import read_vex

SERIAL = "3e671687-395b-41f5-a30f-a58921a69b79"
DIGEST = Digest(algorithm="sha256", value="a" * 64)
APP = package("pkg:pypi/app@1.0", ref="root")
LEFT = package("pkg:pypi/ruamel.yaml@2.0", "1" * 64, ref="left")
OLD, NEW = package("pkg:npm/lodash@4.17.20", ref="old"), package("pkg:npm/lodash@4.17.21", ref="new")
DEB = package("pkg:deb/debian/bash@1:5.2-1?arch=amd64&distro=debian-12", ref="deb")
GO = package("pkg:golang/golang.org/x/net@v0.1.0", ref="go")
PARTS = (LEFT, OLD, NEW, DEB, GO)
HERE = Inventory.of_catalog(
    catalog(*PARTS, subject=APP, digests=(DIGEST,), dependencies=(("root", ("old", "go")), ("old", ("left",))))
)


def matched(tree, inventory=HERE):
    """Whether the artifact is meant, and the refs of the components that are."""
    found = about(read_vex(content(tree), subject="vex.json").statements[0], inventory)
    return found.artifact, [each.ref for each in found.components]


def by(*products):
    return openvex(statement(products=list(products)))


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        ("pkg:pypi/app@1.0", (True, [])),
        ("pkg:pypi/ruamel.yaml@2.0", (False, ["left"])),
        ("pkg:pypi/Ruamel-YAML@2.0", (False, ["left"])),
        ("pkg:npm/lodash@4.17.21", (False, ["new"])),
        ("pkg:golang/golang.org/x/net@0.1.0", (False, ["go"])),
        ("pkg:deb/debian/bash@1:5.2-1", (False, ["deb"])),
        ("pkg:deb/debian/bash@1:5.2-1?arch=amd64", (False, ["deb"])),
        ("pkg:oci/app@sha256%3A" + "a" * 64, (True, [])),
        ("pkg:oci/app@sha256%3A" + "a" * 64 + "?repository_url=registry.acme.example/app", (True, [])),
    ],
)
def test_a_purl_with_its_version_means_what_it_names(product, expected):
    assert matched(by({"@id": product})) == expected


@pytest.mark.parametrize(
    "product",
    [
        "pkg:pypi/app",
        "pkg:pypi/app@1.0.0",
        "pkg:pypi/app@2.0",
        "pkg:npm/app@1.0",
        "pkg:pypi/other@1.0",
        "pkg:npm/lodash",
        "pkg:npm/lodash@4.17.2",
        "pkg:npm/%40acme/lodash@4.17.21",
        "pkg:deb/debian/bash@5.2-1",
        "pkg:deb/ubuntu/bash@1:5.2-1",
        "pkg:deb/debian/bash@1:5.2-1?arch=arm64",
        "pkg:deb/debian/bash@1:5.2-1?distro=debian-11",
        "pkg:pypi/ruamel.yaml@2.0?repository_url=https://index.acme.example",
        "pkg:oci/app@sha256%3A" + "b" * 64,
        "https://acme.example/app",
        "root",
    ],
)
def test_another_name_version_architecture_source_or_digest_means_nothing_here(product):
    assert matched(by({"@id": product})) == (False, [])


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        ({"@id": "https://acme.example/app", "hashes": {"sha-256": "a" * 64}}, (True, [])),
        ({"hashes": {"sha-256": "1" * 64}}, (False, ["left"])),
        ({"hashes": {"sha-256": "2" * 64}}, (False, [])),
        ({"hashes": {"md5": "1" * 32}}, (False, [])),
        ({"@id": "pkg:pypi/ruamel.yaml@2.0", "hashes": {"sha-256": "1" * 64}}, (False, ["left"])),
        ({"@id": "pkg:pypi/ruamel.yaml@2.0", "hashes": {"sha-256": "2" * 64}}, (False, [])),
        ({"@id": "pkg:pypi/ruamel.yaml@2.0", "hashes": {"sha-512": "2" * 128}}, (False, ["left"])),
        ({"@id": "x", "identifiers": {"purl": "pkg:npm/lodash@4.17.20"}}, (False, ["old"])),
        ({"@id": "x", "identifiers": {"cpe23": "cpe:2.3:a:acme:app:1.0:*:*:*:*:*:*:*"}}, (False, [])),
    ],
)
def test_digests_identify_and_a_weak_one_does_not(product, expected):
    assert matched(by(product)) == expected


def below(product, *subcomponents):
    return by({"@id": product, "subcomponents": [{"@id": each} for each in subcomponents]})


@pytest.mark.parametrize(
    ("product", "part", "expected"),
    [
        ("pkg:pypi/app@1.0", "pkg:npm/lodash@4.17.20", ["old"]),
        ("pkg:pypi/app@1.0", "pkg:npm/lodash", ["old", "new"]),
        ("pkg:pypi/app@1.0", "pkg:npm/other@1", []),
        ("pkg:pypi/app@2.0", "pkg:npm/lodash@4.17.20", []),
        ("pkg:pypi/app", "pkg:npm/lodash@4.17.20", []),
        ("pkg:npm/lodash@4.17.20", "pkg:pypi/ruamel.yaml@2.0", ["left"]),
        ("pkg:npm/lodash@4.17.21", "pkg:pypi/ruamel.yaml@2.0", []),
        ("pkg:pypi/app@1.0", "pkg:pypi/app@1.0", []),
    ],
)
def test_a_subcomponent_is_meant_within_its_product_only(product, part, expected):
    assert matched(below(product, part)) == (False, expected)


def test_a_product_with_subcomponents_is_not_meant_as_a_whole():
    assert matched(below("pkg:pypi/app@1.0", "pkg:npm/lodash@4.17.20"))[0] is False


def app(**said):
    return {"type": "application", "bom-ref": "app", "name": "app", "version": "1.0"} | said


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        (app(purl="pkg:pypi/app@1.0"), (True, [])),
        (app(purl="pkg:pypi/app@2.0", version="2.0"), (False, [])),
        (app(name="lodash", version="4.17.21", purl="pkg:npm/lodash@4.17.21"), (False, ["new"])),
        (app(name="lodash", purl="pkg:npm/lodash"), (False, [])),
        (app(name="lodash", version="4.17.21"), (False, [])),
        ({"type": "application", "bom-ref": "app", "name": "app"}, (False, [])),
    ],
)
def test_a_ref_means_what_its_own_document_lists_under_it(component, expected):
    assert matched(cyclonedx(vulnerability(), component=component)) == expected


PLAIN = Inventory.of_catalog(catalog(LEFT, subject=Component("application", "", "ABC", "4.2", ref="root")))


@pytest.mark.parametrize(("version", "meant"), [("4.2", True), ("4.3", False)])
def test_a_product_without_a_purl_is_the_artifact_of_exactly_this_name_and_version(version, meant):
    assert matched(cyclonedx(vulnerability(), component=app(name="ABC", version=version)), PLAIN) == (meant, [])


def claims(*versions, state="not_affected"):
    said = "unaffected" if state == "not_affected" else "affected"
    stated = [{key: text, "status": said} for key, text in versions]
    component = {"type": "library", "bom-ref": "app", "name": "lodash", "purl": "pkg:npm/lodash"}
    return cyclonedx(vulnerability(state, *stated), component=component)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([("version", "4.17.21")], ["new"]),
        ([("version", "4.17.20"), ("version", "4.17.21")], ["old", "new"]),
        ([("version", "4.17")], []),
        ([("range", "vers:npm/>=4.17.21")], ["new"]),
        ([("range", "vers:semver/<4.17.21")], ["old"]),
        ([("range", "vers:npm/*")], ["old", "new"]),
        ([("range", "vers:pypi/>=1")], []),
        ([("range", "vers:generic/>=1")], []),
        ([("range", ">=1")], []),
        ([("range", "vers:npm/>=1|>=2")], []),
    ],
)
def test_versions_that_are_listed_mean_those_and_ranges_what_lies_in_them(versions, expected):
    assert matched(claims(*versions)) == (False, expected)


SBOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": f"urn:uuid:{SERIAL}",
    "version": 3,
    "metadata": {"component": app()},
    "components": [{"type": "library", "bom-ref": "left", "name": "left", "version": "1"}],
}
DOCUMENT = Inventory.of_document(read_bom(content(SBOM), subject="sbom.json"))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"urn:cdx:{SERIAL}/3#left", (False, ["left"])),
        (f"urn:cdx:{SERIAL.upper()}/3#left", (False, ["left"])),
        (f"urn:cdx:{SERIAL}/3#app", (True, [])),
        (f"urn:cdx:{SERIAL}/2#left", (False, [])),
        (f"urn:cdx:{SERIAL}/3#right", (False, [])),
        (f"urn:cdx:{SERIAL[:-1]}8/3#left", (False, [])),
    ],
)
def test_a_bom_link_means_the_document_that_it_names_and_no_other(link, expected):
    assert matched(cyclonedx(vulnerability(ref=link)), DOCUMENT) == expected


def test_a_bom_link_means_nothing_where_there_is_no_document():
    assert matched(cyclonedx(vulnerability(ref=f"urn:cdx:{SERIAL}/3#left"))) == (False, [])


def test_a_ref_of_another_document_is_no_ref_of_this_one():
    other = {"type": "library", "bom-ref": "left", "name": "other", "version": "1"}
    assert matched(cyclonedx(vulnerability(ref="left"), components=[other]), DOCUMENT) == (False, [])


def test_a_digest_of_the_same_name_must_agree():
    stated = app(name="ruamel.yaml", version="2.0", purl="pkg:pypi/ruamel.yaml@2.0")
    hashed = stated | {"hashes": [{"alg": "SHA-256", "content": "2" * 64}]}
    assert matched(cyclonedx(vulnerability(), component=stated)) == (False, ["left"])
    assert matched(cyclonedx(vulnerability(), component=hashed)) == (False, [])


def test_a_cycle_of_dependencies_ends():
    around = Inventory([OLD, NEW], dependencies=(("old", ("new",)), ("new", ("old",))))
    assert matched(below("pkg:npm/lodash@4.17.20", "pkg:npm/lodash@4.17.21"), around) == (False, ["new"])


def test_a_component_that_is_found_by_its_own_digest_only_is_found_once():
    twin = LEFT._replace(hashes=(Hash("SHA-256", "1" * 64), Hash("SHA-512", "2" * 128)))
    found = Inventory([twin])
    assert matched(by({"hashes": {"sha-256": "1" * 64, "sha-512": "2" * 128}}), found) == (False, ["left"])
