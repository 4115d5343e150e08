"""What cannot be compared is counted and said, excuses nothing else, and is a difference where a rule is strict."""

import pytest

from tests.support.sboms.listed import ONE, TWO, catalog, document, file, locked, package
from verifier.formats.bom.component import FILE, Component
from verifier.formats.bom.document import Tool
from verifier.sbom.compare.compare import compare, wants_files
from verifier.sbom.compare.tools import TOOLS, seen_by, tool_of

DEB = package("pkg:deb/debian/bash@5.2?arch=amd64")
PIP, URLLIB3 = package("pkg:pypi/pip@24.0"), package("pkg:pypi/urllib3@1.26.20", parent="pip")
ENV, ID = file("usr/bin/env", ONE), file("usr/bin/id", TWO)


def image(*components):
    return catalog(*components, ecosystems={FILE, "deb", "pypi", "npm"})


def codes(comparison):
    return [each.code for each in comparison.reasons()]


def test_files_that_a_tool_never_lists_are_unverified():
    comparison = compare(document(DEB, tool="trivy"), image(DEB, ENV, ID))
    assert codes(comparison) == ["sbom.unverified"]
    assert comparison.unverified == (("its tool lists packages, no files", 2),)
    assert comparison.total[1:] == (1, 0, 0, 0, 2)
    assert comparison.ratio == 1


def test_they_are_missing_where_a_rule_is_strict():
    comparison = compare(document(DEB, tool="trivy"), image(DEB, ENV, ID), strict=True)
    assert codes(comparison) == ["sbom.contents-mismatch"] * 2
    assert comparison.ratio == pytest.approx(1 / 3)


@pytest.mark.parametrize("tool", ["policy-verifier", "trivy", "cdxgen", "somebody", ""])
def test_who_lists_one_file_sees_files(tool):
    comparison = compare(document(DEB, ENV, tool=tool), image(DEB, ENV, ID))
    assert codes(comparison) == ["sbom.contents-mismatch"]


def test_syft_lists_some_files():
    comparison = compare(document(DEB, ENV, tool="syft"), image(DEB, ENV, ID))
    assert codes(comparison) == ["sbom.unverified"]


def test_a_file_that_is_not_there_is_surplus_whoever_lists_it():
    comparison = compare(document(DEB, ENV, ID, tool="syft"), image(DEB, ENV))
    assert codes(comparison) == ["sbom.contents-mismatch"]


@pytest.mark.parametrize("tool", ["syft", "cdxgen", "policy-verifier", "somebody", ""])
def test_packages_of_a_system_that_a_tool_sees_are_missing(tool):
    assert codes(compare(document(PIP, tool=tool), image(PIP, DEB))) == ["sbom.contents-mismatch"]


def test_who_says_he_sees_python_alone_has_not_seen_the_system():
    venv = catalog(PIP, DEB, kind="environment", ecosystems={"pypi", "deb"})
    assert codes(compare(document(PIP, tool="cyclonedx-py"), venv)) == ["sbom.unverified"]
    assert codes(compare(document(PIP, tool="cyclonedx-py"), venv, strict=True)) == ["sbom.contents-mismatch"]


@pytest.mark.parametrize("kind", ["bundle", "image"])
def test_a_tool_is_not_excused_where_it_sees_nothing(kind):
    """A tool that lists nothing of a kind of artifact would make every empty document true."""
    empty = document(tool="uv")
    assert codes(compare(empty, catalog(ENV, DEB, kind=kind))) == ["sbom.contents-mismatch"] * 2


@pytest.mark.parametrize("tool", ["policy-verifier", "syft", "trivy", "cdxgen", "uv", "cyclonedx-py", "somebody", ""])
def test_nobody_is_excused_for_the_files_of_a_bundle(tool):
    comparison = compare(document(tool=tool), catalog(file("a.rego"), kind="bundle", ecosystems={FILE}))
    assert codes(comparison) == ["sbom.contents-mismatch"]


def test_code_inside_other_packages_is_what_others_do_not_look_for():
    comparison = compare(document(PIP, tool="syft"), image(PIP, URLLIB3))
    assert codes(comparison) == ["sbom.unverified"]
    assert codes(compare(document(PIP), image(PIP, URLLIB3))) == ["sbom.contents-mismatch"]


def test_what_is_inside_another_is_paired_last():
    alone = URLLIB3._replace(parent="")
    comparison = compare(document(alone, PIP, tool="syft"), image(URLLIB3, PIP, alone))
    assert comparison.total[1:] == (2, 0, 0, 0, 1)


