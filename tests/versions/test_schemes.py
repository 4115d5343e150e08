"""Version schemes: what each orders, how, and what it refuses."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.versions.schemes import Scheme, components, order_key

# https://semver.org/#spec-item-11, and what its regular expression accepts.
SEMVER_ASCENDING = [
    "0.0.0",
    "0.9.9",
    "1.0.0-0",
    "1.0.0-1",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0--",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
    "99999999999999999999999.0.0",
]
SEMVER_INVALID = [
    "1",
    "1.2",
    "v1.2.3",
    "01.2.3",
    "1.02.3",
    "1.2.03",
    "1.2.3-01",
    "1.2.3-",
    "1.2.3-a..b",
    "1.2.3+",
    "1.2.3+a+b",
    "1.2.3.4",
    "-1.2.3",
    " 1.2.3",
    "1.2.3\n",
    "1.2.3-é",
    "١.٢.٣",
    "",
    "1.0.0-" + "a" * 256,
]
INVALID = {
    Scheme.SEMVER: SEMVER_INVALID,
    Scheme.INTEGER: ["", "-1", "+1", "01", "1.0", "1_000", "٣", " 1", "1\n", "0x1", "1" * 65],
    Scheme.RFC3339: ["", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T00:00:60Z"],
    Scheme.PEP440: ["", "latest", "1.0 ", " 1.0", "1.0\n", "1.0.x", "1.0-", "1!", "١.٠"],
    Scheme.CALVER: ["", "2026", "26.1.1.1.1", "2026.1-rc1", "202.1.1", "2026.", "2026..1", "2026.1\n", "v2026.1"],
}
ASCENDING = {
    Scheme.SEMVER: SEMVER_ASCENDING,
    Scheme.INTEGER: ["0", "1", "9", "10", "18446744073709551616", "9" * 64],
    Scheme.RFC3339: ["2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z"],
    Scheme.PEP440: ["1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0+local", "1.0.post1", "1.1", "1.10", "1!0.1"],
    Scheme.CALVER: ["24.04", "24.10", "2025.1.31", "2025.02.1", "2025.2.2", "2025-03-01"],
}
SAME = [
    (Scheme.SEMVER, "1.0.0+build.1", "1.0.0+build.2"),
    (Scheme.RFC3339, "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
    (Scheme.PEP440, "1.0", "1.0.0"),
    (Scheme.CALVER, "2026.01.2", "26-1.02"),
    (Scheme.CALVER, "2026.1", "2026.1.0"),
]


@pytest.mark.parametrize("scheme", ASCENDING)
def test_versions_order_as_the_scheme_says(scheme):
    versions = ASCENDING[scheme]
    keys = [order_key(scheme, text) for text in versions]
    assert all(before < after for before, after in pairwise(keys))
    shuffled = random.Random(7).sample(versions, len(versions))  # noqa: S311 - an order, not a secret
    assert sorted(shuffled, key=lambda text: order_key(scheme, text)) == versions


@pytest.mark.parametrize(("scheme", "text"), [(scheme, text) for scheme, texts in INVALID.items() for text in texts])
def test_what_a_scheme_does_not_define_cannot_be_ordered(scheme, text):
    with pytest.raises(ValueError, match=r"."):
        order_key(scheme, text)


@pytest.mark.parametrize(("scheme", "one", "other"), SAME)
def test_other_spellings_of_a_version_are_the_same_version(scheme, one, other):
    assert order_key(scheme, one) == order_key(scheme, other)


@given(scheme=st.sampled_from(Scheme), text=st.text(max_size=300))
def test_hostile_text_is_ordered_or_refused_and_never_fails_otherwise(scheme, text):
    try:
        key = order_key(scheme, text)
    except ValueError:
        return
    assert key == order_key(scheme, text)


@given(
    st.from_regex(
        r"(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){2}(-[0-9A-Za-z-]{1,5}(\.[a-z1-9]{1,3})?)?", fullmatch=True
    )
)
def test_semver_order_agrees_with_the_specification_word_for_word(text):
    other = "1.2.3-alpha.5"
    try:
        key = order_key(Scheme.SEMVER, text)
    except ValueError:
        assert any(part.isdigit() and part[0] == "0" and part != "0" for part in text.partition("-")[2].split("."))
        return
    assert (key < order_key(Scheme.SEMVER, other)) == _precedes(text, other)


@pytest.mark.parametrize(
    ("scheme", "text", "numbers"),
    [
        (Scheme.SEMVER, "1.2.3-a.4", (1, 2, 3)),
        (Scheme.PEP440, "2!1.4", (2, 1, 4)),
        (Scheme.CALVER, "26.1", (2026, 1, 0, 0)),
    ],
)
def test_dotted_versions_have_components(scheme, text, numbers):
    assert components(scheme, text) == numbers


@pytest.mark.parametrize("scheme", [Scheme.INTEGER, Scheme.RFC3339, Scheme.SIGNED_TIME])
def test_other_versions_have_none(scheme):
    with pytest.raises(ValueError, match="no components"):
        components(scheme, "1")


def _precedes(one: str, other: str) -> bool:
    """SemVer 11, a second time and naively."""
    (release, dash, pre), (other_release, other_dash, other_pre) = one.partition("-"), other.partition("-")
    numbers, others = [int(part) for part in release.split(".")], [int(part) for part in other_release.split(".")]
    if numbers != others:
        return numbers < others
    if not (dash and other_dash):
        return bool(dash) and not other_dash
    for left, right in zip(pre.split("."), other_pre.split("."), strict=False):
        if left == right:
            continue
        if left.isdigit() and right.isdigit():
            return int(left) < int(right)
        return left.isdigit() if left.isdigit() != right.isdigit() else left < right
    return len(pre.split(".")) < len(other_pre.split("."))
