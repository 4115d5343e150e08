"""Two documents are one where they say the same, however they are written down."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.limits import MAX_JSON_DEPTH
from verifier.formats.bom.same import canonical_text

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_order_and_spaces_make_no_difference(value):
    written = json.loads(json.dumps(value, indent=3, sort_keys=True))
    assert canonical_text(written) == canonical_text(value)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), ("1", 1), (None, False), ([], {}), ("", None), (1, 1.5)]
)
def test_what_means_something_else_is_another(one, other):
    assert canonical_text({"a": one}) != canonical_text({"a": other})


def test_an_integer_is_one_however_it_is_written():
    assert canonical_text({"a": 7.0}) == canonical_text({"a": 7})


def test_the_deepest_document_that_is_read_can_be_compared():
    deep = value = {}
    for _ in range(MAX_JSON_DEPTH - 2):
        value["a"] = value = {}
    assert canonical_text(deep).count("{") == MAX_JSON_DEPTH - 1
