"""How a comparison is told: reasons, ratio, document."""

import json

import pytest

from tests.support.sboms.listed import ONE, TWO, catalog, document, file, package
from verifier.core.limits import MAX_FINDINGS
from verifier.formats.bom.component import FILE, Component
from verifier.sbom.compare.compare import compare
from verifier.sbom.compare.comparison import MAX_DISCREPANCIES

ESCAPES = "a\x1b[2Jb\u202e"


def many(number, first=0):
    return [file(f"f/{each:06}") for each in range(first, first + number)]


def bundle(*components):
    return catalog(*components, kind="bundle", ecosystems={FILE})


def test_the_first_differences_are_told_and_how_many_more_there_are():
    comparison = compare(document(*many(300, 100)), bundle(*many(300)))
    reasons = comparison.reasons()
    assert len(reasons) == MAX_FINDINGS + 1
    assert reasons[-1].message == "and 100 more, of 200 in all: 0 altered, 100 missing, 100 surplus"
    assert all(each.is_error for each in reasons)


def test_the_worst_come_first():
    there = [file("b", ONE), file("c", ONE), package("pkg:pypi/a@1"), file("e")]
    said = [file("a"), file("c", TWO), package("pkg:pypi/a@2"), file("e")]
    subjects = [each.subject for each in compare(document(*said), bundle(*there)).reasons()]
    assert subjects == ["c", "pkg:pypi/a@1", "b", "a"]


def test_the_share_is_of_what_the_artifact_has():
    comparison = compare(document(*many(60), *many(5, 1000)), bundle(*many(80)))
    assert comparison.ratio == 0.75
    assert comparison.total[1:] == (60, 20, 5, 0, 0)


def test_the_share_is_told_for_each_ecosystem():
    there = [package("pkg:pypi/a@1"), package("pkg:pypi/b@1"), file("a")]
    comparison = compare(document(package("pkg:pypi/a@1"), file("a")), bundle(*there))
    assert {each.ecosystem: each.ratio for each in comparison.counts} == {"file": 1, "pypi": 0.5}


@pytest.mark.parametrize(("listed", "at_least", "denies"), [(99, 0.99, False), (98, 0.99, True), (100, 1, False)])
def test_too_small_a_share_denies(listed, at_least, denies):
    comparison = compare(document(*many(listed)), bundle(*many(100)))
    assert [each.code for each in comparison.incomplete(at_least)] == ["sbom.incomplete"] * denies


def test_a_share_that_no_tool_is_excused_of_says_so():
    comparison = compare(document(*many(1)), bundle(*many(2)), strict=True)
    (reason,) = comparison.incomplete(1)
    assert "(50 % of all, whatever its tool can see)" in reason.message


def test_a_share_is_never_rounded_up():
    comparison = compare(document(*many(19_999)), bundle(*many(20_000)))
    (reason,) = comparison.incomplete(1)
    assert "(99.99 %)" in reason.message
    assert comparison.document()["completeness"] == 0.9999


def test_nothing_is_all_of_nothing():
    assert compare(document(), bundle()).ratio == 1
    assert compare(document(), bundle()).incomplete(1) == ()


def test_where_nothing_could_be_compared_nothing_is_complete():
    comparison = compare(document(tool="trivy"), catalog(*many(3)))
    assert comparison.ratio is None
    (reason,) = comparison.incomplete(0.5)
    assert "none of its components could be compared" in reason.message


def test_a_document_about_another_artifact_is_not_called_incomplete_too():
    mine, other = package("pkg:generic/a@1"), package("pkg:generic/b@1")
    comparison = compare(document(subject=other), catalog(*many(3), kind="bundle", subject=mine))
    assert comparison.incomplete(1) == ()
    assert comparison.document()["otherArtifact"].startswith("it is about pkg:generic/b@1")


def test_the_document_has_counts_shares_and_differences():
    comparison = compare(document(file("a", TWO), package("pkg:pypi/x@1")), bundle(file("a", ONE), file("b")))
    told = json.loads(json.dumps(comparison.document()))
    assert told["counts"] == {"same": 0, "missing": 1, "surplus": 1, "altered": 1, "unverified": 0}
    assert told["ecosystems"]["file"]["ratio"] == 0
    assert told["ecosystems"]["pypi"]["ratio"] is None
    assert [each["subject"] for each in told["differences"]] == ["a", "b", "pkg:pypi/x@1"]
    assert told["differences"][0] == {
        "outcome": "altered",
        "ecosystem": "file",
        "subject": "a",
        "seen": f"SHA-256 {TWO}",
        "expected": f"SHA-256 {ONE}",
    }
    assert told["differencesLeftOut"] == 0


def test_the_document_is_bounded():
    told = compare(document(), bundle(*many(MAX_DISCREPANCIES + 5))).document()
    assert len(told["differences"]) == MAX_DISCREPANCIES
    assert told["differencesLeftOut"] == 5


def test_a_name_as_long_as_the_document_is_cut():
    long = Component("library", "pypi", "x" * 10_000_000, "1")
    (reason,) = compare(document(long), bundle()).reasons()
    assert len(reason.subject) + len(reason.message) < 10_000


def test_equal_names_do_not_make_the_work_grow_faster_than_they_do():
    """A hundred thousand of one name on both sides, each of another distribution."""
    said = [Component("library", "deb", "a", "1", f"said-{each}") for each in range(20_000)]
    found = [Component("library", "deb", "a", "1", f"found-{each}") for each in range(20_000)]
    comparison = compare(document(*said), catalog(*found, ecosystems={"deb"}))
    assert comparison.total.altered == 20_000
