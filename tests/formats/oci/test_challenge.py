"""`WWW-Authenticate`, as registries write it and as they should not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.formats.oci.challenge import MAX_FIELD, parse_challenges

TOKEN = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=12)
VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


def read(text):
    return [(each.scheme, dict(each.parameters)) for each in parse_challenges(text)]


def test_a_registry_s_challenge_is_read():
    text = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"'
    expected = {
        "realm": "https://auth.docker.io/token",
        "service": "registry.docker.io",
        "scope": "repository:a/b:pull,push",
    }
    assert read(text) == [("bearer", expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" , ,", []),
        ("Negotiate", [("negotiate", {})]),
        ("NEGOTIATE abc/+==", [("negotiate", {})]),
        ("Bearer realm=", [("bearer", {})]),
        ('Basic realm="a, b=\\"c\\" \\\\"', [("basic", {"realm": 'a, b="c" \\'})]),
        ("Basic Realm = x , charset=utf-8", [("basic", {"realm": "x", "charset": "utf-8"})]),
        ('Basic realm="x", Bearer realm="y",a=b', [("basic", {"realm": "x"}), ("bearer", {"realm": "y", "a": "b"})]),
        ('Negotiate, Digest, Basic realm=""', [("negotiate", {}), ("digest", {}), ("basic", {"realm": ""})]),
        ("Negotiate abc==, Basic realm=x", [("negotiate", {}), ("basic", {"realm": "x"})]),
    ],
)
def test_every_challenge_of_a_field_is_read(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'realm="x"',
        'Bearer realm="x',
        "Bearer =x",
        'Bearer realm="x", realm="y"',
        'Bearer realm="x", REALM="y"',
        "Bearer (x)",
        'Bearer realm="a\nb"',
        "Bearer realm=\x00",
        "x" * (MAX_FIELD + 1),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused(text):
    with pytest.raises(ValueError, match=r"challenge|parameter"):
        parse_challenges(text)


@given(st.lists(st.tuples(TOKEN, st.dictionaries(TOKEN.map(str.lower), VALUE, max_size=3)), max_size=3))
def test_what_is_written_is_what_is_read(challenges):
    def quoted(value):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = ", ".join(
        f"{scheme} {', '.join(f'{name}={quoted(value)}' for name, value in parameters.items())}".strip()
        for scheme, parameters in challenges
    )
    assert read(text) == [(scheme.lower(), parameters) for scheme, parameters in challenges]


@given(st.text(st.sampled_from('Bearer realm="x",=\\ \t\x00é'), max_size=80))
def test_any_text_is_challenges_or_a_value_error(text):
    try:
        found = parse_challenges(text)
    except ValueError:
        return
    assert all(each.scheme and "" not in each.parameters for each in found)
