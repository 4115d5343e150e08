"""Time where nothing is ordered: the signed time and the ledger's are judged all the same."""

from datetime import timedelta

import pytest

from tests.support.inspections import compared, denials, inspect, reported
from tests.support.material import NOW
from tests.support.stories import archive, detached, policy, signed, statement
from verifier.checks.freshness import check
from verifier.core.clock import CLOCK_SKEW
from verifier.core.outcome import NotApplicable, Passed
from verifier.trust.model import VersionUnchecked

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def unordered(**rule):
    return policy(version=VersionUnchecked(), **rule)


def aged(age, **rule):
    return inspect(signed(now=NOW - age), unordered(**rule))


def test_where_a_version_is_ordered_both_are_judged_together():
    assert isinstance(check(inspect()), NotApplicable)


def test_without_a_demand_age_does_not_matter():
    assert check(aged(1000 * DAY)) == Passed()


@pytest.mark.parametrize("age", [0 * DAY, DAY])
def test_a_signature_as_old_as_allowed_is_fresh(age):
    assert check(aged(age, freshness=DAY)) == Passed()


def test_an_older_signature_is_denied():
    assert denials(check(aged(DAY + SECOND, freshness=DAY))) == ["freshness.expired"]


def test_where_freshness_is_asked_a_signature_without_a_time_is_denied():
    content = archive()
    cosign = statement(content, "ed25519", "https://sigstore.dev/cosign/sign/v1")
    asked = policy("ed25519", version=VersionUnchecked(), freshness=DAY)
    assert denials(check(inspect(content, asked, documents=(cosign,)))) == ["freshness.no-signed-time"]


def test_the_newest_proven_time_counts():
    content = signed(now=NOW - 3 * DAY)
    trust = policy("p256", "ed25519", version=VersionUnchecked(), freshness=DAY)
    assert denials(check(inspect(content, trust))) == ["freshness.expired"]
    assert check(inspect(content, trust, documents=(detached(content, issued_at=NOW),))) == Passed()


def test_the_time_of_a_stranger_does_not_count():
    content = signed(now=NOW - 3 * DAY)
    inspection = inspect(content, unordered(freshness=DAY), documents=(detached(content, "p384", issued_at=NOW),))
    assert denials(check(inspection)) == ["freshness.expired"]


def test_a_signed_time_in_the_future_is_denied_beyond_the_skew_whatever_the_policy_says():
    assert check(aged(-CLOCK_SKEW)) == Passed()
    assert denials(check(aged(-CLOCK_SKEW - SECOND))) == ["clock.skew"]


def test_a_clock_behind_the_ledger_is_denied_beyond_the_skew():
    assert reported(compared(trust=unordered(), max_time_seen=NOW + CLOCK_SKEW)) == ["version.unchecked"]
    behind = compared(trust=unordered(), max_time_seen=NOW + CLOCK_SKEW + SECOND)
    assert denials(behind) == ["clock.backwards"]


def test_without_a_ledger_only_the_signed_time_is_judged():
    assert check(inspect(trust=unordered())) == Passed()
    assert reported(compared(trust=unordered(), ledger=False)) == ["version.unchecked"]
