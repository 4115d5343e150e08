"""What a JSON text has, counted before it is parsed."""

import json
import re
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused
from verifier.core.limits import Limits
from verifier.formats.json.strict_json import parse
from verifier.formats.json.structure import deeper_than, exact, lone_surrogates

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text('",[]{}:\\a\u00e9\U0001f600'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('",[]{}:\\a'), inner),
)


def counted(value):
    """Commas, arrays, objects and colons of a value's text."""
    if isinstance(value, list):
        inner, own = [counted(each) for each in value], (max(len(value) - 1, 0), 1, 0, 0)
    elif isinstance(value, dict):
        inner, own = [counted(each) for each in value.values()], (max(len(value) - 1, 0), 0, 1, len(value))
    else:
        return 0, 0, 0, 0
    return tuple(map(sum, zip(own, *inner, strict=True)))


def depth(value):
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, dict | list)) + max(map(depth, children), default=0)


@given(VALUES, st.booleans())
def test_counts_are_exact_whatever_stands_in_strings(value, ascii_only):
    assert exact(json.dumps(value, ensure_ascii=ascii_only).encode()) == counted(value)


@given(VALUES)
def test_all_that_a_document_makes_is_paid_for(value):
    text = json.dumps(value).replace("Infinity", "1")
    budget = Budget()
    parse(text.encode(), subject="s", budget=budget)
    kinds = {"JSON elements": ",", "JSON arrays": "[", "JSON objects": "{", "JSON keys": ":"}
    paid = {kind: budget.counts[kind] for kind in kinds}
    assert paid == {kind: text.count(sign) + (sign == ",") for kind, sign in kinds.items()}


@given(VALUES)
def test_nesting_is_exact_whatever_stands_in_strings(value):
    text = json.dumps(value).encode()
    assert not deeper_than(text, depth(value))
    assert depth(value) == 0 or deeper_than(text, depth(value) - 1)


@given(st.text("[]{}", max_size=60), st.integers(0, 8))
def test_nesting_of_what_is_no_value_is_that_of_its_brackets_one_by_one(brackets, limit):
    opening = brackets.count("[") + brackets.count("{")
    levels = list(accumulate(1 if each in "[{" else -1 for each in brackets[: 2 * opening]))
    assert deeper_than(brackets.encode(), limit) == any(level > limit for level in levels)


def test_strings_that_span_pieces_of_the_text_are_taken_out_whole():
    text = json.dumps([",[{:" * 40_000, ",", {"a": "]" * 200_000}]).encode()
    assert exact(text) == (2, 1, 1, 1)


def test_what_closes_more_than_was_opened_is_not_counted_for_long():
    assert not deeper_than(b"[" * 600 + b"]" * 5_000_000, 600)


ESCAPES = st.lists(
    st.sampled_from(["\\ud83d", "\\ude00", "\\uD83D", "\\\\", "\\n", '\\"', "a", "\\u0041", "ud83d"])
).map("".join)
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"


@given(ESCAPES)
def test_halves_of_surrogate_pairs_are_found_as_by_reading_escape_by_escape(text):
    one_by_one = re.compile(rf"(?s)(?P<pair>{_HIGH}{_LOW})|(?P<lone>{_HIGH}|{_LOW})|\\.")
    alone = [match.span() for match in one_by_one.finditer(text) if match["lone"]]
    assert list(lone_surrogates(text)) == alone


@pytest.mark.parametrize("unit", ["[]", "{}", "1e1", '{"a":0}', '"a"', "-0"])
def test_a_document_is_refused_before_it_is_made(unit):
    text = f"[{','.join([unit] * 20_000)}]".encode()
    with pytest.raises(Refused, match=r"input\.too-costly"):
        parse(text, subject="s", budget=Budget(Limits(memory_bytes=1_000_000)))


def test_a_document_without_a_verification_has_a_budget_of_its_own():
    with pytest.raises(Refused, match=r"input\.too-costly"):
        parse(b"[" + b"1e1," * 2_500_000 + b"1]", subject="s", max_values=10_000_000)
