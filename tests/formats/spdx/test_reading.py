"""SPDX 2.2 and 2.3 in JSON: what is sound is read as components, what is not is refused with its place."""

from pathlib import Path

import pytest

from tests.support.material import corpus
from tests.support.sboms.documents import faults, refusal, spdx, spdx_package
from verifier.formats.bom.component import Component, Distribution, Hash, License
from verifier.formats.bom.document import Tool
from verifier.sbom.reading import read_bom

PURL = "pkg:pypi/requests@2.32.0"


def related(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def external(kind, locator):
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": kind, "referenceLocator": locator}


def hashed(algorithm, value):
    return [{"algorithm": algorithm, "checksumValue": value}]


FILE = {"SPDXID": "SPDXRef-file", "fileName": "./app.py", "checksums": hashed("SHA1", "a" * 40)}


def test_a_package_is_a_component():
    said = {
        "externalRefs": [external("purl", PURL), external("cpe23Type", "cpe:2.3:a:x:requests:2.32.0")],
        "checksums": hashed("SHA256", "AB" * 32),
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "NOASSERTION",
        "supplier": "Organization: Acme",
        "summary": "HTTP",
        "downloadLocation": "https://index.acme.example/requests.whl",
    }
    [component] = read_bom(spdx(spdx_package(**said)), subject="bom").components
    assert component == Component(
        "library",
        "pypi",
        "requests",
        "2.32.0",
        hashes=(Hash("SHA-256", "ab" * 32),),
        distributions=(Distribution("https://index.acme.example/requests.whl"),),
        licenses=(License("Apache-2.0", "expression", "concluded"),),
        supplier="Acme",
        description="HTTP",
        ref="SPDXRef-requests",
        purl=PURL,
        cpe="cpe:2.3:a:x:requests:2.32.0",
    )


@pytest.mark.parametrize("nothing", ["NOASSERTION", "NONE", "", None])
def test_what_nobody_asserts_is_absent(nothing):
    said = {"versionInfo": nothing, "supplier": nothing, "licenseConcluded": nothing, "licenseDeclared": nothing}
    [component] = read_bom(spdx(spdx_package(**said)), subject="bom").components
    assert (component.version, component.supplier, component.licenses) == (None, "", ())


def test_a_file_is_a_component_with_its_owner():
    document = read_bom(spdx(spdx_package(hasFiles=["SPDXRef-file"]), files=[FILE]), subject="bom")
    assert document.components[1] == Component(
        "file",
        "file",
        "./app.py",
        path="./app.py",
        hashes=(Hash("SHA-1", "a" * 40),),
        ref="SPDXRef-file",
        owner="SPDXRef-requests",
    )


@pytest.mark.parametrize(
    "described",
    [
        {"documentDescribes": ["SPDXRef-app"]},
        {"relationships": [related("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-app")]},
        {"relationships": [related("SPDXRef-app", "DESCRIBED_BY", "SPDXRef-DOCUMENT")]},
    ],
)
def test_the_one_package_that_is_described_is_the_subject(described):
    document = read_bom(spdx(spdx_package("app", "SPDXRef-app"), spdx_package(), **described), subject="bom")
    assert document.subject.name == "app"
    assert [each.name for each in document.components] == ["requests"]


def test_of_several_that_are_described_none_is_the_subject():
    both = {"documentDescribes": ["SPDXRef-app", "SPDXRef-requests"]}
    document = read_bom(spdx(spdx_package("app", "SPDXRef-app"), spdx_package(), **both), subject="bom")
    assert document.subject is None
    assert len(document.components) == 2


@pytest.mark.parametrize(
    ("one", "kind", "other"),
    [
        ("SPDXRef-app", "DEPENDS_ON", "SPDXRef-requests"),
        ("SPDXRef-requests", "DEPENDENCY_OF", "SPDXRef-app"),
        ("SPDXRef-requests", "TEST_DEPENDENCY_OF", "SPDXRef-app"),
        ("SPDXRef-app", "STATIC_LINK", "SPDXRef-requests"),
    ],
)
def test_dependencies_are_read_from_either_end(one, kind, other):
    document = read_bom(
        spdx(spdx_package("app", "SPDXRef-app"), spdx_package(), relationships=[related(one, kind, other)]),
        subject="bom",
    )
    assert document.dependencies == (("SPDXRef-app", ("SPDXRef-requests",)),)


@pytest.mark.parametrize("created", ["2026-11-21T12:00:00Z", "2022-01-20T21:40:24.439211Z"])
def test_a_time_may_have_fractions_of_a_second(created):
    creation = {"created": created, "creators": ["Tool: syft-1.18.1", "Organization: Acme"]}
    document = read_bom(spdx(spdx_package(), creationInfo=creation), subject="bom")
    assert document.tools == (Tool(name="syft", version="1.18.1"),)


UNSOUND = {
    "packages[1].SPDXID is 'SPDXRef-requests', which packages[0].SPDXID is already": spdx(
        spdx_package(), spdx_package("other")
    ),
    "files[0].SPDXID is 'SPDXRef-requests', which packages[0].SPDXID is already": spdx(
        spdx_package(), files=[FILE | {"SPDXID": "SPDXRef-requests"}]
    ),
    "packages[0].SPDXID is 'requests', expected SPDXRef- and a name": spdx(spdx_package(ref="requests")),
    "packages[0].SPDXID is missing, expected a text": spdx(spdx_package(ref=None)),
    "packages[0].name is missing, expected a text": spdx(spdx_package(name=None)),
    "packages[0].name is '7', expected a text": spdx(spdx_package(name=7)),
    "packages[0].downloadLocation is missing, expected a text": spdx(spdx_package(downloadLocation=None)),
    "packages[0] is 'requests', expected an object": spdx("requests"),
    "relationships[0].relatedSpdxElement refers to 'SPDXRef-gone', which nothing in the document is": spdx(
        spdx_package(), relationships=[related("SPDXRef-requests", "DEPENDS_ON", "SPDXRef-gone")]
    ),
    "relationships[0].spdxElementId refers to 'SPDXRef-gone', which nothing in the document is": spdx(
        spdx_package(), relationships=[related("SPDXRef-gone", "DEPENDS_ON", "SPDXRef-requests")]
    ),
    "relationships[0].relatedSpdxElement refers to 'DocumentRef-x', which is none of externalDocumentRefs": spdx(
        spdx_package(), relationships=[related("SPDXRef-requests", "DEPENDS_ON", "DocumentRef-x:SPDXRef-y")]
    ),
    "relationships[0].relationshipType is 'depends on', expected a name in capitals": spdx(
        spdx_package(), relationships=[related("SPDXRef-requests", "depends on", "SPDXRef-DOCUMENT")]
    ),
    "documentDescribes[0] refers to 'SPDXRef-gone', which nothing in the document is": spdx(
        spdx_package(), documentDescribes=["SPDXRef-gone"]
    ),
    "packages[0].hasFiles[0] refers to 'SPDXRef-gone', which nothing in the document is": spdx(
        spdx_package(hasFiles=["SPDXRef-gone"])
    ),
    "packages[0].checksums[0] is no 'SHA-256' digest": spdx(spdx_package(checksums=hashed("SHA256", "a" * 40))),
    "packages[0].checksums[0] is no 'SHA-257' digest": spdx(spdx_package(checksums=hashed("SHA-257", "a" * 64))),
    "packages[0].packageVerificationCode.packageVerificationCodeValue is 'x', expected 40 hex digits": spdx(
        spdx_package(packageVerificationCode={"packageVerificationCodeValue": "x"})
    ),
    "packages[0].externalRefs[0].purl is 'requests', which is no package URL": spdx(
        spdx_package(externalRefs=[external("purl", "requests")])
    ),
    "packages[0].externalRefs[1].purl is 'pkg:pypi/urllib3@1', which is not 'requests', the component's name": spdx(
        spdx_package(externalRefs=[external("purl", PURL), external("purl", "pkg:pypi/urllib3@1")])
    ),
    "packages[0].licenseDeclared is 'MIT AND (', which": spdx(spdx_package(licenseDeclared="MIT AND (")),
    "SPDXID is 'SPDXRef-doc', expected SPDXRef-DOCUMENT": spdx(spdx_package(), SPDXID="SPDXRef-doc"),
    "name is '', expected a text": spdx(spdx_package(), name=""),
    "dataLicense is 'MIT', expected CC0-1.0": spdx(spdx_package(), dataLicense="MIT"),
    "documentNamespace is 'https://acme.example/', expected a URI without a fragment": spdx(
        spdx_package(), documentNamespace="https://acme.example/#a"
    ),
    "creationInfo is missing, expected who made the document, and when": spdx(spdx_package(), creationInfo=None),
    "creationInfo.created is '21 Nov 2026', expected a time with a Z": spdx(
        spdx_package(), creationInfo={"created": "21 Nov 2026", "creators": ["Tool: a"]}
    ),
    "creationInfo.creators names nobody": spdx(
        spdx_package(), creationInfo={"created": "2026-11-21T12:00:00Z", "creators": []}
    ),
    "creationInfo.creators[0] is 'Acme', expected Person:, Organization: or Tool: and a name": spdx(
        spdx_package(), creationInfo={"created": "2026-11-21T12:00:00Z", "creators": ["Acme"]}
    ),
}


@pytest.mark.parametrize("message", UNSOUND)
def test_what_is_unsound_is_refused_with_its_place(message):
    assert [each[: len(message)] for each in faults(UNSOUND[message])] == [message]


@pytest.mark.parametrize("version", ["SPDX-2.1", "SPDX-2.0", "SPDX-3.0", "SPDX-2.4", "2.3", 2.3, None])
def test_a_version_that_is_not_read_is_refused(version):
    [reason] = refusal(spdx(spdx_package(), version=version))
    assert reason.code == "sbom.unsupported"
    assert "expected one of SPDX-2.2, SPDX-2.3" in reason.message


def test_spdx_3_is_named():
    [reason] = refusal(b'{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []}')
    assert (reason.code, reason.message[:15]) == ("sbom.unsupported", "this is SPDX 3,")


def test_tag_value_text_is_named():
    [reason] = refusal(b"SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n")
    assert (reason.code, "tag-value" in reason.message) == ("sbom.unsupported", True)


OUTCOMES = {
    "protobom/curl.spdx.json": (2.3, 68),
    "sbomqs/photon.spdx.json": (2.2, 37),
    "spdx/example10-source.spdx.json": (2.3, 5),
    "spdx/examplemaven-enriched.spdx.json": (2.3, 7),
    "spdx/example10-source.spdx3.json": "sbom.unsupported",
    "syft/alpine-3.10.syft.spdx.json": "sbom.invalid",  # cut by hand: four relationships to files that were taken out
    "syft/bad-example7-bin.spdx.json": "sbom.invalid",
    "syft/bad-example7-go-module.spdx.json": "sbom.invalid",
    "syft/bad-example7-golang.spdx.json": "sbom.invalid",
    "syft/bad-example7-third-party-modules.spdx.json": "sbom.invalid",
    "syft/bad-bad-sbom": "sbom.unsupported",
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_document_of_another_project_comes_to_what_is_expected(name):
    content = (Path(corpus("sbom")) / "documents" / name).read_bytes()
    if isinstance(OUTCOMES[name], str):
        assert {reason.code for reason in refusal(content)} == {OUTCOMES[name]}
    else:
        document = read_bom(content, subject=name)
        assert (float(document.spec_version), len(document.components)) == OUTCOMES[name]
