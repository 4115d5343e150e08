"""Ranges of versions: what lies in them, and what nobody can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.sbom.vex.ranges import MAX_RANGE, lies_in


@pytest.mark.parametrize(
    ("version", "text", "ecosystem", "answer"),
    [
        ("1.5.0", "vers:npm/>=1.0.0|<2.0.0", "npm", True),
        ("1.0.0", "vers:npm/>=1.0.0|<2.0.0", "npm", True),
        ("2.0.0", "vers:npm/>=1.0.0|<2.0.0", "npm", False),
        ("2.0.0", "vers:npm/<=2.0.0", "npm", True),
        ("0.9.0", "vers:npm/>=1.0.0|<2.0.0", "npm", False),
        ("1.0.0-rc.1", "vers:npm/>=1.0.0|<2.0.0", "npm", False),
        ("1.0.0", "vers:npm/>1.0.0", "npm", False),
        ("2.0.0", "vers:semver/<1.5.0|>=7.0.0", "", False),
        ("7.0.0", "vers:semver/>=7.0.0|<1.5.0", "", True),
        ("1.0", "vers:pypi/1.0|2.0", "pypi", True),
        ("1.0.0", "vers:pypi/1.0|2.0", "pypi", True),
        ("1.1", "vers:pypi/1.0|2.0", "pypi", False),
        ("1.1", "vers:pypi/!=1.1", "pypi", False),
        ("1.2", "vers:pypi/!=1.1", "pypi", True),
        ("1.5", "vers:pypi/>=1|!=1.5|<2", "pypi", False),
        ("1.6", "vers:pypi/>=1|!=1.5|<2", "pypi", True),
        ("1:1.0-1", "vers:deb/>=1%3A0.9", "deb", True),
        ("1.0", "vers:pypi/*", "pypi", True),
        ("1.0", "vers:deb/>=0.1", "pypi", None),
        ("3.0", "vers:generic/>=2.9|<=4.1", "", None),
        ("", "vers:npm/*", "npm", None),
        ("1.0.0", "vers:npm/", "npm", None),
        ("1.0.0", "vers:npm/>=", "npm", None),
        ("1.0.0", "vers:npm/>=1.0.0|", "npm", None),
        ("1.0.0", "vers:npm/>=latest", "npm", None),
        ("latest", "vers:npm/>=1.0.0", "npm", None),
        ("1.0.0", "vers:npm/<1.0.0|<2.0.0", "npm", None),
        ("1.0.0", "vers:npm/>=1.0.0|<=1.0.0", "npm", None),
        ("1.0.0", ">=1.0.0", "npm", None),
        ("1.0.0", "vers:npm/" + ">=1.0.0|" * MAX_RANGE, "npm", None),
    ],
)
def test_a_version_lies_in_a_range_or_nobody_can_say(version, text, ecosystem, answer):
    assert lies_in(version, text, ecosystem) is answer


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_lower_and_an_upper_bound_mean_what_is_between(version, low, high):
    if low < high:
        text = f"vers:npm/>={low}.0.0|<{high}.0.0"
        assert lies_in(f"{version}.0.0", text, "npm") is (low <= version < high)


@given(st.text(max_size=60))
def test_any_text_is_answered(text):
    assert lies_in("1.0.0", f"vers:npm/{text}", "npm") in {True, False, None}