def test_what_is_there_twice_is_listed_twice_by_us_and_once_by_others():
    twice = image(PIP._replace(ref="1", path="a"), PIP._replace(ref="2", path="b"))
    assert codes(compare(document(PIP), twice)) == ["sbom.contents-mismatch"]
    assert codes(compare(document(PIP, tool="cdxgen"), twice)) == ["sbom.unverified"]
    assert codes(compare(document(PIP, PIP, PIP, tool="cdxgen"), twice)) == ["sbom.contents-mismatch"]


def test_a_digest_that_only_one_side_has_is_counted_beside():
    comparison = compare(document(package("pkg:pypi/a@1"), tool="syft"), image(locked("pkg:pypi/a@1", ONE)))
    assert codes(comparison) == ["sbom.unverified"]
    assert comparison.total[1:] == (1, 0, 0, 0, 1)


def test_what_the_records_of_an_artifact_cannot_show_is_unverified():
    jar = package("pkg:maven/org.acme/a@1")
    comparison = compare(document(DEB, jar, tool="syft"), image(DEB))
    assert codes(comparison) == ["sbom.unverified"]
    assert [each.ecosystem for each in comparison.counts if each.unverified] == ["maven"]
    assert codes(compare(document(DEB, jar, tool="syft"), image(DEB), strict=True)) == ["sbom.contents-mismatch"]


def test_our_own_document_lists_nothing_that_is_not_there():
    jar = package("pkg:maven/org.acme/a@1")
    assert codes(compare(document(DEB, jar), image(DEB))) == ["sbom.contents-mismatch"]


def test_what_everything_runs_on_is_compared_where_both_say_it():
    debian = Component("operating-system", "", "debian", "12")
    assert codes(compare(document(DEB, debian, tool="syft"), image(DEB))) == []
    assert codes(compare(document(DEB, tool="syft"), image(DEB, debian))) == []
    point = debian._replace(version="12.15")
    assert codes(compare(document(DEB, point, tool="syft"), image(DEB, debian))) == []
    older = debian._replace(version="11")
    assert codes(compare(document(DEB, older, tool="syft"), image(DEB, debian))) == ["sbom.contents-mismatch"]


def test_the_project_itself_is_listed_among_its_components_or_as_what_they_are_of():
    mine, a = package("pkg:pypi/acme-app@1"), locked("pkg:pypi/a@1", ONE)
    project = catalog(a, mine, kind="project", subject=mine, ecosystems={"pypi"})
    for subject in (mine, Component("library", "", "acme-app", "1")):
        comparison = compare(document(a, tool="uv", subject=subject), project)
        assert comparison.total[1:] == (2, 0, 0, 0, 0)
    named_as_one = compare(document(a, tool="cdxgen", subject=mine), project)
    assert named_as_one.total.missing == 0
    apart = catalog(a, kind="project", subject=mine, ecosystems={"pypi"})
    assert codes(compare(document(a, mine, tool="uv", subject=mine), apart)) == []


@pytest.mark.parametrize(
    "said",
    [
        "pkg:deb/bash@5.2?arch=amd64",
        "pkg:deb/debian/bash@5.2",
        "pkg:deb/bash@5.2",
    ],
)
def test_a_distribution_or_architecture_that_nobody_says_is_no_difference(said):
    comparison = compare(document(package(said), tool="cdxgen"), image(DEB))
    assert comparison.total[1:] == (1, 0, 0, 0, 0)


@pytest.mark.parametrize("said", ["pkg:deb/ubuntu/bash@5.2?arch=amd64", "pkg:deb/debian/bash@5.2?arch=arm64"])
def test_another_distribution_or_architecture_is_told(said):
    (reason,) = compare(document(package(said), tool="cdxgen"), image(DEB)).reasons()
    assert reason.code == "sbom.contents-mismatch"
    assert reason.message == f"altered: the SBOM has {said}, the artifact has {DEB.purl}"


def test_a_document_of_several_tools_is_of_the_one_that_is_known():
    assert tool_of([Tool(name="wrapper"), Tool(name="Syft", version="1.18.1")]) == "syft"
    assert tool_of([Tool(name="wrapper")]) == "wrapper"
    assert tool_of([]) == ""


def test_every_excuse_of_a_tool_says_why():
    for kinds in TOOLS.values():
        for seen in kinds.values():
            assert all(seen.blind.values())
            assert all(seen.partly.values())
    assert seen_by("uv", "bundle").blind == {}


def test_files_are_wanted_of_an_artifact_where_a_document_lists_any():
    assert wants_files(document(DEB, ENV))
    assert not wants_files(document(DEB))
