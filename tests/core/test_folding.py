"""Reasons that follow from others: shown as one thing to mend, and nothing of a denial is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.outcome import Reason, outcome_of
from verifier.core.reasons.folding import FOLLOWERS, UNSIGNED, fold
from verifier.core.reasons.table import CATALOGUE
from verifier.core.value import replace
from verifier.core.verdict import Decision, decide

CODES = st.sampled_from(sorted(CATALOGUE))
REASONS = st.lists(st.builds(Reason, code=CODES, subject=st.just("s"), message=st.just("m"), follows=CODES), max_size=6)


def reason(code, **said):
    return Reason(code=code, subject="bundle:authz", message="seen", **said)


def folded(*codes):
    return [each.follows for each in fold([reason(code) for code in codes])]


@pytest.mark.parametrize(
    "cause", ["signature.missing", "signature.invalid", "signer.untrusted", "signer.revoked", "certificate.invalid"]
)
def test_no_signed_time_follows_from_a_signature_that_does_not_count(cause):
    assert folded(cause, "freshness.no-signed-time") == ["", cause]


def test_no_signed_time_of_a_good_signature_follows_from_nothing():
    assert folded("version.unorderable", "freshness.no-signed-time") == ["", ""]


def test_a_warning_explains_no_denial():
    warned = replace(reason("signer.untrusted").as_warning())
    assert [each.follows for each in fold([warned, reason("freshness.no-signed-time")])] == ["", ""]


def test_what_a_check_says_of_itself_holds_where_it_is_there():
    missing = reason("version.missing", follows="signer.untrusted")
    assert fold([reason("signer.untrusted"), missing])[1].follows == "signer.untrusted"
    assert fold([missing])[0].follows == ""


@given(REASONS)
def test_nothing_is_dropped_weighs_less_or_moves(reasons):
    found = fold(reasons)
    assert [replace(each, follows="") for each in found] == [replace(each, follows="") for each in reasons]


@given(REASONS)
def test_folding_twice_changes_nothing(reasons):
    assert fold(fold(reasons)) == fold(reasons)


@given(REASONS)
def test_whatever_is_said_to_explain_is_an_error_that_follows_from_nothing(reasons):
    found = fold(reasons)
    causes = {each.code for each in found if each.is_error and not each.follows}
    assert {each.follows for each in found} <= {"", *causes}


@given(REASONS)
def test_a_decision_is_the_same_with_and_without(reasons):
    decision, listed = decide([outcome_of(reasons)])
    assert (decision is Decision.FAILED) is any(each.is_error for each in reasons)
    assert {each.code for each in listed} == {each.code for each in reasons}


def test_what_explains_never_follows():
    assert not [code for code in FOLLOWERS if code.startswith(UNSIGNED)]


def test_every_code_that_is_named_is_in_the_catalogue():
    assert FOLLOWERS.keys() <= CATALOGUE.keys()
    assert all(any(code.startswith(each) for code in CATALOGUE) for each in UNSIGNED)
