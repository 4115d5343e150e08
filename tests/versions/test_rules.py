"""The decision table of docs/monotonicity.md, row by row: one situation, one code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledgers.samples import COUNTING, HOUR, NOW, RULES, candidate, content, counted, state
from verifier.core.clock import format_rfc3339
from verifier.core.errors import ConfigurationError
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.rules import judge_version
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState, VersionRange

SEMVER = Scheme.SEMVER


def codes(known, asked, rules=RULES, *, now=NOW, seen=None):
    """The reasons' codes, after checking what holds for every decision."""
    decision = judge_version(known, asked, rules, now=now, max_time_seen=seen)
    found = [reason.code for reason in decision.reasons]
    assert decision.accepted == (not found)
    if found:
        assert decision.next_state is None
        assert decision.before == decision.after
    return found


def test_the_first_version_is_accepted_and_recorded():
    decision = judge_version(None, candidate("1.0.0", signed_time=NOW - HOUR), RULES, now=NOW, max_time_seen=None)
    mark = decision.next_state.mark
    assert (decision.before, decision.after) == (None, "0:1.0.0")
    assert (mark.version, mark.digest, mark.seen_at, mark.signed_time) == ("1.0.0", content("1.0.0"), NOW, NOW - HOUR)
    assert decision.next_state.revision == 1


def test_a_higher_version_advances():
    decision = judge_version(state("1.9.0"), candidate("1.10.0"), RULES, now=NOW, max_time_seen=NOW)
    assert (decision.before, decision.after, decision.next_state.revision) == ("0:1.9.0", "0:1.10.0", 2)


def test_accepting_again_what_was_accepted_changes_nothing():
    decision = judge_version(state("1.0.0"), candidate("1.0.0"), RULES, now=NOW + HOUR, max_time_seen=NOW)
    assert (decision.accepted, decision.next_state, decision.after) == (True, None, "0:1.0.0")


def test_an_advance_keeps_floor_quarantine_and_newest_signed_time():
    known = state(
        "1.0.0",
        floor=Floor(version="1.0.0", scheme=SEMVER),
        quarantined_digests=(content("bad"),),
        quarantined_versions=(VersionRange(lowest="0.1.0", highest="0.2.0", scheme=SEMVER),),
    )
    known = replace(known, mark=replace(known.mark, signed_time=NOW))
    asked = candidate("2.0.0", signed_time=NOW - HOUR)
    advanced = judge_version(known, asked, RULES, now=NOW, max_time_seen=None).next_state
    assert replace(advanced, mark=known.mark, revision=1) == known
    assert advanced.mark.signed_time == NOW


@pytest.mark.parametrize("version", ["1.0", "", "v1.0.0", "1.0.0\n", "\x1b[31m", "9" * 10_000])
def test_a_version_that_the_scheme_cannot_order_is_denied(version):
    assert codes(None, candidate(version)) == ["version.unorderable"]
    assert codes(state("1.0.0"), candidate(version)) == ["version.unorderable"]


def test_another_scheme_without_a_new_epoch_is_denied():
    assert codes(state("1.0.0"), counted(2), COUNTING) == ["version.unorderable"]


def test_a_scheme_that_the_policy_does_not_name_is_denied():
    assert codes(None, counted(2), RULES) == ["version.unorderable"]


def test_a_floor_or_quarantine_of_another_scheme_is_denied_not_ignored():
    floor = ScopeState(revision=1, floor=Floor(version="1.0.0", scheme=SEMVER))
    withdrawn = VersionRange(lowest="1.0.0", highest=None, scheme=SEMVER)
    assert codes(floor, counted(9), COUNTING) == ["version.unorderable"]
    assert codes(ScopeState(revision=1, quarantined_versions=(withdrawn,)), counted(9), COUNTING) == [
        "version.unorderable"
    ]


def test_a_quarantined_digest_is_denied_under_any_version():
    known = ScopeState(revision=1, quarantined_digests=(content("bad"),))
    assert codes(known, candidate("9.0.0", "bad")) == ["version.quarantined"]


