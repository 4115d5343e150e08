"""Each kind of artifact is one thing: where it is read, where a policy has rules for it, and in what it says itself."""

import pytest

from verifier.checks.table import CHECKS
from verifier.kinds.table import KINDS, kind_of
from verifier.trust.kinds import KINDS as RULE_KINDS
from verifier.trust.sections.version import version_from

WITH_RULES_AND_NO_READER: set[str] = set()
"""May only shrink: whatever a policy says of these, nothing of theirs can be verified."""
OF_EVERY_KIND = {"attestation.version", "claim:", "provenance.ref", "signed-time"}
"""Places of a version that what signers state has."""


def test_what_can_be_read_can_have_rules():
    assert KINDS.keys() - RULE_KINDS.keys() == set()


def test_what_has_rules_can_be_read_but_for_those_that_are_known():
    assert RULE_KINDS.keys() - KINDS.keys() == WITH_RULES_AND_NO_READER


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_called_as_its_row_is(name):
    assert kind_of(name).name == name


def places() -> list[str]:
    """Where versions stand that only one kind has; one that ends in a dot or a colon takes whatever follows."""
    return [place for name in KINDS for place in kind_of(name).versions]


def test_a_policy_may_name_every_place_where_a_version_stands():
    assert "manifest.revision" in places()
    for place in places():
        source = f"{place}x" if place.endswith((".", ":")) else place
        assert version_from(source, "semver").source == source


@pytest.mark.parametrize("name", KINDS)
def test_a_rule_may_name_the_places_that_its_kind_has_and_no_others(name):
    assert set(RULE_KINDS[name].versions) == set(kind_of(name).versions)


@pytest.mark.parametrize("name", KINDS)
def test_the_version_of_a_first_policy_stands_where_the_kind_has_one(name):
    assert RULE_KINDS[name].version_from in OF_EVERY_KIND | kind_of(name).versions.keys()


def test_no_place_of_a_kind_is_one_that_every_kind_has():
    assert OF_EVERY_KIND.isdisjoint(places())


@pytest.mark.parametrize("name", [name for name in KINDS if kind_of(name).checks])
def test_a_check_of_a_kind_is_called_as_no_other_is(name):
    names = [check for check, _ in (*CHECKS, *kind_of(name).checks)]
    assert len(set(names)) == len(names)


def test_some_kind_has_checks_of_its_own():
    assert [check for check, _ in kind_of("bundle").checks] == ["digests", "manifest-names", "capabilities"]
