"""Whether a document is about this artifact at all."""

import pytest

from tests.support.sboms.listed import catalog, document, package, sha256
from verifier.core.digest import Digest
from verifier.formats.bom.component import Component
from verifier.sbom.compare.compare import compare

MINE, OTHER, CONFIG = "a" * 64, "b" * 64, "c" * 64


def image():
    digests = (Digest(algorithm="sha256", value=MINE), Digest(algorithm="sha256", value=CONFIG))
    return catalog(kind="image", subject=Component("container", "", "acme/app", "1.0"), digests=digests)


def is_another(subject, about, tool="syft"):
    comparison = compare(document(subject=subject, tool=tool), about)
    return [each.code for each in comparison.reasons()] == ["sbom.other-artifact"]


def claims(digest):
    """Every place in which tools write the digest of what they have listed."""
    return {
        "hashes": Component("container", "", "x", hashes=sha256(digest)),
        "syft, as the version": Component("container", "", "acme/app", f"sha256:{digest}"),
        "as the version, in upper case": Component("container", "", "acme/app", f"sha256:{digest.upper()}"),
        "the name": Component("container", "", f"registry.acme.example/app@sha256:{digest}"),
        "the checksum of a purl": package(f"pkg:generic/app@1?checksum=sha256:{digest}"),
        "trivy's image": Component(
            "container", "", "app", properties=(("aquasecurity:trivy:ImageID", f"sha256:{digest}"),)
        ),
        "trivy's repository": Component(
            "container", "", "app", properties=(("aquasecurity:trivy:RepoDigest", f"acme/app@sha256:{digest}"),)
        ),
    }


@pytest.mark.parametrize("place", claims(MINE))
def test_a_digest_decides_wherever_it_is_written(place):
    assert not is_another(claims(MINE)[place], image())
    assert not is_another(claims(CONFIG)[place], image())
    assert is_another(claims(OTHER)[place], image())


def test_both_digests_are_named():
    (reason,) = compare(document(subject=claims(OTHER)["hashes"]), image()).reasons()
    assert f"sha256:{OTHER}" in reason.message
    assert f"sha256:{MINE} or sha256:{CONFIG}" in reason.message


def test_one_digest_that_it_has_is_enough():
    """An index and one of its platforms are both what the reference of an image names."""
    both = claims(OTHER)["syft, as the version"]._replace(hashes=sha256(MINE))
    assert not is_another(both, image())


def test_a_digest_decides_before_the_name():
    authz = catalog(kind="bundle", subject=package("pkg:generic/authz@1"), digests=image().digests)
    assert not is_another(package("pkg:generic/other@2", MINE), authz, tool="policy-verifier")
    assert is_another(package("pkg:generic/authz@1", OTHER), authz, tool="policy-verifier")


@pytest.mark.parametrize(
    ("subject", "another"),
    [
        (package("pkg:generic/authz@1"), False),
        (package("pkg:generic/authz"), False),
        (package("pkg:generic/other@1"), True),
        (package("pkg:generic/authz@2"), True),
        (Component("application", "", "authz", "2"), True),
        (package("pkg:oci/authz@2"), False),
        (None, False),
    ],
)
def test_without_a_digest_name_and_version_decide_where_both_say_them(subject, another):
    authz = catalog(kind="bundle", subject=package("pkg:generic/authz@1"), digests=image().digests)
    assert is_another(subject, authz, tool="policy-verifier") is another


def test_the_name_of_a_python_project_is_compared_as_one():
    project = catalog(kind="project", subject=package("pkg:pypi/Acme_App@1"))
    assert not is_another(Component("library", "", "acme-app", "1"), project, tool="uv")
    assert is_another(Component("library", "", "acme-web", "1"), project, tool="uv")


@pytest.mark.parametrize("tool", ["syft", "cdxgen"])
def test_the_name_of_a_folder_decides_nothing(tool):
    project = catalog(kind="project", subject=package("pkg:pypi/acme-app@1"))
    assert not is_another(package("pkg:pypi/checkout@latest"), project, tool=tool)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-1", "BLAKE3", "SHA-256"])
def test_a_digest_that_cannot_be_compared_decides_nothing(algorithm):
    claim = Component("container", "", "app", hashes=(sha256("ff")[0]._replace(algorithm=algorithm),))
    assert not is_another(claim, image())
