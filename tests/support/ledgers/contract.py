"""What every back end must do; a back end's test file subclasses this and says how to open one.

`open_again` gives a second, independent connection to the same store.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.support.ledgers.busy import Busy
from tests.support.ledgers.samples import (
    COUNTING,
    HOUR,
    NOW,
    RULES,
    SCOPE,
    advance,
    at,
    candidate,
    content,
    counted,
    event,
    founding,
    state,
)
from tests.support.patience import PATIENCE_S
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.ledger.advance import append, consult, record, record_denial
from verifier.ledger.chains.reached import Reached
from verifier.ledger.history import check, history, max_time_seen, require_head, versions_of
from verifier.ledger.interface import Change, EventKind, Head, Ledger, Moment
from verifier.ledger.record import GENESIS, event_text, state_digest, state_text
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
        nothing = Moment(head=GENESIS, max_time_seen=None, states=())
        assert (ledger.scopes(), list(ledger.events()), check(ledger)) == (nothing, [], nothing)

    def test_what_was_created_is_fetched_whole(self, ledger):
        assert ledger.swap((founding(FULL),))
        assert ledger.fetch(SCOPE).state == FULL
        assert ledger.fetch("bundle:other").state is None

    def test_an_event_carries_the_digest_of_the_state_it_led_to(self, ledger):
        ledger.swap((founding(FULL),))
        append(ledger, event(EventKind.DENIED))
        assert [found.state for found in history(ledger)] == [state_digest(state_text(FULL)), None]

    def test_a_scope_is_created_once(self, ledger):
        assert ledger.swap((advance(state("1.0.0")),))
        head = ledger.head()
        assert not ledger.swap((advance(state("2.0.0")),))
        assert ledger.fetch(SCOPE).state == state("1.0.0")
        assert ledger.head() == head

    def test_replacing_another_revision_changes_nothing(self, ledger):
        first, second = state("1.0.0"), ScopeState(revision=2, mark=state("2.0.0").mark)
        ledger.swap((advance(first),))
        head = ledger.head()
        assert not ledger.swap((replace(advance(second), expected_revision=2),))
        assert (ledger.fetch(SCOPE).state, ledger.head()) == (first, head)
        assert ledger.swap((advance(second),))
        assert ledger.fetch(SCOPE).state == second

    def test_replacing_a_scope_that_does_not_exist_changes_nothing(self, ledger):
        second = ScopeState(revision=2, mark=state("2.0.0").mark)
        assert not ledger.swap((advance(second),))
        assert (ledger.fetch(SCOPE).state, ledger.head()) == (None, GENESIS)

    def test_changes_happen_all_or_none(self, ledger):
        one = state("1.0.0")
        changes = [advance(one, name) for name in ("bundle:a", "bundle:b")]
        ledger.swap(changes[1:])
        moment = ledger.scopes()
        assert not ledger.swap([changes[0], changes[1]])
        assert ledger.scopes() == moment == Moment(head=ledger.head(), max_time_seen=NOW, states=(("bundle:b", one),))
        late = event(EventKind.IMPORT, "", time_seen=NOW + HOUR)
        assert ledger.swap([changes[0], Change(event=late)])
        assert ledger.scopes() == check(ledger)
        assert (dict(ledger.scopes().states).keys(), max_time_seen(ledger)) == ({"bundle:a", "bundle:b"}, NOW + HOUR)

    def test_scopes_are_sorted_as_their_names_are(self, ledger):
        names = ("bundle:b", "bundle:A", "bundle:é", "bundle:a", "bundle:𝔷", "bundle:\ufe0f")
        ledger.swap([founding(FULL, name) for name in names])
        assert [name for name, _ in ledger.scopes().states] == sorted(names)

    def test_the_newest_time_seen_never_decreases(self, ledger):
        for hours in (2, 1, 3, 0):
            append(ledger, event(time=NOW + hours * HOUR))
        assert max_time_seen(ledger) == NOW + 3 * HOUR
        assert ledger.fetch("bundle:any").max_time_seen == NOW + 3 * HOUR

    def test_only_an_acceptance_moves_the_time(self, ledger):
        for kind in set(EventKind) - {EventKind.ACCEPTED}:
            append(ledger, event(kind))
        assert max_time_seen(ledger) is None
        append(ledger, event(EventKind.ACCEPTED, time=NOW + timedelta(microseconds=1)))
        assert max_time_seen(ledger) == NOW + timedelta(microseconds=1)

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
        append(ledger, full)
        (found,) = history(ledger)
        assert found.sequence == 1
        placed = replace(full, sequence=1, previous=found.previous, beside=found.beside)
        assert event_text(found) == event_text(placed)

    def test_each_entry_has_its_text_and_the_head_that_it_led_to(self, ledger):
        reached = Reached()
        for number in range(6):
            append(ledger, event(scope=f"bundle:{number % 2}", comment=str(number)))
        for entry in ledger.events():
            reached.add(entry)
            assert (entry.text, entry.head) == (event_text(entry.event), reached.last)
        assert reached.head == ledger.head()

    def test_events_are_of_a_range_and_of_these_the_newest(self, ledger):
        # More than one page of any back end.
        ledger.swap([Change(event=event(scope=f"bundle:{number > 300:d}")) for number in range(1, 601)])

        def given(*scope, **bounds):
            return [entry.head.sequence for entry in ledger.events(*scope, **bounds)]

        assert given(after=2, until=5) == [3, 4, 5]
        assert given(after=597) == given(newest=3) == [598, 599, 600]
        assert given("bundle:0", after=2, until=9, newest=2) == [8, 9]
        assert given("bundle:0", after=297, until=305) == [298, 299, 300]
        assert given("bundle:1", after=2, until=302) == [301, 302]
        assert given(until=512) == list(range(1, 513))
        assert (
            given(newest=0)
            == given(after=5, until=5)
            == given(after=600)
            == given("bundle:none")
            == given("bundle:1", until=1)
            == []
        )

    def test_the_events_that_made_content_known_are_found_and_the_versions_it_was_accepted_as(self, ledger):
        for version in ("1.0.0", "1.1.0", "1.2.0"):
            assert record(ledger, SCOPE, candidate(version), RULES, at()).accepted
        assert not record(ledger, SCOPE, candidate("1.0.0"), RULES, at()).accepted
        known = candidate("1.0.0").digest
        assert [entry.event.kind for entry in ledger.events(SCOPE, naming=known)] == ["accepted"]
        assert versions_of(ledger, SCOPE, known) == (("1.0.0", "semver"),)
        assert versions_of(ledger, f"{SCOPE}-2", known) == ()
        assert versions_of(ledger, SCOPE, content("never seen")) == ()

    def test_history_gives_the_newest_of_one_scope(self, ledger):
        # More than one page of any back end.
        ledger.swap(
            [Change(event=event(scope=f"bundle:{number // 300}", comment=str(number))) for number in range(600)]
        )
        assert [found.comment for found in history(ledger, limit=2)] == ["598", "599"]
        assert [found.comment for found in history(ledger, "bundle:0", limit=3)] == ["297", "298", "299"]
        assert len(list(history(ledger, "bundle:1"))) == 300
        assert len(list(history(ledger, limit=550))) == 550
        assert list(history(ledger, "bundle:none", limit=3)) == []

    def test_an_earlier_head_is_known_and_a_foreign_one_is_not(self, ledger):
        append(ledger, event())
        head = ledger.head()
        append(ledger, event())
        require_head(ledger, head)
        require_head(ledger, GENESIS)
        for foreign in (Head(sequence=1, digest=content("x")), Head(sequence=3, digest=head.digest)):
            with pytest.raises(Refused, match=r"ledger\.corrupt"):
                require_head(ledger, foreign)

    def test_another_connection_sees_what_was_committed(self, ledger):
        with self.open_again(ledger) as other:
            assert record(ledger, SCOPE, counted(1), COUNTING, at()).accepted
            assert consult(other, SCOPE, counted(0), COUNTING, now=NOW).before == "0:1"

    def test_an_acceptance_that_is_repeated_too_late_is_not_written_after_the_newer_one(self, ledger):
        record(ledger, SCOPE, counted(3), COUNTING, at())
        overtaken = _Overtaken(ledger, lambda: record(ledger, SCOPE, counted(5), COUNTING, at()))
        decision = record(overtaken, SCOPE, counted(3), COUNTING, at())
        assert [reason.code for reason in decision.reasons] == ["version.rollback"]
        kinds = [(found.version, found.kind) for found in history(ledger, SCOPE)]
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
        assert [found.kind.value for found in history(ledger)] == ["accepted", "denied", "denied"]
        assert check(ledger).head.sequence == 3

    def test_who_writes_meanwhile_is_never_taken_for_damage(self, ledger):
        ledger.swap([Change(event=event(EventKind.DENIED))] * 300)  # more than one page of any back end
        with self.open_again(ledger) as other:
            busy = Busy(ledger, lambda: record(other, SCOPE, counted(other.head().sequence), COUNTING, at()))
            moment = check(busy)
            assert (moment.head.sequence, dict(moment.states)[SCOPE].mark.version) == (301, "300")
            require_head(busy, moment.head)
            assert check(busy).head.sequence > 304

    def test_threads_may_share_one_ledger(self, ledger):
        def work(offset: int) -> None:
            for number in range(10):
                record(ledger, f"bundle:{offset}", counted(number), COUNTING, at())

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert check(ledger).head.sequence == 40
        assert {held.revision for _, held in ledger.scopes().states} == {10}


class _Overtaken:
    """A ledger on which another writer commits between our fetch and our write, once."""

    def __init__(self, ledger, overtake):
        self._ledger, self._overtake = ledger, overtake

    decide = Ledger.decide

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def fetch(self, scope):
        view = self._ledger.fetch(scope)
        overtake, self._overtake = self._overtake, lambda: None
        overtake()
        return view
