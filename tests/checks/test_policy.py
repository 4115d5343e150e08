"""What the policy asks and this release cannot judge, and where it is weak."""

from dataclasses import replace

import pytest

from tests.support.inspections import denials, inspect, reported
from tests.support.rules import Unheard
from tests.support.stories import policy
from verifier.checks.policy import check
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.outcome import CouldNotCheck, Passed, Reason
from verifier.core.reading import ReadingMode
from verifier.trust.sections.table import SECTIONS


def test_a_plain_policy_has_nothing_to_say():
    assert check(inspect()) == Passed()


def test_a_section_that_is_not_evaluated_leaves_it_undecided():
    outcome = check(inspect(trust=policy(unheard=Unheard())))
    assert isinstance(outcome, CouldNotCheck)
    assert denials(outcome) == ["policy.unevaluated"]
    assert "`unheard`" in outcome.reasons[0].message


@pytest.mark.parametrize("row", SECTIONS, ids=lambda row: row.name)
def test_every_section_of_this_release_is_evaluated(row):
    assert row.load().judged


def test_reading_as_opa_does_is_said_aloud():
    assert reported(check(inspect(trust=policy(mode=ReadingMode.OPA_COMPAT)))) == ["policy.opa-compat"]


def test_a_raised_limit_is_said_with_both_numbers():
    raised = replace(DEFAULT_LIMITS, path_depth=65, members=1)
    outcome = check(inspect(trust=policy(limits=replace(raised, members=DEFAULT_LIMITS.members))))
    assert reported(outcome) == ["policy.raised-limit"]
    assert outcome.reasons[0].message == "limits.path-depth is 65, above 64"


def test_what_the_reader_noticed_is_passed_on():
    inspection = inspect()
    noticed = Reason(code="manifest.missing", subject="authz", message="m")
    assert check(replace(inspection, artifact=replace(inspection.artifact, findings=(noticed,)))).reasons == (noticed,)
    wrong = Reason(code="archive.trailing-data", subject="authz", message="m")
    outcome = check(replace(inspection, artifact=replace(inspection.artifact, findings=(wrong,))))
    assert denials(outcome) == ["archive.trailing-data"]
