"""The library of CycloneDX reads what is written here as the same model: docs/adr/0013-documents-of-our-own.md."""

import json
from xml.etree import ElementTree

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion

from tests.support.sboms.written import FORMS, MOMENT, catalog
from verifier.formats.bom.component import Hash
from verifier.sbom.generate import written

VERSIONS = {"1.5": SchemaVersion.V1_5, "1.6": SchemaVersion.V1_6, "1.7": SchemaVersion.V1_7}


@pytest.fixture(scope="module", params=FORMS, ids="-".join)
def bom(request):
    form, version = request.param
    content = written(catalog(), form=form, spec_version=version, timestamp=MOMENT).content
    if form == "cyclonedx-xml":
        return Bom.from_xml(ElementTree.fromstring(content))  # noqa: S314 - it is ours
    return Bom.from_json(json.loads(content))


def flat(components):
    for each in components:
        yield each
        yield from flat(each.components)


@pytest.fixture
def read(bom):
    return {str(each.bom_ref): each for each in flat(bom.components)}


def test_it_sees_every_component_under_its_name_and_version(read):
    seen = {ref: (each.name, each.group, each.version) for ref, each in read.items()}
    assert seen == {
        "child": ("vendored", None, "1"),
        "deb": ("python3-ruamel.yaml", None, "1:0.18.6+ds-3"),
        "file:usr/bin/tool": ("usr/bin/tool", None, None),
        "npm": ("core", "@acme", None),
        "pkg:pypi/ruamel.yaml@0.18.6": ("Ruamel.Yaml", None, "0.18.6"),
    }


def test_it_sees_their_purls(read):
    assert str(read["deb"].purl) == ("pkg:deb/debian/python3-ruamel.yaml@1:0.18.6%2Bds-3?arch=amd64&distro=debian-12")
    assert str(read["npm"].purl) == "pkg:npm/%40acme/core"


def test_it_sees_the_digests_of_files_and_of_what_is_handed_out(read):
    def hashes(found):
        return {Hash(each.alg.value, each.content) for each in found}

    assert hashes(read["file:usr/bin/tool"].hashes) == {Hash("SHA-256", "d" * 64)}
    handed_out = read["pkg:pypi/ruamel.yaml@0.18.6"].external_references
    assert {digest.value for each in handed_out for digest in hashes(each.hashes)} == {"a" * 64, "b" * 64}


def test_it_sees_what_depends_on_what(bom):
    seen = {str(each.ref): {str(other.ref) for other in each.dependencies} for each in bom.dependencies}
    assert seen["root"] == {"deb", "npm"}
    assert seen["deb"] == {"pkg:pypi/ruamel.yaml@0.18.6"}
    assert seen["pkg:pypi/ruamel.yaml@0.18.6"] == {"child"}


def test_it_sees_licences_suppliers_properties_and_places(read):
    deb, pypi = read["deb"], read["pkg:pypi/ruamel.yaml@0.18.6"]
    assert sorted(each.id or each.name for each in deb.licenses) == ["Expat", "MIT"]
    assert [each.value for each in read["npm"].licenses] == ["GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT"]
    assert deb.supplier.name == "Debian <d@acme.example>"
    assert ("verifier:package-state", "unpacked") in {(each.name, each.value) for each in deb.properties}
    assert [each.location for each in pypi.evidence.occurrences] == ["lib/ruamel.yaml-0.18.6.dist-info/METADATA"]


def test_it_sees_the_artifact_the_time_and_the_tool(bom):
    assert (bom.metadata.component.name, bom.metadata.component.version) == ("app", "1.0")
    assert bom.metadata.timestamp == MOMENT
    assert [each.name for each in bom.metadata.tools.components] == ["policy-verifier"]


def test_the_number_is_a_uuid_that_it_reads(bom):
    assert bom.serial_number.version == 8
