"""What an operator may do: only restrict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.ledgers.memory import MemoryLedger
from tests.support.ledgers.samples import HOUR, NOW, SCOPE, at, content, mark, state
from verifier.core.errors import ConfigurationError, Refused
from verifier.ledger.history import history
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.versions.restrict import merge, quarantine_digest, quarantine_versions, raise_floor
from verifier.versions.schemes import Scheme
from verifier.versions.state import MAX_QUARANTINED, Floor, ScopeState, VersionRange, scope_name

LOW, HIGH = (Floor(version=version, scheme=Scheme.SEMVER) for version in ("1.0.0", "2.0.0"))
RANGE = VersionRange(lowest="1.0.0", highest="1.9.9", scheme=Scheme.SEMVER)


def test_a_floor_rises_and_may_stay():
    floored = raise_floor(raise_floor(None, LOW), HIGH)
    assert (floored.floor, floored.revision) == (HIGH, 2)
    assert raise_floor(floored, HIGH) is floored


def test_a_floor_is_never_lowered():
    with pytest.raises(Refused, match=r"version\.below-floor"):
        raise_floor(raise_floor(None, HIGH), LOW)


def test_a_floor_cannot_raise_the_epoch():
    with pytest.raises(ConfigurationError, match="epoch"):
        raise_floor(state("1.0.0"), replace(HIGH, epoch=1))


def test_a_floor_of_another_scheme_is_refused_rather_than_denying_everything():
    for known in (state("1.0.0"), raise_floor(None, LOW), quarantine_versions(None, RANGE)):
        with pytest.raises(ConfigurationError, match="scheme"):
            raise_floor(known, Floor(version="7", scheme=Scheme.INTEGER))


def test_a_range_of_another_scheme_is_refused_rather_than_denying_everything():
    with pytest.raises(ConfigurationError, match="scheme"):
        quarantine_versions(state("1.0.0"), VersionRange(lowest="7", highest=None, scheme=Scheme.INTEGER))


def test_quarantine_only_grows_and_repeats_change_nothing():
    known = quarantine_versions(quarantine_digest(state("1.0.0"), content("a")), RANGE)
    assert (known.quarantined_digests, known.quarantined_versions, known.revision) == ((content("a"),), (RANGE,), 3)
    assert quarantine_digest(known, content("a")) is known
    assert quarantine_versions(known, RANGE) is known


def test_quarantine_is_bounded():
    full = ScopeState(revision=1, quarantined_digests=tuple(content(str(n)) for n in range(MAX_QUARANTINED)))
    with pytest.raises(ConfigurationError, match="already quarantines"):
        quarantine_digest(full, content("one more"))


@pytest.mark.parametrize(("lowest", "highest"), [(None, None), ("2.0.0", "1.0.0"), ("1", None)])
def test_a_range_without_ends_or_order_is_refused(lowest, highest):
    with pytest.raises(ValueError, match=r"."):
        VersionRange(lowest=lowest, highest=highest, scheme=Scheme.SEMVER)


def test_merging_keeps_the_stricter_of_each_part():
    mine = state("2.0.0", floor=LOW, quarantined_digests=(content("a"),))
    theirs = state("1.0.0", floor=HIGH, quarantined_digests=(content("b"),), quarantined_versions=(RANGE,))
    merged = merge(mine, theirs)
    assert (merged.mark, merged.floor, merged.revision) == (mine.mark, HIGH, 2)
    assert (merged.quarantined_digests, merged.quarantined_versions) == ((content("a"), content("b")), (RANGE,))
    assert merge(merged, theirs) is merged
    assert replace(merge(theirs, mine), revision=1).mark == mine.mark


@pytest.mark.parametrize("mine", [state("2.0.0"), raise_floor(None, HIGH)], ids=["mark", "floor"])
@pytest.mark.parametrize("later", [{"mark": mark("9.0.0", epoch=1)}, {"floor": replace(HIGH, epoch=1)}], ids=str)
def test_merging_never_raises_an_epoch(mine, later):
    with pytest.raises(Refused, match=r"ledger\.epoch-unapproved"):
        merge(mine, ScopeState(revision=1, **later))


def test_merging_into_a_scope_without_an_epoch_takes_theirs():
    later = ScopeState(revision=1, mark=mark("0.1.0", epoch=1))
    assert merge(None, later) == later
    assert merge(quarantine_digest(None, content("a")), later).mark == later.mark


def test_of_an_earlier_epoch_only_the_quarantine_is_merged():
    mine = ScopeState(revision=1, mark=mark("0.1.0", epoch=1))
    theirs = state("9.0.0", floor=HIGH, quarantined_digests=(content("a"),))
    assert merge(mine, theirs) == replace(mine, revision=2, quarantined_digests=(content("a"),))


def test_merging_keeps_the_newest_signed_time():
    mine, theirs = (
        ScopeState(revision=1, mark=mark(version, signed_time=NOW + hours * HOUR))
        for version, hours in (("1.0.0", 2), ("2.0.0", 1))
    )
    assert merge(mine, theirs).mark == replace(theirs.mark, signed_time=NOW + 2 * HOUR)


def test_merged_quarantines_are_bounded():
    mine, theirs = (
        ScopeState(revision=1, quarantined_digests=tuple(content(f"{side}{n}") for n in range(300))) for side in "ab"
    )
    with pytest.raises(ConfigurationError, match="already quarantines"):
        merge(mine, theirs)


@pytest.mark.parametrize("held", [raise_floor(None, HIGH), state("1.0.0"), state("1.0.0", floor=LOW)], ids=str)
def test_no_floor_is_of_another_epoch_than_the_scope(held):
    with pytest.raises(ConfigurationError, match="epoch"):
        raise_floor(held, replace(HIGH, epoch=1, version="0.1.0"))


def test_merging_two_digests_for_one_version_is_equivocation():
    with pytest.raises(Refused, match=r"version\.equivocation"):
        merge(state("1.0.0", "one"), state("1.0.0", "other"))


def test_merging_two_schemes_is_refused():
    counting = ScopeState(revision=1, mark=mark("7", scheme=Scheme.INTEGER))
    with pytest.raises(Refused, match=r"version\.unorderable"):
        merge(state("1.0.0"), counting)
    with pytest.raises(Refused, match=r"version\.unorderable"):
        merge(ScopeState(revision=1, quarantined_versions=(RANGE,)), counting)


def test_operators_leave_their_name_and_reason_in_the_history():
    ledger = MemoryLedger()
    set_floor(ledger, SCOPE, HIGH, at(actor="ada", comment="CVE-2026-1"))
    withdraw_digest(ledger, SCOPE, content("bad"), at(actor="bob"))
    withdraw_versions(ledger, SCOPE, RANGE, at(actor="eve"))
    withdraw_versions(ledger, SCOPE, RANGE, at(actor="eve"))
    events = list(history(ledger))
    assert [(event.kind.value, event.actor) for event in events] == [
        ("floor", "ada"),
        ("quarantine", "bob"),
        ("quarantine", "eve"),
        ("quarantine", "eve"),
    ]
    assert events[0].comment == "CVE-2026-1"
    assert events[3].state is None
    assert ledger.fetch(SCOPE).state.revision == 3


@pytest.mark.parametrize(
    "reference", ["authz", ":authz", "bundle:", "bundle:a\nb", "bundle:a\u202eb", "bundle:" + "a" * 1100]
)
def test_a_scope_that_could_be_confused_or_stored_wrongly_is_refused(reference):
    with pytest.raises(ConfigurationError):
        scope_name(reference)


def test_a_scope_names_its_channel():
    assert scope_name("bundle:authz") == "bundle:authz"
    assert scope_name("bundle:authz", "beta") == "bundle:authz@beta"
    for channel in ("", "a@b"):
        with pytest.raises(ConfigurationError):
            scope_name("bundle:authz", channel)


def test_states_refuse_what_is_no_state():
    with pytest.raises(ValueError, match="epoch"):
        Floor(epoch=-1, version="1.0.0", scheme=Scheme.SEMVER)
    with pytest.raises(ValueError, match="offset"):
        mark("1.0.0", seen_at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="revision"):
        ScopeState(revision=0)
