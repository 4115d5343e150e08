"""What builtins let a policy reach, and since when they are there."""

import pytest

from verifier.formats.opa.builtin_names import BUILTIN_NAMES
from verifier.formats.opa.builtin_since import BUILTIN_SINCE, newest
from verifier.formats.opa.reach import CAPABILITIES, reached_by
from verifier.rego.builtins import AMBIENT, matches

ONLY_ARGUMENTS = {
    "rego.parse_module",
    "net.cidr_contains",
    "net.cidr_contains_matches",
    "net.cidr_expand",
    "net.cidr_intersects",
    "net.cidr_is_valid",
    "net.cidr_merge",
    "net.cidr_overlap",
}
"""Refused in organisation rules by a wider pattern, or for another reason; they reach nothing."""


@pytest.mark.parametrize(
    ("builtin", "words"),
    [
        ("http.send", ("network",)),
        ("net.lookup_ip_addr", ("network",)),
        ("opa.runtime", ("environment",)),
        ("time.now_ns", ("time",)),
        ("time.parse_ns", ()),
        ("rand.intn", ("random",)),
        ("io.jwt.decode_verify", ("time", "crypto")),
        ("io.jwt.encode_sign", ("random", "crypto")),
        ("crypto.sha256", ("crypto",)),
        ("providers.aws.sign_req", ("time", "crypto")),
        ("count", ()),
    ],
)
def test_a_builtin_reaches(builtin, words):
    assert reached_by([builtin]) == words


def test_whatever_organisation_rules_may_not_use_has_a_word():
    ambient = {name for name in BUILTIN_NAMES if matches(name, AMBIENT)}
    assert {name for name in ambient if not reached_by([name])} == ONLY_ARGUMENTS


def test_every_name_in_the_table_is_a_builtin_or_begins_some():
    names = [name for listed in CAPABILITIES.values() for name in listed]
    assert [name for name in names if name[-1] != "." and name not in BUILTIN_NAMES] == []
    assert [
        name for name in names if name[-1] == "." and not any(each.startswith(name) for each in BUILTIN_NAMES)
    ] == []


def test_every_builtin_with_a_release_is_known():
    assert BUILTIN_SINCE.keys() <= BUILTIN_NAMES


def test_releases_are_compared_as_numbers():
    assert newest(["0.9.0", "0.35.0", "0.4.2"]) == "0.35.0"
    assert newest([]) == ""
