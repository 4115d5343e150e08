"""Bills of materials as what is audited: every format, nested components, purls without versions, no purls at all."""

import json

import pytest

from tests.support.audit.sources import collected, one, pins, places, refusal
from verifier.audit.sources.release import release_of

HEAD = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}


def library(name, version=None, purl=None, **more):
    said = {"type": "library", "name": name, "bom-ref": f"{name}@{version}", "version": version, "purl": purl, **more}
    return {key: value for key, value in said.items() if value is not None}


def pypi(name, version, **more):
    return library(name, version, f"pkg:pypi/{name}@{version}", **more)


def cyclonedx(*components, **more):
    return json.dumps({**HEAD, "components": list(components), **more}, indent=1)


def read(folder, *components, name="bom.json", **more):
    return collected(folder, {name: cyclonedx(*components, **more)}, name)


@pytest.mark.parametrize("name", ["bom.json", "app.cdx.json", "anything.json"])
def test_a_document_is_known_by_what_it_says(tmp_path, name):
    found = read(tmp_path, pypi("jinja2", "2.10"), name=name)
    assert (found.format, pins(found)) == ("cyclonedx", {("jinja2", "2.10")})
    assert places(found.packages[0]) == [f"{name}:11"]


def test_spdx_is_read(tmp_path):
    package = {"SPDXID": "SPDXRef-a", "name": "jinja2", "versionInfo": "2.10", "downloadLocation": "NOASSERTION"}
    package["externalRefs"] = [
        {
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": "pkg:pypi/jinja2@2.10",
        }
    ]
    document = {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "app",
        "dataLicense": "CC0-1.0",
        "documentNamespace": "https://acme.example/app",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: t"]},
        "packages": [package],
        "relationships": [],
    }
    found = collected(tmp_path, {"app.spdx.json": json.dumps(document)}, "app.spdx.json")
    assert (found.format, pins(found)) == ("spdx", {("jinja2", "2.10")})


def test_xml_is_read(tmp_path):
    text = (
        '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components>\n'
        '<component type="library"><name>jinja2</name><version>2.10</version>\n<purl>pkg:pypi/jinja2@2.10</purl>'
        "</component></components></bom>"
    )
    found = collected(tmp_path, {"bom.xml": text}, "bom.xml")
    assert pins(found) == {("jinja2", "2.10")}
    assert places(found.packages[0]) == ["bom.xml:4"]


def test_what_the_document_is_about_is_no_package_of_it_and_its_needs_are_direct(tmp_path):
    subject = library("app", "1", "pkg:pypi/app@1")
    edges = [
        {"ref": "app@1", "dependsOn": ["jinja2@2.10"]},
        {"ref": "jinja2@2.10", "dependsOn": ["markupsafe@1"]},
    ]
    found = read(
        tmp_path,
        pypi("jinja2", "2.10"),
        pypi("markupsafe", "1"),
        metadata={"component": subject},
        dependencies=edges,
    )
    assert {(each.name, each.direct) for each in found.packages} == {("jinja2", True), ("markupsafe", False)}
    assert one(found, "markupsafe").paths == (("pkg:pypi/jinja2@2.10", "pkg:pypi/markupsafe@1"),)


def test_nested_components_are_packages(tmp_path):
    assert pins(read(tmp_path, pypi("a", "1", components=[pypi("b", "2", components=[pypi("c", "3")])]))) == {
        *{("a", "1"), ("b", "2"), ("c", "3")},
    }


def test_a_purl_without_a_version_has_the_components_or_none(tmp_path):
    found = read(tmp_path, library("a", "1.0", "pkg:pypi/a"), library("b", None, "pkg:pypi/b"))
    assert pins(found) == {("a", "1.0"), ("b", None)}
    assert one(found, "a").purl == "pkg:pypi/a@1.0"


def test_a_component_without_a_purl_is_a_package_of_no_ecosystem(tmp_path):
    package = one(read(tmp_path, library("mystery", "1.0")), "mystery")
    assert (package.ecosystem, package.purl) == ("", "pkg:generic/mystery@1.0")


def test_files_and_systems_are_no_packages(tmp_path):
    others = [{"type": "file", "name": "a.py"}, {"type": "operating-system", "name": "debian", "version": "12"}]
    assert pins(read(tmp_path, pypi("a", "1"), *others)) == {("a", "1")}


def test_a_file_with_the_purl_of_a_package_is_that_package(tmp_path):
    wheel = {"type": "file", "name": "jinja2", "version": "2.10", "purl": "pkg:pypi/jinja2@2.10"}
    assert pins(read(tmp_path, wheel)) == {("jinja2", "2.10")}


def test_two_spellings_are_one_package(tmp_path):
    found = read(tmp_path, pypi("zope.interface", "5"), pypi("Zope_Interface", "5"))
    assert [(each.purl, len(each.places)) for each in found.packages] == [("pkg:pypi/zope-interface@5", 2)]


