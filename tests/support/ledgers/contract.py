"""What every back end must do; a back end's test file subclasses this and says how to open one.

`open_again` gives a second, independent connection to the same store.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.ledgers.samples import (
    COUNTING,
    HOUR,
    NOW,
    RULES,
    SCOPE,
    at,
    candidate,
    content,
    counted,
    event,
    state,
)
from tests.support.patience import PATIENCE_S
from verifier.core.errors import Refused
from verifier.ledger.advance import consult, record, record_denial
from verifier.ledger.interface import Change, EventKind, Head, Ledger
from verifier.ledger.record import GENESIS, chain, event_text, state_digest, state_text
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState, VersionRange

FULL = ScopeState(
    revision=1,
    mark=state("1.2.3").mark,
    floor=Floor(epoch=0, version="1.0.0", scheme=Scheme.SEMVER),
    quarantined_digests=(content("bad"),),
    quarantined_versions=(VersionRange(lowest="1.1.0", highest=None, scheme=Scheme.SEMVER),),
)


class LedgerContract:
    @pytest.fixture
    def ledger(self) -> Ledger:
        raise NotImplementedError

    def open_again(self, ledger: Ledger) -> Ledger:
        raise NotImplementedError

    def test_a_new_ledger_is_empty(self, ledger):
        view = ledger.fetch(SCOPE)
        assert (view.state, view.max_time_seen, ledger.head()) == (None, None, GENESIS)
        assert (ledger.scopes(), list(ledger.history()), ledger.check()) == ((), [], 0)

    def test_what_was_created_is_fetched_whole(self, ledger):
        assert ledger.create(SCOPE, FULL, event())
        assert ledger.fetch(SCOPE).state == FULL
        assert ledger.fetch("bundle:other").state is None

    def test_an_event_carries_the_digest_of_the_state_it_led_to(self, ledger):
        ledger.create(SCOPE, FULL, event())
        ledger.append(event())
        assert [found.state for found in ledger.history()] == [state_digest(state_text(FULL)), None]

    def test_a_scope_is_created_once(self, ledger):
        assert ledger.create(SCOPE, state("1.0.0"), event())
        head = ledger.head()
        assert not ledger.create(SCOPE, state("2.0.0"), event())
        assert ledger.fetch(SCOPE).state == state("1.0.0")
        assert ledger.head() == head

    def test_an_event_of_another_scope_is_the_callers_mistake(self, ledger):
        with pytest.raises(ValueError, match="the event is of"):
            ledger.create("bundle:other", FULL, event())
        assert ledger.head() == GENESIS

    def test_replacing_another_revision_changes_nothing(self, ledger):
        first, second = state("1.0.0"), ScopeState(revision=2, mark=state("2.0.0").mark)
        ledger.create(SCOPE, first, event())
        head = ledger.head()
        assert not ledger.replace(SCOPE, second, expected_revision=2, event=event())
        assert (ledger.fetch(SCOPE).state, ledger.head()) == (first, head)
        assert ledger.replace(SCOPE, second, expected_revision=1, event=event())
        assert ledger.fetch(SCOPE).state == second

    def test_replacing_a_scope_that_does_not_exist_changes_nothing(self, ledger):
        second = ScopeState(revision=2, mark=state("2.0.0").mark)
        assert not ledger.replace(SCOPE, second, expected_revision=1, event=event())
        assert (ledger.fetch(SCOPE).state, ledger.head()) == (None, GENESIS)

    def test_changes_happen_all_or_none(self, ledger):
        one = state("1.0.0")
        ledger.create("bundle:b", one, event(scope="bundle:b"))
        head = ledger.head()
        changes = [Change(state=one, event=event(scope=name)) for name in ("bundle:a", "bundle:b")]
        assert not ledger.swap(changes, max_time_seen=NOW + HOUR)
        assert (ledger.scopes(), ledger.head(), ledger.max_time_seen()) == (("bundle:b",), head, NOW)
        assert ledger.swap(changes[:1], max_time_seen=NOW + HOUR)
        assert (ledger.scopes(), ledger.max_time_seen()) == (("bundle:a", "bundle:b"), NOW + HOUR)

    def test_the_newest_time_seen_never_decreases(self, ledger):
        for hours in (2, 1, 3, 0):
            ledger.append(event(time=NOW + hours * HOUR))
        assert ledger.max_time_seen() == NOW + 3 * HOUR
        assert ledger.fetch("bundle:any").max_time_seen == NOW + 3 * HOUR

    def test_only_an_acceptance_moves_the_time(self, ledger):
        for kind in set(EventKind) - {EventKind.ACCEPTED}:
            ledger.append(event(kind))
        assert ledger.max_time_seen() is None
        ledger.append(event(EventKind.ACCEPTED, time=NOW + timedelta(microseconds=1)))
        assert ledger.max_time_seen() == NOW + timedelta(microseconds=1)

    def test_events_come_back_as_they_went_in(self, ledger):
        full = event(
            EventKind.DENIED,
            version="1.0.0-\x1b[31m\ud800",
            scheme="semver",
            epoch=3,
            digest=content("x"),
            reasons=("version.rollback", "clock.backwards"),
            detail="d",
            comment="c\n\u202e",
            actor="ada",
            correlation_id="id",
            policy=content("p"),
            verdict=content("v"),
        )
        ledger.append(full)
        (found,) = ledger.history()
        assert found.sequence == 1
        assert event_text(found) == event_text(replace(full, sequence=1))

    def test_history_is_chained_in_order(self, ledger):
        head = GENESIS
        for number in range(3):
            ledger.append(event(comment=str(number)))
        for found in ledger.history():
            head = chain(head, event_text(found))
        assert head == ledger.head()
        assert [found.comment for found in ledger.history()] == ["0", "1", "2"]

    def test_history_gives_the_newest_of_one_scope(self, ledger):
        for number in range(600):  # more than one page of any back end
            ledger.append(event(scope=f"bundle:{number % 2}", comment=str(number)))
        assert [found.comment for found in ledger.history(limit=2)] == ["598", "599"]
        assert [found.comment for found in ledger.history("bundle:0", limit=3)] == ["594", "596", "598"]
        assert len(list(ledger.history("bundle:1"))) == 300
        assert len(list(ledger.history(limit=550))) == 550
        assert list(ledger.history("bundle:none", limit=3)) == []

    def test_an_earlier_head_is_known_and_a_foreign_one_is_not(self, ledger):
        ledger.append(event())
        head = ledger.head()
        ledger.append(event())
        ledger.require_head(head)
        ledger.require_head(GENESIS)
        for foreign in (Head(sequence=1, digest=content("x")), Head(sequence=3, digest=head.digest)):
            with pytest.raises(Refused, match=r"ledger\.corrupt"):
                ledger.require_head(foreign)

    def test_another_connection_sees_what_was_committed(self, ledger):
        with self.open_again(ledger) as other:
            assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            assert consult(other, SCOPE, counted(0), COUNTING, now=NOW).before == "0:1"

    def test_an_acceptance_that_is_repeated_too_late_is_not_written_after_the_newer_one(self, ledger):
        record(ledger, SCOPE, counted(3), COUNTING, at())
        overtaken = _Overtaken(ledger, lambda: record(ledger, SCOPE, counted(5), COUNTING, at()))
        decision = record(overtaken, SCOPE, counted(3), COUNTING, at())
        assert [reason.code for reason in decision.reasons] == ["version.rollback"]
        kinds = [(found.version, found.kind) for found in ledger.history(SCOPE)]
        assert kinds == [("3", EventKind.ACCEPTED), ("5", EventKind.ACCEPTED), ("3", EventKind.DENIED)]

    def test_whoever_loses_the_race_decides_again(self, ledger):
        record(ledger, SCOPE, counted(1), COUNTING, at())
        overtaken = _Overtaken(ledger, lambda: record(ledger, SCOPE, counted(5), COUNTING, at()))
        decision = record(overtaken, SCOPE, counted(3), COUNTING, at())
        assert [reason.code for reason in decision.reasons] == ["version.rollback"]
        assert ledger.fetch(SCOPE).state.mark.version == "5"

    def test_a_denial_adds_an_event_and_nothing_else(self, ledger):
        record(ledger, SCOPE, candidate("2.0.0"), RULES, at())
        before = ledger.fetch(SCOPE)
        assert not record(ledger, SCOPE, candidate("1.0.0"), RULES, at(NOW + HOUR)).accepted
        record_denial(ledger, SCOPE, ["signature.invalid"], at(NOW + HOUR), candidate("3.0.0"))
        assert ledger.fetch(SCOPE) == before
        assert [found.kind.value for found in ledger.history()] == ["accepted", "denied", "denied"]
        assert ledger.check() == 3

    def test_threads_may_share_one_ledger(self, ledger):
        def work(offset: int) -> None:
            for number in range(10):
                record(ledger, f"bundle:{offset}", counted(number), COUNTING, at())

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert ledger.check() == 40
        assert {ledger.fetch(name).state.revision for name in ledger.scopes()} == {10}


class _Overtaken:
    """A ledger on which another writer commits between our fetch and our write, once."""

    def __init__(self, ledger, overtake):
        self._ledger, self._overtake = ledger, overtake

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def fetch(self, scope):
        view = self._ledger.fetch(scope)
        overtake, self._overtake = self._overtake, lambda: None
        overtake()
        return view