def test_a_quarantined_digest_is_denied_even_where_it_stands_as_the_mark():
    known = state("1.0.0", quarantined_digests=(content("1.0.0"),))
    assert codes(known, candidate("1.0.0")) == ["version.quarantined"]


@pytest.mark.parametrize(
    ("lowest", "highest", "denied", "allowed"),
    [
        ("1.1.0", "1.2.0", ["1.1.0", "1.1.5", "1.2.0", "1.2.0+build"], ["1.1.0-rc.1", "1.2.1"]),
        (None, "1.2.0", ["1.0.1"], ["1.2.1"]),
        ("1.1.0", None, ["1.1.0", "9.9.9"], ["1.0.1"]),
    ],
)
def test_a_quarantined_range_is_denied_with_both_its_ends(lowest, highest, denied, allowed):
    known = state("1.0.0", quarantined_versions=(VersionRange(lowest=lowest, highest=highest, scheme=SEMVER),))
    for version in denied:
        assert codes(known, candidate(version)) == ["version.quarantined"]
    for version in allowed:
        assert codes(known, candidate(version)) == []


def test_a_version_below_the_operators_floor_is_denied():
    known = ScopeState(revision=1, floor=Floor(version="1.4.0", scheme=SEMVER))
    assert codes(known, candidate("1.3.9")) == ["version.below-floor"]
    assert codes(known, candidate("1.4.0-rc.1")) == ["version.below-floor"]
    assert codes(known, candidate("1.4.0")) == []


def test_a_version_below_the_policys_floor_is_denied_in_every_epoch():
    rules = VersionRules(scheme=SEMVER, floor="1.4.0")
    later = ScopeState(revision=1, mark=replace(state("1.0.0").mark, epoch=3))
    for known in (None, later):
        assert codes(known, candidate("1.3.9"), rules) == ["version.below-floor"]
        assert codes(known, candidate("1.4.0"), rules) == []


def test_a_floor_above_the_mark_denies_the_mark_itself():
    known = state("1.0.0", floor=Floor(version="2.0.0", scheme=SEMVER))
    assert codes(known, candidate("1.0.0")) == ["version.below-floor"]


def test_a_floor_of_a_later_epoch_denies_all_of_this_one():
    known = state("1.0.0", floor=Floor(epoch=1, version="1.0.0", scheme=SEMVER))
    assert codes(known, candidate("9.0.0")) == ["version.below-floor"]


def test_first_use_is_denied_where_the_policy_says_so():
    rules = VersionRules(scheme=SEMVER, first_use="deny")
    floored = ScopeState(revision=1, floor=Floor(version="1.0.0", scheme=SEMVER))
    assert codes(None, candidate("1.0.0"), rules) == ["version.first-use-denied"]
    assert codes(floored, candidate("1.0.0"), rules) == ["version.first-use-denied"]
    assert codes(state("1.0.0"), candidate("1.0.1"), rules) == []


def test_first_use_without_a_floor_is_denied_where_one_is_required():
    rules = VersionRules(scheme=SEMVER, first_use="require-floor")
    floored = ScopeState(revision=1, floor=Floor(version="1.0.0", scheme=SEMVER))
    assert codes(None, candidate("1.0.0"), rules) == ["version.first-use-denied"]
    assert codes(floored, candidate("1.0.0"), rules) == []
    assert codes(None, candidate("1.0.0"), replace(rules, floor="1.0.0")) == []


def test_an_older_version_is_rollback():
    assert codes(state("1.2.0"), candidate("1.1.9")) == ["version.rollback"]
    assert codes(state("1.2.0"), candidate("1.2.0-rc.9")) == ["version.rollback"]


def test_an_older_version_with_the_accepted_content_is_rollback_too():
    assert codes(state("1.2.0"), candidate("1.1.0", "1.2.0")) == ["version.rollback"]


