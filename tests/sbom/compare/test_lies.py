"""A document that hides, adds, alters, mistakes a version, or is about another artifact: for each kind of artifact."""

from typing import NamedTuple

import pytest

from tests.support.sboms.listed import ONE, THREE, TWO, catalog, document, file, locked, package, sha256
from verifier.core.digest import Digest
from verifier.formats.bom.component import FILE, Component
from verifier.sbom.compare.compare import compare


class Kind(NamedTuple):
    """What an artifact consists of, what is added to its document, and one of its components with other bytes, with
    the subject of each difference."""

    catalog: object
    added: Component
    altered: Component
    versioned: Component | None
    other_subject: Component


def subject(purl, digest="a" * 64):
    return package(purl, digest)._replace(type="application")


def bundle():
    return Kind(
        catalog(
            file("authz/policy.rego", ONE),
            file("data.json", TWO),
            kind="bundle",
            subject=subject("pkg:generic/authz@1.0.0"),
            digests=(Digest(algorithm="sha256", value="a" * 64),),
            ecosystems={FILE},
            aggregate="complete",
        ),
        added=file("authz/hidden.rego", THREE),
        altered=file("authz/policy.rego", THREE),
        versioned=None,
        other_subject=subject("pkg:generic/authz@1.0.0", "b" * 64),
    )


def image():
    return Kind(
        catalog(
            package("pkg:deb/debian/openssl@3.0.15-1?arch=amd64"),
            package("pkg:npm/@acme/x@1.0.0", ONE),
            file("usr/bin/env", TWO),
            file("usr/bin/id", ONE),
            kind="image",
            subject=Component("container", "", "acme/app", "1.0"),
            digests=(Digest(algorithm="sha256", value="a" * 64), Digest(algorithm="sha256", value="c" * 64)),
            ecosystems={FILE, "deb", "npm"},
        ),
        added=package("pkg:deb/debian/bash@5.2?arch=amd64"),
        altered=file("usr/bin/env", THREE),
        versioned=package("pkg:deb/debian/openssl@3.0.11-1?arch=amd64"),
        other_subject=Component("container", "", "acme/app", f"sha256:{'b' * 64}"),
    )


def project():
    return Kind(
        catalog(
            locked("pkg:pypi/requests@2.32.3", ONE, TWO),
            locked("pkg:pypi/ruamel.yaml@0.18.6", THREE),
            kind="project",
            subject=package("pkg:pypi/acme-app@1.0"),
            ecosystems={"pypi"},
        ),
        added=locked("pkg:pypi/colours@1.0", ONE),
        altered=locked("pkg:pypi/requests@2.32.3", ONE, THREE),
        versioned=locked("pkg:pypi/requests@2.31.0", ONE, TWO),
        other_subject=package("pkg:pypi/other-app@1.0"),
    )


def environment():
    return Kind(
        catalog(
            package("pkg:pypi/pip@24.0"),
            package("pkg:pypi/requests@2.32.3"),
            file("site-packages/requests/api.py", ONE),
            file("site-packages/requests/auth.py", TWO),
            kind="environment",
            subject=Component("application", "", "venv"),
            ecosystems={FILE, "pypi"},
        ),
        added=package("pkg:pypi/colours@1.0"),
        altered=file("site-packages/requests/api.py", TWO),
        versioned=package("pkg:pypi/requests@2.31.0"),
        other_subject=Component("application", "", "another"),
    )


KINDS = {"bundle": bundle, "image": image, "project": project, "environment": environment}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]()


def held(kind, *components):
    return compare(document(*components, subject=kind.catalog.subject), kind.catalog)


def only(comparison):
    (reason,) = (each for each in comparison.reasons() if each.is_error)
    return reason


def without(kind, component):
    return [each for each in kind.catalog.components if (each.name, each.path) != (component.name, component.path)]


def test_the_artifact_itself_is_all_the_same(kind):
    comparison = held(kind, *reversed(kind.catalog.components))
    assert comparison.reasons() == ()
    assert comparison.total[1:] == (len(kind.catalog.components), 0, 0, 0, 0)
    assert comparison.ratio == 1


def test_a_hidden_component_is_missing(kind):
    for hidden in kind.catalog.components:
        comparison = held(kind, *(each for each in kind.catalog.components if each != hidden))
        reason = only(comparison)
        assert (reason.code, reason.subject) == ("sbom.contents-mismatch", hidden.path or hidden.purl)
        assert reason.message.startswith("missing: the SBOM has nothing, the artifact has ")
        assert comparison.total.missing == 1
        assert comparison.ratio < 1