@pytest.mark.parametrize(
    ("qualifiers", "source", "where"),
    [
        ("", "index", ""),
        ("?repository_url=https://pypi.acme.example/simple", "index", "https://pypi.acme.example/simple"),
        ("?vcs_url=git%2Bhttps://git.acme.example/a", "git", "git+https://git.acme.example/a"),
        ("?download_url=https://files.acme.example/a.tgz", "url", "https://files.acme.example/a.tgz"),
        ("?download_url=https://files.pythonhosted.org/a.tgz", "index", ""),
    ],
)
def test_where_a_component_comes_from_says_its_purl(tmp_path, qualifiers, source, where):
    package = one(read(tmp_path, library("a", "1", f"pkg:pypi/a@1{qualifiers}")), "a")
    assert (package.source, package.location or package.index) == (source, where)
    assert package.purl == "pkg:pypi/a@1"


def test_a_distributions_package_is_asked_about_by_its_source_package(tmp_path):
    purl = "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl%403.0.15-1"
    other = "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64&distro=alpine-3.18.4&upstream=openssl"
    found = read(tmp_path, library("libssl3", "3.0.15-1~deb12u1", purl), library("libcrypto3", "3.1.4-r5", other))
    assert [(each.name, each.version, each.release, each.purl.partition("?")[0]) for each in found.packages] == [
        ("openssl", "3.1.4-r5", "v3.18", "pkg:apk/alpine/libcrypto3@3.1.4-r5"),
        ("openssl", "3.0.15-1", "12", "pkg:deb/debian/libssl3@3.0.15-1~deb12u1"),
    ]


@pytest.mark.parametrize(
    ("ecosystem", "distro", "release"),
    [
        ("deb", "debian-12", "12"),
        ("deb", "debian-12.5", "12"),
        ("deb", "bookworm", "12"),
        ("deb", "ubuntu-22.04", "22.04"),
        ("deb", "jammy", "22.04"),
        ("apk", "alpine-3.18.4", "v3.18"),
        ("apk", "3.22.0", "v3.22"),
        ("apk", "alpine-edge", ""),
        ("rpm", "rocky-9.3", "9"),
        ("rpm", "opensuse-leap-15.5", "15.5"),
        ("pypi", "debian-12", ""),
        ("deb", "", ""),
        ("deb", "what-is-this", ""),
    ],
)
def test_a_release_is_called_as_records_do(ecosystem, distro, release):
    assert release_of(ecosystem, "", {"distro": distro}) == release


def test_a_document_with_faults_still_names_its_packages(tmp_path):
    broken = library("jinja2", "2.10", "pkg:pypi/jinja2@2.10", components=[pypi("a", "1")], hashes=[{"alg": "none"}])
    found = read(tmp_path, broken, library("b", "1", "pkg:pypi/not this"))
    assert {each.code for each in found.unread} == {"sbom.invalid"}
    assert {each.severity.value for each in found.unread} == {"error"}
    assert {(each.ecosystem, each.name, each.version) for each in found.packages} == {
        ("pypi", "jinja2", "2.10"),
        ("pypi", "a", "1"),
        ("", "b", "1"),
    }


def test_what_a_document_hides_in_its_own_subject_is_a_package(tmp_path):
    subject = {"type": "application", "name": "app", "bom-ref": "app", "components": [pypi("inner", "1")]}
    assert pins(read(tmp_path, pypi("a", "1"), metadata={"component": subject})) == {("a", "1"), ("inner", "1")}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{}", "sbom.unsupported"),
        ("[]", "sbom.unsupported"),
        ("", "sbom.unsupported"),
        ('{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX"}', "json.duplicate-key"),
        ('{"bomFormat": "CycloneDX", "specVersion": "9.9", "version": 1}', "sbom.unsupported"),
        ('{"name": "app", "dependencies": {"a": "^1"}}', "sbom.unsupported"),
        ('{"bomFormat": "CycloneDX"', "json.invalid"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path, content, code):
    assert refusal(tmp_path, {"package.json": content}, "package.json").code == code


def test_a_document_without_components_comes_to_no_package(tmp_path):
    assert read(tmp_path).packages == ()


@pytest.mark.parametrize(
    ("purl", "found"),
    [
        ("pkg:pypi/jinja2@2.10", {("jinja2", "2.10"), ("one", "1")}),
        ("pkg:oci/jinja2@2.10", {("one", "1")}),
        ("pkg:github/acme/jinja2@2.10", {("one", "1")}),
        (None, {("one", "1")}),
    ],
)
def test_what_spdx_describes_is_a_package_where_an_index_hands_it_out(tmp_path, purl, found):
    def package(ref, name, version, purl):
        refs = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
        said = {"SPDXID": ref, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION"}
        return {**said, "externalRefs": refs} if purl else said

    described = {
        "spdxElementId": "SPDXRef-DOCUMENT",
        "relationshipType": "DESCRIBES",
        "relatedSpdxElement": "SPDXRef-a",
    }
    document = {
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "app",
        "dataLicense": "CC0-1.0",
        "documentNamespace": "https://acme.example/app",
        "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: t"]},
        "packages": [
            package("SPDXRef-a", "jinja2", "2.10", purl),
            package("SPDXRef-b", "one", "1", "pkg:pypi/one@1"),
        ],
        "relationships": [described],
    }
    assert pins(collected(tmp_path, {"app.spdx.json": json.dumps(document)}, "app.spdx.json")) == found