def test_an_older_epoch_is_rollback_whatever_its_version():
    known = ScopeState(revision=1, mark=replace(state("1.0.0").mark, epoch=2))
    assert codes(known, candidate("9.0.0", epoch=1)) == ["version.rollback"]
    assert codes(known, candidate("1.0.1", epoch=2)) == []
    assert codes(known, candidate("1.0.1")) == []


def test_an_older_epoch_may_have_another_scheme_and_is_rollback_all_the_same():
    known = ScopeState(revision=1, mark=replace(state("1.0.0").mark, epoch=2))
    assert codes(known, counted(7, epoch=1), COUNTING) == ["version.rollback"]


def test_no_candidate_raises_the_epoch():
    assert codes(state("1.0.0"), candidate("1.0.0", epoch=1)) == ["version.fast-forward"]
    assert codes(None, candidate("1.0.0", epoch=1)) == ["version.fast-forward"]


def test_a_scope_with_a_floor_begins_in_the_floors_epoch():
    known = ScopeState(revision=1, floor=Floor(epoch=4, version="1.0.0", scheme=SEMVER))
    decision = judge_version(known, candidate("1.0.0"), RULES, now=NOW, max_time_seen=None)
    assert (decision.epoch, decision.after) == (4, "4:1.0.0")


def test_the_same_version_with_other_content_is_equivocation():
    decision = judge_version(state("1.0.0", "one"), candidate("1.0.0", "other"), RULES, now=NOW, max_time_seen=None)
    (reason,) = decision.reasons
    assert reason.code == "version.equivocation"
    assert str(content("one")) in reason.message
    assert str(content("other")) in reason.message


def test_other_build_metadata_with_other_content_is_equivocation():
    assert codes(state("1.0.0+a", "one"), candidate("1.0.0+b", "other")) == ["version.equivocation"]
    assert codes(state("1.0.0+a", "one"), candidate("1.0.0+b", "one")) == []


def test_a_jump_beyond_the_policys_bound_is_fast_forward():
    rules = VersionRules(scheme=SEMVER, max_jump="1.20.50")
    assert codes(state("1.2.3"), candidate("1.2.4294967295"), rules) == ["version.fast-forward"]
    assert codes(state("1.2.3"), candidate("2.0.0"), rules) == []
    assert codes(state("1.2.3"), candidate("1.2.0"), rules) == ["version.rollback"]
    assert codes(None, candidate("999.0.0"), rules) == []


def test_a_signature_older_than_allowed_has_expired():
    rules = VersionRules(scheme=SEMVER, freshness=24 * HOUR)
    assert codes(None, candidate("1.0.0", signed_time=NOW - 24 * HOUR), rules) == []
    late = candidate("1.0.0", signed_time=NOW - 24 * HOUR - timedelta(microseconds=1))
    assert codes(None, late, rules) == ["freshness.expired"]


def test_a_frozen_mirror_is_found_though_its_artifact_was_accepted_before():
    rules = VersionRules(scheme=SEMVER, freshness=24 * HOUR)
    asked = candidate("1.0.0", signed_time=NOW)
    assert codes(state("1.0.0"), asked, rules, now=NOW + HOUR) == []
    assert codes(state("1.0.0"), asked, rules, now=NOW + 25 * HOUR) == ["freshness.expired"]


def test_freshness_without_a_signed_time_is_denied():
    assert codes(None, candidate("1.0.0"), VersionRules(scheme=SEMVER, freshness=HOUR)) == ["freshness.no-signed-time"]


def test_a_clock_that_runs_backwards_is_denied_beyond_the_skew():
    skew = timedelta(minutes=5)
    assert codes(None, candidate("1.0.0"), now=NOW, seen=NOW + skew) == []
    assert codes(None, candidate("1.0.0"), now=NOW, seen=NOW + skew + timedelta(seconds=1)) == ["clock.backwards"]


def test_a_clock_set_back_does_not_revive_an_expired_signature():
    rules = VersionRules(scheme=SEMVER, freshness=HOUR)
    asked = candidate("1.0.0", signed_time=NOW - 10 * HOUR)
    assert codes(state("1.0.0"), asked, rules, now=NOW - 10 * HOUR, seen=NOW) == ["clock.backwards"]


