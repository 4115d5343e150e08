"""The verdict: outcomes become a decision here, and only `Passed` and `NotApplicable` leave it standing."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from tests.support.core.reasons import NOTE, UNDECIDED, WARNING, WRONG
from verifier.core.digest import Digest
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Passed
from verifier.core.verdict import FAILED_LEVEL, Decision, PolicyReference, Subject, Verdict, decide

PASSED, SKIPPED = Passed(reasons=(WARNING,)), NotApplicable(why="only bundles have manifests")
FAILED, UNCHECKED = Failed(reasons=(NOTE, WRONG)), CouldNotCheck(reasons=(UNDECIDED,))


SAID = {
    "subject": Subject(kind="bundle", name="authz", resource_uri="", digest=Digest.of(b"")),
    "policy": PolicyReference(uri="https://example.org/policy", digest=Digest.of(b"")),
    "time_verified": datetime(2026, 11, 21, tzinfo=UTC),
    "correlation_id": "c",
}


def verdict(decision, *reasons, **said):
    return Verdict(decision=decision, reasons=reasons, **(SAID | said))


class TestDecide:
    def test_no_outcome_at_all_is_no_verdict(self):
        with pytest.raises(ValueError, match="at least one outcome"):
            decide([])

    def test_an_iterator_of_nothing_is_no_verdict_either(self):
        with pytest.raises(ValueError, match="at least one outcome"):
            decide(iter(()))

    @pytest.mark.parametrize("standing", [[PASSED], [SKIPPED], [PASSED, SKIPPED, Passed()]])
    def test_what_passed_or_does_not_apply_leaves_it_standing(self, standing):
        assert decide(standing)[0] is Decision.PASSED

    @pytest.mark.parametrize("denying", [FAILED, UNCHECKED])
    @pytest.mark.parametrize("place", range(3))
    def test_one_that_denies_denies_wherever_it_stands(self, denying, place):
        outcomes = [PASSED, SKIPPED]
        outcomes.insert(place, denying)
        assert decide(outcomes)[0] is Decision.FAILED

    def test_errors_come_first_then_warnings_then_notes_in_whatever_order_they_were_found(self):
        for outcomes in permutations([PASSED, FAILED, UNCHECKED, SKIPPED]):
            decision, reasons = decide(outcomes)
            assert decision is Decision.FAILED
            assert {*reasons[:2]} == {WRONG, UNDECIDED}
            assert reasons[2:] == (WARNING, NOTE)

    def test_equal_reasons_are_said_once(self):
        assert decide([PASSED, PASSED, FAILED, FAILED])[1] == (WRONG, WARNING, NOTE)

    def test_what_is_no_outcome_is_not_passed_over(self):
        with pytest.raises(AssertionError):
            decide([PASSED, None])


class TestVerdict:
    def test_passed_is_the_one_decision_under_which_it_may_be_used(self):
        assert verdict(Decision.PASSED, WARNING).passed
        assert not verdict(Decision.FAILED, WRONG).passed

    def test_it_is_undecided_where_nothing_that_was_seen_is_wrong(self):
        assert verdict(Decision.FAILED, UNDECIDED, WARNING).undecided
        assert not verdict(Decision.FAILED, UNDECIDED, WRONG).undecided
        assert not verdict(Decision.PASSED, WARNING).undecided

    @pytest.mark.parametrize("error", [WRONG, UNDECIDED])
    def test_passed_beside_an_error_cannot_be_made(self, error):
        with pytest.raises(ValueError, match="PASSED contradicts its reasons"):
            verdict(Decision.PASSED, WARNING, error)

    @pytest.mark.parametrize("reasons", [(), (WARNING,), (NOTE, WRONG.as_warning())])
    def test_failed_without_an_error_cannot_be_made(self, reasons):
        with pytest.raises(ValueError, match="FAILED contradicts its reasons"):
            verdict(Decision.FAILED, *reasons)

    def test_what_passed_cannot_be_at_the_level_failed(self):
        with pytest.raises(ValueError, match="level FAILED"):
            verdict(Decision.PASSED, levels=("ACME_REVIEWED", FAILED_LEVEL))

    def test_levels_are_reached_where_it_passed_and_nowhere_else(self):
        assert Verdict.of([PASSED], levels=("ACME_REVIEWED",), **SAID).levels == ("ACME_REVIEWED",)
        assert Verdict.of([FAILED], levels=("ACME_REVIEWED",), **SAID).levels == (FAILED_LEVEL,)

    def test_of_no_outcome_cannot_be_made(self):
        with pytest.raises(ValueError, match="at least one outcome"):
            Verdict.of([], **SAID)

    @pytest.mark.parametrize("outcome", [PASSED, FAILED, UNCHECKED])
    def test_more_warnings_are_the_same_decision(self, outcome):
        before = Verdict.of([outcome], **SAID)
        after = before.with_warnings([WARNING, NOTE])
        assert (after.decision, after.levels) == (before.decision, before.levels)
        assert set(after.reasons) == {*before.reasons, WARNING, NOTE}

    @pytest.mark.parametrize("outcome", [PASSED, FAILED])
    def test_errors_are_no_warnings(self, outcome):
        with pytest.raises(ValueError, match="carries no errors"):
            Verdict.of([outcome], **SAID).with_warnings([UNDECIDED])
