"""The states of a missing ledger, behind the interface of those that are there."""

from __future__ import annotations

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import COUNTING, NOW, SCOPE, at, counted, event
from verifier.core.errors import Refused, refuse
from verifier.ledger.absent import NOT_CONSULTED, NoLedger, Unopened
from verifier.ledger.advance import consult, record, record_denial
from verifier.ledger.interface import Change
from verifier.ledger.record import GENESIS
from verifier.ledger.view import View


class TestNoLedger:
    def test_nothing_is_known_which_differs_from_nothing_accepted(self):
        with NoLedger() as ledger:
            assert ledger.fetch(SCOPE) == NOT_CONSULTED != View(state=None, max_time_seen=None)
            assert (ledger.url, ledger.findings, ledger.scopes(), ledger.head()) == ("", (), (), GENESIS)

    def test_it_is_asked_as_any_other(self):
        assert consult(NoLedger(), SCOPE, counted(1), COUNTING, now=NOW).before is None

    def test_nothing_can_be_recorded_in_it(self):
        with refused("ledger.unavailable"):
            record(NoLedger(), SCOPE, counted(1), COUNTING, at())
        with refused("ledger.unavailable"):
            record_denial(NoLedger(), SCOPE, ["signature.invalid"], at())


class TestUnopened:
    UNOPENED = Unopened(refuse("ledger.corrupt", "ledger.db", "it is damaged"))

    @pytest.mark.parametrize(
        "ask",
        [
            lambda ledger: ledger.fetch(SCOPE),
            lambda ledger: ledger.swap((Change(event=event()),)),
            lambda ledger: ledger.scopes(),
            lambda ledger: ledger.head(),
            lambda ledger: record(ledger, SCOPE, counted(1), COUNTING, at()),
            lambda ledger: record_denial(ledger, SCOPE, ["signature.invalid"], at()),
        ],
    )
    def test_every_question_is_refused_as_opening_it_was(self, ask):
        with refused("ledger.corrupt"):
            ask(self.UNOPENED)

    def test_its_reasons_are_at_hand_without_a_question(self):
        refusal = refuse("ledger.locked", "ledger.db", "busy")
        with Unopened(refusal) as ledger:
            assert (ledger.reasons, ledger.url, ledger.findings) == (refusal.reasons, "", ())

    def test_each_refusal_is_a_new_one(self):
        refusals = []
        for _ in range(2):
            with pytest.raises(Refused) as caught:
                self.UNOPENED.head()
            refusals.append(caught.value)
        assert refusals[0] is not refusals[1]
