"""Expressions of identities mean what they mean to everybody, in time that no text and no expression makes long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.regexps.automaton import MAX_IDENTITY_LENGTH, MAX_POSITIONS, automaton, backwards

ATOMS = st.sampled_from(["a", "b", "/", "\\.", "\\d", "\\w", "[ab]", "[^a]", "[a-c/]", "[\\d.-]", "."])
TEXTS = st.text(st.sampled_from("ab/.1-"), max_size=8)


def repeated(expressions):
    counts = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "{0}"])
    return st.builds(lambda one, count: f"(?:{one}){count}", expressions, counts)


def combined(expressions):
    several = st.lists(expressions, min_size=1, max_size=3)
    return st.one_of(several.map("".join), several.map(lambda some: f"({'|'.join(some)})"), repeated(expressions))


EXPRESSIONS = st.recursive(ATOMS, combined, max_leaves=8)


@given(EXPRESSIONS, TEXTS)
def test_it_matches_the_whole_text_as_every_other_matcher_does(expression, text):
    expected = re.fullmatch(expression, text, re.ASCII) is not None
    assert automaton(f"^({expression})$").matches(text) is expected
    assert backwards(expression).matches(text[::-1]) is expected


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("^(a*)*$", "a" * 1000 + "b"),
        ("^(a|aa)+$", "a" * 1000 + "b"),
        ("^([a-z]+)+@example\\.com$", "a" * 2000),
        ("^(.*.*.*.*.*.*x)$", "a" * 2000),
        ("^(a?){250}a{250}$", "a" * 249),
    ],
)
def test_what_makes_other_matchers_try_for_ever_is_walked_once(expression, text):
    steps = 0
    machine = automaton(expression)
    inner = machine._behind

    def counted(state):
        nonlocal steps
        steps += 1
        return inner(state)

    machine._behind = counted
    try:
        assert not machine.matches(text)
    finally:
        del machine._behind
    assert 0 < steps <= len(text)


@pytest.mark.parametrize("expression", ["(a{200}){200}", "((a{99}){99}){99}", "a{256}a{256}a", "(a|b|c){200}"])
def test_what_would_become_large_is_refused_before_it_is_made(expression):
    with pytest.raises(ValueError, match=f"at most {MAX_POSITIONS}"):
        automaton(expression)


def test_a_text_that_no_identity_is_as_long_as_matches_nothing():
    machine = automaton("^a*$")
    assert machine.matches("a" * MAX_IDENTITY_LENGTH)
    assert not machine.matches("a" * (MAX_IDENTITY_LENGTH + 1))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "empty"),
        ("a" * 1025, "1024"),
        ("a b", "blanks"),
        ("aé", "U\\+00E9"),
        ("a\n", "U\\+000A"),
        ("(?i)a", "flag"),
        ("(?P<n>a)", "flag"),
        ("(?=a)b", "flag"),
        ("(?!a)b", "flag"),
        ("(a", "open"),
        ("a)", "not taken here"),
        ("(a|^b)", r"write \\\^"),
        ("(a$|b)", "stand around all"),
        ("a^b", r"write \\\^"),
        ("a$b", "not taken here"),
        ("^a|b$", "alternatives"),
        ("*a", "repeats nothing"),
        ("a**", "repetition"),
        ("a*+", "repetition"),
        ("a{2}{3}", "repetition"),
        ("a{", "n,m"),
        ("a{,3}", "n,m"),
        ("a{x}", "n,m"),
        ("a{3,2}", "backwards"),
        ("a{257}", "256"),
        ("a{99999999999999999999}", "n,m"),
        ("[", "class"),
        ("[]", "class"),
        ("[a", "class"),
        ("[b-a]", "range"),
        ("[[:alpha:]]", "named class"),
        ("[^!-~]", "without a character"),
        ("\\", "not taken"),
        ("\\b", "not taken"),
        ("\\pL", "not taken"),
        ("\\1", "not taken"),
        ("\\Qa\\E", "not taken"),
        ("a]", r"write \\\]"),
        ("a}", r"write \\}"),
        ("(" * 21 + "a" + ")" * 21, "20 groups"),
    ],
)
def test_what_does_not_mean_the_same_to_everybody_is_refused_by_name(expression, says):
    with pytest.raises(ValueError, match=says):
        automaton(expression)


@given(st.text(st.sampled_from("ab^$|()[]{}*+?\\.-:d=,12!<"), max_size=30))
def test_any_text_is_an_expression_or_a_mistake_in_words(text):
    try:
        machine = automaton(text)
    except ValueError:
        return
    assert machine.matches("ab") in {True, False}
