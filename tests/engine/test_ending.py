"""When what was accepted ends: said in every verdict, and warned of while there is time to sign anew."""

from datetime import timedelta

import pytest

from tests.support.stories import NOW, policy, signed, verify
from verifier.core.value import replace
from verifier.trust.sections.freshness import FreshnessRule


def judged(age, **section):
    """The verdict about a bundle that was signed `age` ago, under a freshness of ten days."""
    trust = policy(freshness=timedelta(days=10))
    ((rule),) = trust.artifacts
    rule = rule.having(FreshnessRule(longest=timedelta(days=10), **section))
    return verify(signed(), replace(trust, artifacts=(rule,)), now=NOW + age).verdict


def codes(verdict):
    return [each.code for each in verdict.reasons if each.code.startswith("freshness.")]


def test_a_verdict_says_when_its_freshness_ends():
    assert judged(timedelta(days=1)).expires_at == NOW + timedelta(days=10)


def test_without_freshness_nothing_ends():
    assert verify().verdict.expires_at is None


def test_what_is_denied_has_no_end():
    verdict = judged(timedelta(days=11))
    assert (verdict.passed, verdict.expires_at, codes(verdict)) == (False, None, ["freshness.expired"])


@pytest.mark.parametrize(
    ("age", "section", "said"),
    [
        (timedelta(days=8, hours=23), {}, []),
        (timedelta(days=9, minutes=1), {}, ["freshness.ending"]),
        (timedelta(days=9, minutes=1), {"warned": timedelta(hours=1)}, []),
        (timedelta(days=6, minutes=1), {"warned": timedelta(days=4)}, ["freshness.ending"]),
    ],
    ids=["not yet", "the last tenth", "later than that", "sooner than that"],
)
def test_it_is_warned_of_from_when_the_policy_says(age, section, said):
    verdict = judged(age, **section)
    assert verdict.passed
    assert codes(verdict) == said


def test_the_warning_says_until_when():
    (reason,) = [each for each in judged(timedelta(days=9, hours=12)).reasons if each.code == "freshness.ending"]
    assert "2026-12-01T12:00:00Z" in reason.message
