import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.rego.builtins import AMBIENT, matches


@pytest.mark.parametrize(
    ("builtin", "patterns", "expected"),
    [
        ("http.send", ("http.send",), True),
        ("http.send", ("http.*",), True),
        ("http.send", ("*",), True),
        ("http.send", (), False),
        ("http.send", ("http",), False),
        ("http.send", ("http.sen?",), False),
        ("https.send", ("http.*",), False),
        ("net.lookup_ip_addr", ("http.send", "net.*"), True),
        ("a*b", ("a*b",), True),
        ("axb", ("a*b",), False),
        ("http.send", ("",), False),
    ],
)
def test_a_pattern_is_a_name_or_a_prefix_with_a_star(builtin, patterns, expected):
    assert matches(builtin, patterns) is expected


@given(st.text(), st.text())
def test_a_prefix_matches_whatever_follows(prefix, rest):
    assert matches(prefix + rest, (f"{prefix}*",))


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="*")))
def test_a_name_without_a_star_matches_itself_alone(builtin, pattern):
    assert matches(builtin, (pattern,)) == (builtin == pattern)


@pytest.mark.parametrize("builtin", ["http.send", "opa.runtime", "net.lookup_ip_addr", "time.now_ns", "rand.intn"])
def test_what_reaches_out_is_ambient(builtin):
    assert matches(builtin, AMBIENT)
