"""What is accepted with nothing to compare it with is called a first use, and is not called monotonic."""

from datetime import timedelta

import pytest

from tests.support.ledgers.memory import MemoryLedger
from tests.support.material import NOW
from tests.support.stories import archive, codes, policy, signed, verify, warnings
from verifier.core.value import replace
from verifier.core.verdict import MONOTONIC_LEVEL
from verifier.trust.model import ArtifactRule, TrustPolicy

FIRST = signed(archive("1.0.0"))


@pytest.fixture
def ledger():
    return MemoryLedger()


def record(ledger, content=FIRST, trust=None, **asked):
    return verify(content, trust, ledger=ledger, record=True, **asked).verdict


def told(verdict):
    said = [code for code in warnings(verdict) if code != "name.unbound"]
    return (MONOTONIC_LEVEL in verdict.levels, said)


def patterned(pattern, **rule) -> TrustPolicy:
    trust = policy(**rule)
    (only,) = trust.artifacts
    return replace(trust, artifacts=(ArtifactRule(pattern=pattern, sections=only.sections),))


def test_the_first_is_not_called_monotonic_and_what_follows_is(ledger):
    assert told(record(ledger)) == (False, ["version.first-use"])
    assert told(record(ledger)) == (True, [])
    assert told(record(ledger, signed(archive("1.1.0")))) == (True, [])


def test_a_floor_is_something_to_compare_with_and_the_first_use_is_told_all_the_same(ledger):
    assert told(record(ledger, trust=policy(floor="0.9.0"))) == (True, ["version.first-use"])


def test_a_first_use_that_is_denied_is_not_told_twice(ledger):
    verdict = record(ledger, trust=policy(first_use="deny"))
    assert (codes(verdict), warnings(verdict)) == (["version.first-use-denied"], [])


def test_what_only_asks_a_ledger_is_not_called_monotonic(ledger):
    record(ledger)
    assert told(verify(FIRST, ledger=ledger).verdict) == (False, [])


class TestScopesOfARuleForManyNames:
    def test_without_a_scope_an_older_version_under_another_name_is_a_first_use_and_each_report_says_so(self, ledger):
        trust = patterned("bundle:authz-*")
        newer = record(ledger, signed(archive("1.4.0")), trust, name="authz-1.4.0")
        older = record(ledger, signed(archive("1.3.0")), trust, name="authz-1.3.0")
        for verdict in (newer, older):
            assert told(verdict) == (False, ["scope.each-name", "version.first-use"])

    def test_with_one_scope_it_is_a_rollback(self, ledger):
        trust = patterned("bundle:authz-*", sequence="authz")
        assert record(ledger, signed(archive("1.4.0")), trust, name="authz-1.4.0").ledger.scope == "bundle:authz"
        older = record(ledger, signed(archive("1.3.0")), trust, name="authz-1.3.0")
        assert (codes(older), told(older)) == (["version.rollback"], (False, []))

    def test_with_one_scope_one_version_has_one_content_whatever_it_is_called(self, ledger):
        trust = patterned("bundle:*", sequence="authz")
        assert record(ledger, name="a", trust=trust).passed
        assert codes(record(ledger, signed(archive("1.0.0", other=b"{}")), trust, name="b")) == ["version.equivocation"]

    def test_what_is_said_aloud_is_not_warned_of(self, ledger):
        trust = patterned("bundle:authz-*", sequence="each-name")
        assert told(record(ledger, trust=trust, name="authz-1.0.0")) == (False, ["version.first-use"])

    def test_a_channel_parts_one_scope(self, ledger):
        trust = patterned("bundle:authz-*", sequence="authz", channel="stable")
        assert record(ledger, trust=trust, name="authz-1").ledger.scope == "bundle:authz@stable"

    def test_a_rule_for_one_name_may_go_on_where_another_name_was(self, ledger):
        assert record(ledger, signed(archive("1.4.0"))).passed
        renamed = patterned("bundle:authz-next", sequence="authz")
        assert codes(record(ledger, FIRST, renamed, name="authz-next")) == ["version.rollback"]

    def test_a_ledger_that_is_not_asked_is_warned_of_alone(self):
        assert warnings(verify(FIRST, patterned("bundle:*")).verdict) == ["version.unchecked"]


def test_a_later_time_alone_makes_no_first_use_of_what_was_accepted(ledger):
    record(ledger)
    assert told(record(ledger, now=NOW + timedelta(days=1))) == (True, [])