def test_an_added_component_is_surplus(kind):
    reason = only(held(kind, *kind.catalog.components, kind.added))
    assert (reason.code, reason.subject) == ("sbom.contents-mismatch", kind.added.path or kind.added.purl)
    assert reason.message.startswith("surplus: the SBOM has ")
    assert reason.message.endswith("the artifact has nothing")


def test_a_component_that_is_listed_once_more_is_surplus(kind):
    reason = only(held(kind, *kind.catalog.components, kind.catalog.components[0]))
    assert reason.message.startswith("surplus: ")


def test_an_altered_component_is_told_with_both_digests(kind):
    comparison = held(kind, *without(kind, kind.altered), kind.altered)
    reason = only(comparison)
    assert reason.subject == kind.altered.path or kind.altered.purl
    assert reason.message.startswith("altered: the SBOM has SHA-256 ")
    assert {digest[:8] for digest in (ONE, TWO, THREE) if digest in reason.message}
    assert comparison.total.altered == 1


@pytest.mark.parametrize("name", ["image", "project", "environment"])
def test_another_version_is_told_with_both(name):
    kind = KINDS[name]()
    comparison = held(kind, *without(kind, kind.versioned), kind.versioned)
    reason = only(comparison)
    (there,) = (each for each in kind.catalog.components if each.name == kind.versioned.name)
    assert reason.subject == there.purl
    assert reason.message == (
        f"altered: the SBOM has version {kind.versioned.version}, the artifact has version {there.version}"
    )


def test_a_file_of_a_bundle_has_no_version_to_lie_about():
    kind = bundle()
    versioned = file("data.json", TWO, version="9.9")
    assert held(kind, *without(kind, versioned), versioned).reasons() == ()


@pytest.mark.parametrize("name", ["bundle", "image", "project"])
def test_a_document_about_another_artifact_is_told_alone(name):
    kind = KINDS[name]()
    comparison = compare(document(kind.added, subject=kind.other_subject), kind.catalog)
    (reason,) = comparison.reasons()
    assert reason.code == "sbom.other-artifact"
    assert comparison.counts == ()
    assert comparison.ratio is None


def test_an_environment_has_no_name_of_its_own_and_another_one_is_told_by_what_is_in_it():
    kind = environment()
    moved = document(*kind.catalog.components, subject=kind.other_subject)
    assert compare(moved, kind.catalog).reasons() == ()
    (reason,) = compare(document(kind.added, subject=kind.other_subject), kind.catalog).reasons()
    assert reason.code == "sbom.other-artifact"
    assert "has no component of this one" in reason.message


def test_a_component_that_claims_the_digest_of_the_artifact_is_told():
    for kind in (bundle(), image()):
        claiming = kind.added._replace(hashes=sha256("a" * 64))
        reason = only(held(kind, *kind.catalog.components, claiming))
        assert "the digest of the artifact itself" in reason.message
        first = kind.catalog.components[0]
        taking_over = first._replace(hashes=sha256("a" * 64))
        comparison = held(kind, taking_over, *kind.catalog.components[1:])
        assert "the digest of the artifact itself" in only(comparison).message


def test_a_purl_of_another_version_than_the_component_says_is_altered():
    found = package("pkg:golang/golang.org/x/net@v0.1.0")
    said = found._replace(purl="pkg:golang/golang.org/x/net@v0.17.0")
    (reason,) = compare(document(said), catalog(found, ecosystems={"golang"})).reasons()
    assert reason.code == "sbom.contents-mismatch"
    assert "v0.17.0" in reason.message


def test_a_purl_of_a_go_version_may_leave_out_its_prefix():
    found = package("pkg:golang/stdlib@1.22.1")
    said = found._replace(version="go1.22.1")
    assert compare(document(said), catalog(found, ecosystems={"golang"})).reasons() == ()


@pytest.mark.parametrize("kind", ["file", "operating-system", "data", "device", "firmware"])
def test_a_package_that_is_listed_as_something_else_is_altered(kind):
    found = package("pkg:deb/debian/openssl@3.0.15-1?arch=amd64")
    (reason,) = compare(document(found._replace(type=kind)), catalog(found, ecosystems={"deb"})).reasons()
    assert reason.code == "sbom.contents-mismatch"
    assert f"the type {kind}" in reason.message
