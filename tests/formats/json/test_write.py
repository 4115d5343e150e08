"""The one writer of JSON: each form writes what it has always written, since hashes and signatures are made of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.verdicts import HOSTILE
from verifier.formats.json.strict_json import LiteralFloat, LiteralInt, loads
from verifier.formats.json.write import canonical, compact, indented, line, page, spaced

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = HOSTILE | st.text()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
WAYS = pytest.mark.parametrize("ascii_only", [True, False])


@WAYS
@given(value=VALUES)
def test_canonical_is_sorted_and_has_no_spaces(value, ascii_only):
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii_only, allow_nan=False)
    assert canonical(value, ascii_only=ascii_only) == expected


@WAYS
@given(value=VALUES)
def test_compact_keeps_the_order_and_has_no_spaces(value, ascii_only):
    expected = json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)
    assert compact(value, ascii_only=ascii_only) == expected


@WAYS
@given(value=VALUES)
def test_spaced_is_what_python_writes(value, ascii_only):
    assert spaced(value, ascii_only=ascii_only) == json.dumps(value, ensure_ascii=ascii_only)


@pytest.mark.parametrize("by", [1, 2])
@given(value=VALUES)
def test_indented_is_what_python_writes(value, by):
    assert indented(value, by) == json.dumps(value, indent=by)


@given(VALUES)
def test_what_is_shown_is_visible_and_says_the_same(value):
    one, many = line(value), page(value)
    assert one == json.dumps(value).replace("\x7f", "\\u007f") + "\n"
    assert many == json.dumps(value, indent=2).replace("\x7f", "\\u007f") + "\n"
    assert one[:-1].isprintable()
    assert many.replace("\n", "").isprintable()
    assert one.isascii()
    assert many.isascii()
    assert json.loads(one) == json.loads(many) == json.loads(json.dumps(value))


@given(st.dictionaries(TEXTS, TEXTS))
def test_members_may_be_sorted_before(header):
    """As tokens are signed: what holds no other object is canonical once its members are sorted."""
    assert canonical(header, ascii_only=False) == compact(dict(sorted(header.items())), ascii_only=False)


@pytest.mark.parametrize("write", [canonical, compact])
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_programs_are_given_no_number_that_is_none(write, number):
    with pytest.raises(ValueError, match=r"[Oo]ut of range"):
        write({"a": [number]})


@pytest.mark.parametrize("write", [canonical, compact, spaced, line, page])
def test_what_is_no_json_value_or_holds_itself_is_refused(write):
    with pytest.raises(TypeError):
        write({"a": b""})
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises((ValueError, RecursionError)):
        write(endless)


def test_half_a_character_is_escaped_or_cannot_be_encoded():
    assert canonical("\ud800") == '"\\ud800"'
    with pytest.raises(UnicodeEncodeError):
        canonical("\ud800", ascii_only=False).encode()


def test_numbers_that_were_written_otherwise_are_written_as_python_does():
    value = loads(b"[1.10, -0, 1E2, 1.1]", subject="s")
    assert [type(each) for each in value] == [LiteralFloat, LiteralInt, LiteralFloat, float]
    assert canonical(value) == compact(value) == "[1.1,0,100.0,1.1]"
