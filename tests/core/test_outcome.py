"""What a check can say: no `Passed` carries an error, and nothing that denies is without one."""

import pytest

from tests.support.core.reasons import NOTE, UNDECIDED, WARNING, WRONG
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Passed, Reason, outcome_of
from verifier.core.reasons.table import CATALOGUE
from verifier.core.reasons.words import describe
from verifier.core.severity import Severity


class TestReason:
    def test_takes_severity_and_hint_from_the_catalogue(self):
        row = describe("archive.truncated")
        assert (WRONG.severity, WRONG.hint, WRONG.threat) == (row.severity, row.remedy, row.threat)
        assert WRONG.hint
        assert WARNING.severity is Severity.WARNING

    def test_keeps_a_severity_and_a_hint_of_its_own(self):
        reason = Reason(code=WRONG.code, subject="s", message="m", hint="look again", severity=Severity.NOTE)
        assert (reason.severity, reason.hint) == (Severity.NOTE, "look again")

    def test_of_an_unknown_code_cannot_be_made(self):
        with pytest.raises(KeyError):
            Reason(code="archive.unheard-of", subject="s", message="m")

    def test_of_an_unknown_code_cannot_be_made_with_everything_given_either(self):
        with pytest.raises(KeyError):
            Reason(code="archive.unheard-of", subject="s", message="m", hint="h", severity=Severity.NOTE)

    def test_is_none_the_longer_for_hostile_input(self):
        reason = Reason(code=WRONG.code, subject="s" * 1_000_000, message="m" * 1_000_000)
        assert reason.subject == "s" * 3_999 + "…"
        assert reason.message == "m" * 3_999 + "…"

    @pytest.mark.parametrize("field", ["subject", "message"])
    def test_bounds_each_text_by_itself(self, field):
        reason = Reason(**{"code": WRONG.code, "subject": "s", "message": "m", field: "x" * 4_001})
        assert len(getattr(reason, field)) == 4_000
        assert sorted(map(len, (reason.subject, reason.message))) == [1, 4_000]

    def test_leaves_alone_what_is_short_enough(self):
        reason = Reason(code=WRONG.code, subject="s" * 4_000, message="m" * 4_000)
        assert (reason.subject, reason.message) == ("s" * 4_000, "m" * 4_000)

    @pytest.mark.parametrize("row", CATALOGUE.values(), ids=lambda row: row.code)
    def test_denies_as_its_row_says(self, row):
        reason = Reason(code=row.code, subject="s", message="m")
        assert reason.is_error == (row.severity is Severity.ERROR)
        assert reason.is_undecided == row.undecided

    def test_as_a_warning_denies_no_more_and_says_the_same(self):
        warned = UNDECIDED.as_warning()
        assert (warned.is_error, warned.is_undecided, warned.severity) == (False, False, Severity.WARNING)
        assert (warned.code, warned.subject, warned.message) == (UNDECIDED.code, UNDECIDED.subject, UNDECIDED.message)


class TestOutcome:
    @pytest.mark.parametrize("error", [WRONG, UNDECIDED])
    def test_passed_with_an_error_cannot_be_made(self, error):
        with pytest.raises(ValueError, match="carries no errors"):
            Passed(reasons=(WARNING, error, NOTE))

    @pytest.mark.parametrize("kind", [Failed, CouldNotCheck])
    @pytest.mark.parametrize("reasons", [(), (WARNING,), (NOTE, WARNING), (WRONG.as_warning(),)])
    def test_what_denies_cannot_be_made_without_an_error(self, kind, reasons):
        with pytest.raises(ValueError, match="says why"):
            kind(reasons=reasons)

    @pytest.mark.parametrize("kind", [Failed, CouldNotCheck])
    def test_what_denies_keeps_every_reason(self, kind):
        assert kind(reasons=(NOTE, WRONG, WARNING)).reasons == (NOTE, WRONG, WARNING)

    def test_passed_keeps_warnings_and_notes(self):
        assert Passed(reasons=(NOTE, WARNING)).reasons == (NOTE, WARNING)
        assert Passed().reasons == ()


class TestOutcomeOf:
    @pytest.mark.parametrize("reasons", [(), (NOTE,), (WARNING, NOTE)])
    def test_without_an_error_it_passed(self, reasons):
        assert outcome_of(reasons) == Passed(reasons=reasons)

    def test_one_error_that_was_seen_is_a_failure_whatever_could_not_be_decided(self):
        assert outcome_of([UNDECIDED, WRONG, NOTE]) == Failed(reasons=(UNDECIDED, WRONG, NOTE))

    def test_where_every_error_is_undecided_it_could_not_be_checked(self):
        assert outcome_of([WARNING, UNDECIDED]) == CouldNotCheck(reasons=(WARNING, UNDECIDED))

    def test_not_applicable_says_why(self):
        with pytest.raises(TypeError):
            NotApplicable()
