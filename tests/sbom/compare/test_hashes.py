"""Digests of one component, as a document has them and as they were found."""

import pytest

from tests.support.sboms.listed import ONE, THREE, TWO, locked, package, sha256
from verifier.formats.bom.component import Distribution, Hash
from verifier.sbom.compare.hashes import judge_hashes

PURL = "pkg:pypi/a@1"


@pytest.mark.parametrize(
    ("said", "found", "outcome"),
    [
        (package(PURL), package(PURL), "none"),
        (package(PURL, ONE), package(PURL, ONE), "equal"),
        (package(PURL, ONE), package(PURL), "partial"),
        (package(PURL), package(PURL, ONE), "partial"),
        (package(PURL, TWO), package(PURL, ONE), "differ"),
        (package(PURL, ONE, TWO), package(PURL, ONE), "differ"),
        (package(PURL, TWO, ONE), package(PURL, ONE, TWO), "equal"),
        (locked(PURL, ONE, TWO), locked(PURL, ONE, TWO), "equal"),
        (locked(PURL, ONE), locked(PURL, ONE, TWO), "partial"),
        (locked(PURL, ONE, THREE), locked(PURL, ONE, TWO), "differ"),
        (package(PURL, ONE, TWO), locked(PURL, TWO, ONE), "equal"),  # cdxgen, of requirements
        (package(PURL, ONE, THREE), locked(PURL, TWO, ONE), "differ"),
        (locked(PURL, ONE)._replace(hashes=sha256(THREE)), locked(PURL, ONE), "differ"),
        (locked(PURL, ONE)._replace(hashes=sha256(ONE)), locked(PURL, ONE), "equal"),
        (locked(PURL, ONE), package(PURL, ONE), "equal"),
        (locked(PURL, ONE, host="https://mirror.acme.example"), locked(PURL, ONE), "equal"),
    ],
)
def test_digests_are_compared_as_sets(said, found, outcome):
    assert judge_hashes(said, found).outcome == outcome


def test_the_digests_of_two_files_cannot_be_exchanged():
    """Each is known of the package, and neither of the file that it stands beside."""
    assert judge_hashes(locked(PURL, TWO, ONE), locked(PURL, ONE, TWO)).outcome == "differ"


def test_algorithms_that_only_one_side_has_are_not_compared():
    said = package(PURL)._replace(hashes=(Hash("SHA-512", "f" * 128), *sha256(ONE)))
    assert judge_hashes(said, package(PURL, ONE)).outcome == "equal"
    assert judge_hashes(package(PURL)._replace(hashes=(Hash("SHA-512", "f" * 128),)), package(PURL, ONE)).outcome == (
        "partial"
    )


def test_one_algorithm_that_differs_differs_whatever_the_others_say():
    there = (Hash("SHA-512", "f" * 128), *sha256(ONE))
    said = (Hash("SHA-512", "e" * 128), *sha256(ONE))
    outcome = judge_hashes(package(PURL)._replace(hashes=said), package(PURL)._replace(hashes=there))
    assert (outcome.outcome, outcome.algorithm, outcome.seen) == ("differ", "SHA-512", "e" * 128)


def test_case_is_no_difference():
    assert judge_hashes(package(PURL, "AB" * 32), package(PURL, "ab" * 32)).outcome == "equal"


def test_only_the_first_of_many_digests_are_shown():
    many = tuple(f"{number:064x}" for number in range(100))
    outcome = judge_hashes(package(PURL, *many), package(PURL, ONE))
    assert outcome.seen.endswith(" and 98 more")


def test_a_distribution_without_digests_says_nothing():
    said = package(PURL)._replace(distributions=(Distribution("https://index.acme.example/0.whl"),))
    assert judge_hashes(said, locked(PURL, ONE)).outcome == "partial"