def test_a_signed_time_in_the_future_is_denied_beyond_the_skew():
    skew = timedelta(minutes=5)
    assert codes(None, candidate("1.0.0", signed_time=NOW + skew)) == []
    assert codes(None, candidate("1.0.0", signed_time=NOW + skew + timedelta(seconds=1))) == ["clock.skew"]


def test_every_reason_that_applies_is_given_in_the_order_of_the_table():
    known = state(
        "2.0.0",
        floor=Floor(version="1.5.0", scheme=SEMVER),
        quarantined_digests=(content("bad"),),
        quarantined_versions=(VersionRange(lowest="1.0.0", highest="1.0.0", scheme=SEMVER),),
    )
    rules = VersionRules(scheme=SEMVER, floor="1.2.0", freshness=HOUR)
    asked = candidate("1.0.0", "bad", signed_time=NOW - 2 * HOUR)
    assert codes(known, asked, rules, seen=NOW + HOUR) == [
        "version.quarantined",
        "version.quarantined",
        "version.below-floor",
        "version.below-floor",
        "version.rollback",
        "freshness.expired",
        "clock.backwards",
    ]


def test_an_unorderable_version_is_still_judged_by_its_digest_and_times():
    known = ScopeState(revision=1, quarantined_digests=(content("bad"),))
    rules = VersionRules(scheme=SEMVER, first_use="deny", freshness=HOUR)
    assert codes(known, candidate("latest", "bad"), rules, seen=NOW + HOUR) == [
        "version.unorderable",
        "version.quarantined",
        "version.first-use-denied",
        "freshness.no-signed-time",
        "clock.backwards",
    ]


class TestSignedTimeAsVersion:
    RULES = VersionRules(scheme=Scheme.SIGNED_TIME)

    def signed(self, moment, digest="x", version=None):
        text = version or format_rfc3339(moment)
        return Candidate(version=text, scheme=Scheme.SIGNED_TIME, digest=content(digest), signed_time=moment)

    def known(self):
        return judge_version(None, self.signed(NOW), self.RULES, now=NOW, max_time_seen=None).next_state

    def test_a_later_signature_advances_and_an_earlier_one_is_rollback(self):
        assert codes(self.known(), self.signed(NOW + HOUR, "y"), self.RULES, now=NOW + HOUR) == []
        assert codes(self.known(), self.signed(NOW - HOUR, "y"), self.RULES) == ["version.rollback"]

    def test_the_same_time_must_have_the_same_digest(self):
        assert codes(self.known(), self.signed(NOW), self.RULES) == []
        assert codes(self.known(), self.signed(NOW, "y"), self.RULES) == ["version.equivocation"]

    def test_a_version_that_is_not_the_signed_time_is_denied(self):
        lying = self.signed(NOW, version=format_rfc3339(NOW + HOUR))
        assert codes(self.known(), lying, self.RULES) == ["version.unorderable"]

    def test_no_signed_time_is_denied_once(self):
        unsigned = replace(self.signed(NOW), signed_time=None)
        rules = replace(self.RULES, freshness=HOUR)
        assert codes(self.known(), unsigned, rules) == ["freshness.no-signed-time"]


@pytest.mark.parametrize(
    "fields",
    [{"floor": "1.0"}, {"max_jump": "far"}, {"first_use": "maybe"}, {"freshness": -HOUR}, {"skew": -HOUR}],
)
def test_rules_that_cannot_be_applied_are_a_configuration_error(fields):
    with pytest.raises(ConfigurationError):
        VersionRules(scheme=SEMVER, **fields)


@given(version=st.text(max_size=300), known=st.sampled_from([None, state("1.0.0")]))
def test_hostile_versions_are_decided_and_never_raise(version, known):
    assert set(codes(known, candidate(version))) <= {"version.unorderable", "version.rollback", "version.equivocation"}
