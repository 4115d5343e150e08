"""Parameters, leaf by leaf."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.formats.intoto.parameters import is_path, is_under, leaves


def test_a_dot_in_a_name_is_no_step():
    assert [path for path, _ in leaves({"a.b": 1, "a": {"b": 2}})] == ['"a.b"', "a.b"]


def test_null_and_empty_objects_carry_nothing_and_empty_lists_do():
    assert list(leaves({"a": None, "b": {}, "c": {"d": {}}, "e": [], "f": ""})) == [("e", []), ("f", "")]


def test_a_sibling_with_the_same_beginning_is_not_under_it():
    assert is_under("a.b", "a")
    assert not is_under("ab", "a")


@pytest.mark.parametrize("text", ["", ".", "a.", "a b", 'a."b', "a.\n", 'a"b"'])
def test_what_is_no_path_is_told(text):
    assert not is_path(text)


@given(st.recursive(st.integers(), lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=4)))
def test_paths_are_unique_and_spelled_as_a_policy_may_spell_them(value):
    found = [path for path, _ in leaves({"top": value})]
    assert len(set(found)) == len(found)
    assert all(is_path(path) and path.isprintable() for path in found)
