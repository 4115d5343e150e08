"""Hostile text made safe for a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.verdicts import HOSTILE
from verifier.reports.escape import printable


@given(HOSTILE)
def test_nothing_survives_that_a_person_does_not_see(text):
    hidden = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    assert not {unicodedata.category(character) for character in printable(text)} & hidden


@given(HOSTILE)
def test_what_is_shown_is_one_line_that_can_be_written(text):
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"], exclude_characters="\\"), max_size=50))
def test_visible_text_is_shown_as_it_is(text):
    assert printable(text) == text


@given(HOSTILE, HOSTILE)
def test_escaping_twice_is_escaping_once(one, other):
    once = printable((one + other)[:100])
    assert printable(once) == once


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b31m", r"\x9b31m"),
        ("a\nb\rc\td", r"a\x0ab\x0dc\x09d"),
        ("\x7f", r"\x7f"),
        ("user\u202egnp.exe", r"user\u202egnp.exe"),
        ("a\u2028b", r"a\u2028b"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("Grüße, 世界 ✓", "Grüße, 世界 ✓"),
    ],
)
def test_hidden_characters_are_written_as_escapes(text, shown):
    assert printable(text) == shown


def test_long_text_is_cut_and_says_how_long_it_was():
    assert printable("a" * 11, longest=10) == f"{'a' * 10}… (11 characters)"
    assert printable("a" * 10, longest=10) == "a" * 10
    assert len(printable("\x00" * 10**6)) < 10**4
