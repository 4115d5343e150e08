"""A judgement of a moment ago is used again only where the ledger says the same, and nothing else is different."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.loading.emitted import CONTENT, RUNTIME, denied, emit
from tests.support.loading.loading import Reachable, load, standing
from tests.support.material import NOW, signer
from tests.support.stories import SCOPE, archive, signed
from verifier.core.digest import Digest
from verifier.core.value import replace as changed
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading import loader as module
from verifier.loading.again import LONGEST
from verifier.loading.loader import Loader
from verifier.loading.question import Terms
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

MOMENT = timedelta(milliseconds=10)


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield Reachable(opened)


@pytest.fixture
def settled(monkeypatch):
    """How often something was judged from the start."""
    counted, settle = [], module.settle

    def spied(*given, **named):
        counted.append(1)
        return settle(*given, **named)

    monkeypatch.setattr(module, "settle", spied)
    return counted


@pytest.fixture
def loader(ledger, settled):
    """One that has accepted and judged once."""
    loader = Loader(RUNTIME, ledger)
    load(loader)
    assert standing(loader).verified.content == CONTENT
    settled.clear()
    return loader


def test_nothing_is_judged_twice_where_nothing_has_changed_and_the_ledger_is_asked_each_time(loader, ledger, settled):
    before = ledger.reads
    for number in range(10):
        assert standing(loader, NOW + number * MOMENT).verified.content == CONTENT
    assert (settled, ledger.reads) == ([], before + 10)


def test_a_quarantine_counts_at_the_very_next_question(loader, ledger):
    withdraw_digest(ledger, SCOPE, Digest.of(CONTENT), Circumstances(now=NOW))
    assert denied(standing(loader, NOW)) == ["version.quarantined"]


def test_a_floor_counts_at_the_very_next_question(loader, ledger):
    set_floor(ledger, SCOPE, Floor(version="2.0.0", scheme=Scheme.SEMVER), Circumstances(now=NOW))
    assert denied(standing(loader, NOW)) == ["version.below-floor"]


def test_a_ledger_that_is_lost_counts_at_the_very_next_question(loader, ledger):
    ledger.lost()
    assert denied(standing(loader, NOW)) == ["ledger.unavailable"]


def test_a_newer_acceptance_takes_its_place(loader):
    newer = signed(archive("1.1.0"))
    load(loader, newer, emit(newer))
    assert standing(loader, NOW).verified.content == newer


def test_another_scope_that_moves_the_time_of_the_ledger_makes_it_judge_anew(loader, ledger, settled):
    fetch, later = ledger.fetch, NOW + timedelta(minutes=1)
    ledger.fetch = lambda scope: changed(fetch(scope), max_time_seen=later)
    standing(loader, NOW)
    assert settled


def test_other_terms_are_judged_anew(loader):
    terms = Terms(by_verdict=True, levels=("https://example.org/level/none",))
    assert denied(loader.standing(name="authz", now=NOW, correlation_id="asked", terms=terms))
    assert standing(loader).verified.content == CONTENT


def test_a_second_later_it_is_judged_anew(loader, settled):
    assert standing(loader, NOW + LONGEST).verified
    assert settled


def test_a_clock_that_went_back_is_judged_anew(loader, settled):
    standing(loader, NOW - MOMENT)
    assert settled


@pytest.mark.parametrize("early", [timedelta(0), MOMENT])
def test_a_signer_that_ends_within_the_second_ends_it(ledger, early):
    last = NOW + timedelta(hours=1)
    trust = replace(RUNTIME, signers=RUNTIME.signers | {"p384": signer("p384", not_after=last)})
    loader = Loader(trust, ledger)
    assert load(loader, verdict=emit(trust=trust)).verified
    assert standing(loader, last - early).verified
    assert denied(standing(loader, last + timedelta(microseconds=1))) == ["signer.expired"]


def test_a_denial_is_never_used_again(ledger, settled):
    loader = Loader(RUNTIME, ledger)
    load(loader)
    withdraw_digest(ledger, SCOPE, Digest.of(CONTENT), Circumstances(now=NOW))
    standing(loader)
    settled.clear()
    assert denied(standing(loader)) == ["version.quarantined"]
    assert settled
