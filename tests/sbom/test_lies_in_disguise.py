"""Documents that have a component and say something else of it, and artifacts in which one is hidden from the list."""

import json
from datetime import UTC, datetime

import pytest

from tests.support.sboms.installed import SITE, dist_info
from tests.support.sboms.made import contents
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.value import replace
from verifier.engine.sboms.checking import SbomQuestion, check_sbom
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.generate import generate
from verifier.sbom.judging import Demands

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DIGEST = Digest(algorithm="sha256", value="a" * 64)
KELVIN = "\N{KELVIN SIGN}"
HEADERS = b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"


def record(name, version, state="install ok installed"):
    return f"Package: {name}\nStatus: {state}\nArchitecture: amd64\nVersion: {version}\n\n".encode()


def image(**files):
    """An image with two packages of Debian and one of Python, and these files besides."""
    made = {
        "etc/os-release": b"ID=debian\nVERSION_ID=12\n",
        "var/lib/dpkg/status": record("openssl", "3.0.1-1") + record("bash", "5.2-1"),
        "var/lib/dpkg/info/openssl.list": b"/usr/bin/openssl\n",
        "var/lib/dpkg/info/bash.list": b"/bin/bash\n",
        "usr/bin/openssl": b"openssl",
        "bin/bash": b"bash",
        **dist_info("kombu", "5.1"),
    }
    return contents(made | files, version=None, digests=(DIGEST,))


def own(found, spec_version="1.7"):
    return json.loads(generate(catalog_of(found), spec_version=spec_version))


def changed(bom, which, **said):
    next(each for each in bom["components"] if each["name"] == which).update(said)
    return bom


def answer(bom, found, **demands):
    asked = Document(name="sbom.json", content=json.dumps(bom).encode())
    wanted = Demands(matches=True, **demands)
    return check_sbom(SbomQuestion(document=asked, demands=wanted, contents=lambda: found, now=NOW))


def errors(answered):
    return [each.code for each in answered.reasons if each.is_error]


def names(found):
    return [each.name for each in catalog_of(found).components]


def test_the_document_as_it_is_made_passes():
    found = image()
    assert errors(answer(own(found), found, strict=True, min_completeness=1.0)) == []


def test_what_a_document_calls_external_is_not_listed_by_it():
    found = image()
    bom = changed(own(found), "openssl", isExternal=True)
    answered = answer(bom, found)
    (reason,) = [each for each in answered.reasons if each.is_error]
    assert reason.code == "sbom.contents-mismatch"
    assert reason.message.startswith("missing")
    assert reason.subject.startswith("pkg:deb/debian/openssl@3.0.1-1")


def test_what_is_nested_in_something_external_is_external():
    found = image()
    bom = own(found)
    inside = next(each for each in bom["components"] if each["name"] == "openssl")
    bom["components"].remove(inside)
    bom["components"].append({"type": "library", "name": "cluster", "isExternal": True, "components": [inside]})
    assert errors(answer(bom, found)) == ["sbom.contents-mismatch"]


def test_what_is_installed_and_said_to_be_excluded_is_told():
    found = image()
    answered = answer(changed(own(found), "openssl", scope="excluded"), found)
    (reason,) = [each for each in answered.reasons if each.code == "sbom.unverified"]
    assert "scope `excluded`" in reason.message


def test_a_name_with_the_kelvin_sign_is_another_name():
    found = image()
    bom = changed(own(found), "kombu", name=f"{KELVIN}ombu", purl="pkg:pypi/%E2%84%AAombu@5.1")
    assert errors(answer(bom, found)) == ["sbom.contents-mismatch"] * 2


def test_a_purl_without_the_kelvin_sign_does_not_name_what_has_it():
    found = image()
    bom = changed(own(found), "kombu", name=f"{KELVIN}ombu")
    assert errors(answer(bom, found)) == ["sbom.invalid"]


def test_a_subject_with_the_digest_of_another_artifact_beside_this_ones_is_about_another():
    found = image()
    bom = own(found)
    bom["metadata"]["component"]["hashes"].append({"alg": "SHA-256", "content": "b" * 64})
    assert errors(answer(bom, found)) == ["sbom.other-artifact"]


def test_a_subject_with_a_tag_and_the_digest_of_another_image_in_its_purl_is_about_another():
    found = image()
    bom = own(found)
    subject = bom["metadata"]["component"]
    subject.pop("hashes")
    subject.pop("properties")
    subject.update(version="1.0", purl=f"pkg:oci/app@sha256%3A{'b' * 64}")
    assert errors(answer(bom, found)) == ["sbom.other-artifact"]


def test_the_document_of_an_image_with_a_tag_is_not_doubted():
    found = replace(image(), version="1.0")
    assert "sbom.doubtful" not in [each.code for each in answer(own(found), found).reasons]


@pytest.mark.parametrize("state", ["deinstall ok config-files", "purge ok not-installed"])
def test_a_record_beside_the_database_hides_no_package_of_it(state):
    found = image(**{"var/lib/dpkg/status.d/openssl": record("openssl", "3.0.1-1", state)})
    assert "openssl" in names(found)


def test_a_record_beside_the_database_does_not_change_a_version_in_it():
    found = image(**{"var/lib/dpkg/status.d/openssl": record("openssl", "9.9-1")})
    versions = {each.version for each in catalog_of(found).components if each.name == "openssl"}
    assert versions == {"3.0.1-1", "9.9-1"}


def test_a_record_that_both_have_is_one_package():
    found = image(**{"var/lib/dpkg/status.d/openssl": record("openssl", "3.0.1-1")})
    assert names(found).count("openssl") == 1


@pytest.mark.parametrize(
    "path",
    [
        "evil-1.0.Dist-Info/METADATA",
        "evil-1.0.dist-info/PKG-INFO",
        "evil-1.0.EGG-INFO/PKG-INFO",
        "evil-1.0.egg-info/METADATA",
        "evil-1.0.Egg-Info",
    ],
)
def test_a_distribution_that_python_finds_is_listed(path):
    assert "evil" in names(image(**{f"{SITE}/{path}": HEADERS}))


def test_a_distribution_with_both_files_of_headers_is_one():
    both = {f"{SITE}/evil-1.0.egg-info/{name}": HEADERS for name in ("PKG-INFO", "METADATA")}
    assert names(image(**both)).count("evil") == 1


def test_nobody_has_all_of_an_image_with_an_egg_in_an_archive():
    found = image(**{f"{SITE}/evil-1.0-py3.11.egg": b"PK\x03\x04"})
    answered = answer(own(found), found, min_completeness=1.0)
    assert errors(answered) == ["sbom.incomplete"]
    assert "package.unlisted" in [each.code for each in answered.reasons]


def test_nobody_has_all_of_an_image_with_a_root_that_cannot_be_read():
    found = image(**{"srv/root/var/lib/dpkg/status": b"no record\n"})
    assert errors(answer(own(found), found, min_completeness=1.0)) == ["sbom.incomplete"]


def test_files_of_no_package_are_told_where_all_is_asked_for():
    found = image(**{"opt/evil": b"evil"})
    answered = answer(own(found), found, strict=True)
    (reason,) = [each for each in answered.reasons if each.code == "sbom.unverified"]
    assert "files belong to no package" in reason.message
