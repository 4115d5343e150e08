"""What somebody tries who wants a document to look true: attacks on the comparison itself."""

import pytest

from tests.support.sboms.listed import ONE, TWO, catalog, document, file, package
from verifier.core.limits import MAX_FINDINGS
from verifier.formats.bom.component import FILE, Component, Hash
from verifier.sbom.compare.compare import compare

REQUESTS, PIP = package("pkg:pypi/requests@2.32.3"), package("pkg:pypi/pip@24.0")


def environment(*components, **said):
    given = {"kind": "environment", "subject": Component("application", "", "venv"), "ecosystems": {FILE, "pypi"}}
    return catalog(*components, **given | said)


def told(said, found, **how):
    comparison = compare(said, found, **how)
    return [(each.outcome, each.subject) for each in comparison.discrepancies]


def test_hiding_one_behind_another_that_is_listed_twice_is_told_twice():
    found = environment(REQUESTS, PIP)
    assert told(document(PIP, PIP), found) == [("missing", REQUESTS.purl), ("surplus", PIP.purl)]


def test_a_document_that_says_another_tool_wrote_it_is_excused_by_name_and_never_complete():
    comparison = compare(document(tool="trivy"), catalog(REQUESTS, PIP, ecosystems={"pypi"}))
    assert [each.code for each in comparison.reasons()] == ["sbom.unverified"]
    assert [each.code for each in comparison.incomplete(0.01)] == ["sbom.incomplete"]
    assert len(told(document(tool="trivy"), catalog(REQUESTS, PIP), strict=True)) == 2


@pytest.mark.parametrize("name", ["rеquests", "requests\u200b", "requests ", "request", "requests\x00"])
def test_a_name_that_looks_alike_is_another(name):
    said = document(PIP, REQUESTS._replace(name=name, purl=""))
    assert [outcome for outcome, _ in told(said, environment(REQUESTS, PIP))] == ["missing", "surplus"]


@pytest.mark.parametrize("version", ["2.32.3\u200b", " 2.32.3", "2.32.3\n", "v2.32.3", "2.32.3.0", "2۔32.3"])
def test_a_version_that_looks_alike_is_another(version):
    said = document(PIP, REQUESTS._replace(version=version))
    assert told(said, environment(REQUESTS, PIP)) == [("altered", REQUESTS.purl)]


@pytest.mark.parametrize(
    "path", ["../usr/bin/env", "usr//bin/env", "usr/bin/./env", "usr/bin/../bin/env", "USR/bin/env"]
)
def test_a_path_that_leads_there_is_not_the_path(path):
    found = environment(file("usr/bin/env"), file("usr/bin/id"))
    assert told(document(file(path), file("usr/bin/id")), found) == [("missing", "usr/bin/env"), ("surplus", path)]


def test_what_a_document_calls_its_subject_hides_nothing():
    """A hidden component as `metadata.component`: only the artifact itself is listed by that."""
    said = document(PIP, subject=REQUESTS)
    assert told(said, environment(REQUESTS, PIP)) == [("missing", REQUESTS.purl)]


def test_another_version_of_the_project_itself_is_told():
    mine, other = package("pkg:pypi/acme-app@1"), package("pkg:pypi/acme-app@2")
    project = catalog(PIP, kind="project", subject=mine, ecosystems={"pypi"})
    assert told(document(PIP, other, tool="uv", subject=mine), project) == [("surplus", other.purl)]


def test_a_type_hides_no_component():
    for kind in ("operating-system", "data", "cryptographic-asset", "framework"):
        said = document(PIP, REQUESTS, package("pkg:pypi/evil@1")._replace(type=kind))
        assert told(said, environment(REQUESTS, PIP)) == [("surplus", "pkg:pypi/evil@1")]


def test_a_file_whose_digest_is_of_another_kind_is_no_file_that_was_compared():
    sha512 = (Hash("SHA-512", "f" * 128),)
    found = environment(file("a", ONE), file("b", TWO))
    said = document(file("a")._replace(hashes=sha512), file("b")._replace(hashes=()))
    comparison = compare(said, found)
    assert comparison.total.unverified == 2
    assert [each.code for each in comparison.reasons()] == ["sbom.unverified"]
    assert told(said, found, strict=True) == [("altered", "a"), ("altered", "b")]


def test_digests_that_are_right_do_not_excuse_one_that_is_wrong():
    said = document(file("a")._replace(hashes=(Hash("SHA-256", ONE), Hash("SHA-256", TWO))))
    assert told(said, environment(file("a", ONE))) == [("altered", "a")]


def test_ecosystems_that_a_document_invents_are_told_together():
    said = [Component("library", f"invented{each}", "x", "1") for each in range(5_000)]
    comparison = compare(document(*said, tool="somebody"), environment(PIP))
    assert len(comparison.counts) <= MAX_FINDINGS + 1
    assert comparison.total.unverified == 5_000
    assert all(len(each.message) < 500 for each in comparison.reasons())


def test_the_name_of_a_tool_is_cut():
    comparison = compare(document(tool="x" * 1_000_000), environment(PIP))
    assert len(comparison.tool) == 100


def test_a_document_that_lists_everything_there_could_be_is_told_for_each():
    said = [package(f"pkg:pypi/p{each}@1") for each in range(1_000)]
    comparison = compare(document(*said, PIP), environment(PIP))
    assert comparison.total.surplus == 1_000
    assert comparison.ratio == 1


def test_names_of_several_thousand_that_differ_in_nothing_compared_are_paired_one_to_one():
    found = [PIP._replace(path=f"{each}/pip", ref=str(each)) for each in range(3_000)]
    assert told(document(*[PIP] * 3_000), environment(*found)) == []
    assert len(told(document(*[PIP] * 2_999), environment(*found))) == 1
