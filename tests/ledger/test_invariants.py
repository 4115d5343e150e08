"""The invariants of docs/monotonicity.md as state machines: any order of loaders, operators, clocks and restarts."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.ledgers.memory import MemoryLedger
from tests.support.ledgers.samples import COUNTING, NOW, advance, at, counted, event
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.ledger.advance import consult, record
from verifier.ledger.history import check, max_time_seen, require_head
from verifier.ledger.interface import Change, EventKind
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.versions.rules import judge_version
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, VersionRange

SCOPES = st.sampled_from(["bundle:a", "bundle:b"])
NUMBERS = st.integers(0, 6)
CONTENTS = st.sampled_from("xyz")
MINUTES = st.integers(-20, 20)


class Invariants(RuleBasedStateMachine):
    """Several loaders and operators share one ledger; `accepted` is what an outside observer saw."""

    def __init__(self):
        super().__init__()
        self.ledger = self.make()
        self.accepted = {"bundle:a": [], "bundle:b": []}
        self.restrictions = {}
        self.now = NOW
        self.newest = None

    def make(self):
        return MemoryLedger()

    @rule(minutes=MINUTES)
    def the_clock_moves(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(scope=SCOPES, number=NUMBERS, digest=CONTENTS)
    def a_loader_asks(self, scope, number, digest):
        """I1, I2, I3 and I4, judged from outside."""
        asked = counted(number, digest=f"{number}{digest}")
        before, head = self.ledger.fetch(scope), self.ledger.head()
        foreseen = consult(self.ledger, scope, asked, COUNTING, now=self.now)
        assert self.ledger.head() == head
        decision = record(self.ledger, scope, asked, COUNTING, at(self.now))
        assert (decision.accepted, decision.reasons) == (foreseen.accepted, foreseen.reasons)
        after = self.ledger.fetch(scope)
        if not decision.accepted:
            assert after == before
            return
        seen = self.accepted[scope]
        assert all(number >= other for other, _ in seen)
        assert all(asked.digest == other for version, other in seen if version == number)
        if (number, asked.digest) in seen:
            assert after.state == before.state
        else:
            seen.append((number, asked.digest))
        assert self.newest is None or self.now >= self.newest - COUNTING.skew
        self.newest = max(self.now, self.newest or self.now)

    @rule(scope=SCOPES, number=NUMBERS, digest=CONTENTS, other=NUMBERS)
    def a_loader_is_overtaken(self, scope, number, digest, other):
        """I5: what a stale view decided is decided again, so that the outcome is that of the serial order."""
        stale = self.ledger.fetch(scope)
        self.a_loader_asks(scope, other, "x")
        decision = judge_version(
            stale.state, counted(number, digest=f"{number}{digest}"), COUNTING, now=self.now, max_time_seen=None
        )
        if decision.next_state is not None and self.ledger.fetch(scope).state != stale.state:
            revision = None if stale.state is None else stale.state.revision
            assert not self.ledger.swap((replace(advance(decision.next_state, scope), expected_revision=revision),))
        self.a_loader_asks(scope, number, digest)

    @rule(scope=SCOPES, number=NUMBERS)
    def an_operator_sets_a_floor(self, scope, number):
        floor = Floor(version=str(number), scheme=Scheme.INTEGER)
        held = self.ledger.fetch(scope).state
        try:
            set_floor(self.ledger, scope, floor, at(self.now))
        except Refused:
            assert int(held.floor.version) > number
            assert self.ledger.fetch(scope).state == held

    @rule(scope=SCOPES, digest=CONTENTS)
    def an_operator_quarantines_content(self, scope, digest):
        withdraw_digest(self.ledger, scope, counted(0, digest=f"0{digest}").digest, at(self.now))

    @rule(scope=SCOPES, number=st.integers(0, 2))
    def an_operator_quarantines_versions(self, scope, number):
        withdrawn = VersionRange(lowest=str(number), highest=str(number), scheme=Scheme.INTEGER)
        withdraw_versions(self.ledger, scope, withdrawn, at(self.now))

    @invariant()
    def nothing_ever_weakens(self):
        """I7, against what was held after the step before."""
        for scope, state in self.ledger.scopes().states:
            held = self.restrictions.get(scope)
            if held is not None:
                assert state.floor is not None or held.floor is None
                assert held.floor is None or state.floor.key >= held.floor.key
                assert set(held.quarantined_digests) <= set(state.quarantined_digests)
                assert set(held.quarantined_versions) <= set(state.quarantined_versions)
                assert held.mark is None or state.mark.key >= held.mark.key
                assert state.epoch == held.epoch == 0
            self.restrictions[scope] = state
        assert max_time_seen(self.ledger) == self.newest

    def teardown(self):
        assert check(self.ledger).head.sequence == self.ledger.head().sequence
        self.ledger.close()


class InvariantsOnSqlite(Invariants):
    """The same on disk, with restarts: the connection is dropped as a killed process drops it."""

    def make(self):
        self.folder = Path(tempfile.mkdtemp())
        create_ledger(self.folder / "ledger.db")
        return open_ledger(self.folder / "ledger.db")

    @initialize()
    def begin(self):
        assert self.ledger.head().sequence == 0

    @rule()
    def the_process_restarts(self):
        """I6, the clean half; tests/ledger/test_sqlite_processes.py kills real ones."""
        head = self.ledger.head()
        self.ledger.close()
        self.ledger = open_ledger(self.folder / "ledger.db")
        require_head(self.ledger, head)

    @precondition(lambda self: self.ledger.head().sequence > 0)
    @rule()
    def a_transaction_is_cut_off(self):
        """I6: state, event and head are written together or not at all."""
        head = self.ledger.head()
        self.ledger._writer.begin()
        assert self.ledger._writer.make(Change(event=event(EventKind.DENIED, scope="bundle:a")))
        self.ledger.close()
        self.ledger = open_ledger(self.folder / "ledger.db")
        require_head(self.ledger, head)
        assert self.ledger.head() == head

    def teardown(self):
        super().teardown()
        shutil.rmtree(self.folder)


TestInvariants = Invariants.TestCase
TestInvariants.settings = settings(max_examples=150, stateful_step_count=40)
TestInvariantsOnSqlite = InvariantsOnSqlite.TestCase
TestInvariantsOnSqlite.settings = settings(max_examples=25, stateful_step_count=25)
