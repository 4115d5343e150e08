"""What verdicts say about the dependencies of a build."""

import pytest

from tests.support.attestations.provenances import parse, predicate
from verifier.checks.provenance.dependencies import dependency_levels
from verifier.core.digest import Digest
from verifier.evidence.attested import DependencyVerdict

A, B = Digest.of(b"a"), Digest.of(b"b")
UNEVALUATED = "SLSA_BUILD_LEVEL_UNEVALUATED"


def built_from(*dependencies):
    content = predicate("unknown")
    content["buildDefinition"]["resolvedDependencies"] = [
        {"uri": f"pkg:generic/{name}", "digest": {d.algorithm: d.value for d in digests}}
        for name, *digests in dependencies
    ]
    return parse(content)


def verdict(*levels, digests=(A,)):
    return DependencyVerdict(digests=digests, levels=levels)


def test_no_dependencies_have_no_levels():
    assert dependency_levels(built_from(), [verdict("SLSA_BUILD_LEVEL_3")]) == {}


def test_a_dependency_without_a_verdict_is_unevaluated():
    assert dependency_levels(built_from(("a", A), ("b",)), []) == {UNEVALUATED: 2}


@pytest.mark.parametrize("levels", [(1, 3), (3, 1)])
def test_each_dependency_counts_at_its_highest_level(levels):
    verdicts = [verdict(f"SLSA_BUILD_LEVEL_{level}") for level in levels]
    verdicts.append(verdict("SLSA_BUILD_LEVEL_2", digests=(B,)))
    found = dependency_levels(built_from(("a", A), ("b", B)), verdicts)
    assert found == {"SLSA_BUILD_LEVEL_2": 1, "SLSA_BUILD_LEVEL_3": 1}


def test_tracks_count_apart_and_other_properties_as_they_are():
    found = dependency_levels(built_from(("a", A)), [verdict("SLSA_SOURCE_LEVEL_2", "ACME_REVIEWED")])
    assert found == {"ACME_REVIEWED": 1, UNEVALUATED: 1, "SLSA_SOURCE_LEVEL_2": 1}


def test_the_same_bytes_under_two_names_are_one_dependency():
    assert dependency_levels(built_from(("a", A), ("again", A)), [verdict("SLSA_BUILD_LEVEL_2")]) == {
        "SLSA_BUILD_LEVEL_2": 1
    }


def test_a_verdict_that_failed_gives_no_level():
    assert dependency_levels(built_from(("a", A)), [verdict("FAILED", "SLSA_BUILD_LEVEL_3")]) == {UNEVALUATED: 1}


def test_a_verdict_with_another_value_of_one_algorithm_is_about_something_else():
    sha512 = Digest(algorithm="sha512", value="1")
    other = verdict("SLSA_BUILD_LEVEL_3", digests=(A, Digest(algorithm="sha512", value="2")))
    assert dependency_levels(built_from(("a", A, sha512)), [other]) == {UNEVALUATED: 1}


def test_an_unevaluated_verdict_gives_no_level():
    assert dependency_levels(built_from(("a", A)), [verdict(UNEVALUATED)]) == {UNEVALUATED: 1}
