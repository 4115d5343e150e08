"""Threads that write into one SQLite ledger at a time: one transaction, and to each its own answer."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from tests.support.ledgers.samples import COUNTING, SCOPE, advance, at, counted, event, state
from tests.support.ledgers.together import FIRST, Came, a_turn_taken, together
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.ledger.advance import record
from verifier.ledger.history import check, history
from verifier.ledger.interface import Change, EventKind
from verifier.ledger.sqlite.store import create_ledger, open_ledger


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


@pytest.fixture
def commits(ledger):
    """The statements that end a transaction, as they come."""
    said: list[str] = []
    ledger._connection.set_trace_callback(lambda text: said.append(text) if text in {"COMMIT", "ROLLBACK"} else None)
    return said


def recording(ledger, number, scope=SCOPE, **fields):
    return partial(record, ledger, scope, counted(number, **fields), COUNTING, at())


def versions(ledger):
    return [(found.scope, found.kind.value, found.version) for found in history(ledger) if found.scope != FIRST]


def test_those_that_wait_share_one_transaction(ledger, commits):
    came = together(ledger, [recording(ledger, 1, f"bundle:{number}") for number in range(32)])
    assert all(each.answer.accepted for each in came)
    assert commits == ["COMMIT", "COMMIT"]  # of who had the turn, and of the 32
    assert versions(ledger) == [(f"bundle:{number}", "accepted", "1") for number in range(32)]
    check(ledger)


def test_each_is_decided_upon_what_those_before_it_have_written(ledger, commits):
    came = together(ledger, [recording(ledger, number) for number in (5, 3, 7, 7, 6, 8)])
    assert [each.answer.accepted for each in came] == [True, False, True, True, False, True]
    assert [each.answer.before for each in came] == [None, "0:5", "0:5", "0:7", "0:7", "0:7"]
    kinds = ["accepted", "denied", "accepted", "accepted", "denied", "accepted"]
    assert versions(ledger) == [(SCOPE, kind, str(n)) for kind, n in zip(kinds, (5, 3, 7, 7, 6, 8), strict=True)]
    assert commits == ["COMMIT", "COMMIT"]
    check(ledger)


def test_nobody_is_answered_before_all_is_durable(ledger, tmp_path):
    """Whoever is told looks into the file by a connection of its own, and finds itself there."""
    with open_ledger(tmp_path / "ledger.db") as other:

        def told(scope):
            assert record(ledger, scope, counted(1), COUNTING, at()).accepted
            return other.fetch(scope).revision

        came = together(ledger, [partial(told, f"bundle:{number}") for number in range(8)])
        assert [each.answer for each in came] == [1] * 8


def test_an_exception_is_that_of_its_thread_alone(ledger, commits):
    def broken(view):
        raise ZeroDivisionError(view.revision)

    works = [recording(ledger, 1), partial(ledger.decide, SCOPE, broken), recording(ledger, 2)]
    good, bad, later = together(ledger, works)
    assert good.answer.accepted
    assert later.answer.accepted
    assert isinstance(bad.error, ZeroDivisionError)
    assert bad.error.args == (1,)
    assert versions(ledger) == [(SCOPE, "accepted", "1"), (SCOPE, "accepted", "2")]
    assert commits == ["COMMIT", "COMMIT"]


def test_an_event_that_cannot_be_is_refused_alone(ledger):
    unsound = Change(event=event(EventKind.DENIED, time_seen=at().now))
    good, bad, later = together(ledger, [recording(ledger, 1), partial(ledger.swap, (unsound,)), recording(ledger, 2)])
    assert (good.answer.accepted, later.answer.accepted) == (True, True)
    assert bad.error.code == "ledger.unsound"
    assert [version for _, _, version in versions(ledger)] == ["1", "2"]


def test_a_change_that_was_overtaken_undoes_nobodys(ledger, commits):
    first, stale = advance(state("1.0.0")), advance(state("2.0.0"))
    came = together(ledger, [partial(ledger.swap, (each,)) for each in (first, stale)])
    assert [each.answer for each in came] == [True, False]
    assert ledger.fetch(SCOPE).state == state("1.0.0")
    assert commits == ["COMMIT", "COMMIT"]


def test_what_fails_when_it_has_written_is_undone_alone(ledger):
    """The second of two changes is stale: the first is undone, and with it the group, which is written one by one."""
    denied = Change(event=event(EventKind.DENIED, "bundle:lost"))
    stale = replace(advance(state("2.0.0")), expected_revision=7)
    works = [
        recording(ledger, 1, "bundle:a"),
        partial(ledger.swap, (denied, stale)),
        recording(ledger, 1, "bundle:b"),
    ]
    before, lost, after = together(ledger, works)
    assert (before.answer.accepted, lost.answer, after.answer.accepted) == (True, False, True)
    assert versions(ledger) == [("bundle:a", "accepted", "1"), ("bundle:b", "accepted", "1")]
    check(ledger)


def test_a_commit_that_fails_fails_all_of_its_group(ledger, tmp_path):
    """What was written of it is not there; each is told by an exception of its own."""
    record(ledger, SCOPE, counted(1), COUNTING, at())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    works = [recording(ledger, 1, f"bundle:{number}") for number in range(8)]
    with a_turn_taken(ledger):
        came = [Came(work) for work in works]
        while len(ledger._turns._waiting) < len(works):
            pass
        grown = (tmp_path / "ledger.db-wal").stat().st_size
        # Room for who has the turn, not for the eight after it.
        resource.setrlimit(resource.RLIMIT_FSIZE, (grown + 8 * 4_120, before[1]))
    try:
        refusals = [each.over().error for each in came]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [refusal.code for refusal in refusals] == ["ledger.unavailable"] * 8
    assert len({id(refusal) for refusal in refusals}) == 8
    assert versions(ledger) == [(SCOPE, "accepted", "1")]
    assert all(work().accepted for work in works)
    check(ledger)


def test_a_ledger_that_another_process_holds_is_locked_for_all_that_waited(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db", lock_seconds=0) as ledger:
        with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            came = [Came(recording(ledger, 1, f"bundle:{number}")).over() for number in range(4)]
            other.execute("ROLLBACK")
        assert [each.error.code for each in came] == ["ledger.locked"] * 4
        assert recording(ledger, 1)().accepted
        assert versions(ledger) == [(SCOPE, "accepted", "1")]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_thread_leaves_nobody_waiting(ledger, interruption):
    def interrupted(view):
        raise interruption

    works = [recording(ledger, 1), partial(ledger.decide, SCOPE, interrupted), recording(ledger, 2)]
    came = together(ledger, works)
    errors = [each.error for each in came]
    assert sum(isinstance(error, interruption) for error in errors) == 1  # whoever had the turn
    assert {error.code for error in errors if isinstance(error, Refused)} == {"ledger.unavailable"}
    assert versions(ledger) == []
    assert recording(ledger, 1)().accepted
    check(ledger)


def test_who_decides_asks_nobody_else(ledger):
    def judge(view):
        return ledger.swap((Change(event=event(EventKind.DENIED)),)), Change(event=event(EventKind.DENIED))

    with pytest.raises(RuntimeError, match="asks the view"):
        ledger.decide(SCOPE, judge)
    assert versions(ledger) == []
    assert recording(ledger, 1)().accepted


def test_an_event_of_another_scope_than_was_judged_is_not_written(ledger):
    with pytest.raises(ValueError, match="bundle:other"):
        ledger.decide(SCOPE, lambda view: (view, Change(event=event(EventKind.DENIED, "bundle:other"))))
    assert versions(ledger) == []
