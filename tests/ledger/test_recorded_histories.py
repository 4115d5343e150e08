"""What `tests/support/ledgers/invariants.py` would say of a history that breaks an invariant: it can fail."""

import dataclasses

import pytest

from tests.support.ledgers.invariants import require_invariants, snapshot
from tests.support.ledgers.memory import MemoryLedger, forge
from tests.support.ledgers.samples import COUNTING, HOUR, NOW, SCOPE, at, counted, event, founding, mark
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.ledger.advance import record
from verifier.ledger.interface import EventKind
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState

LOWER = mark("1", scheme=Scheme.INTEGER)


@pytest.fixture
def ledger():
    """1 and 2 were accepted, 2 twice, 1 denied; then a floor and a quarantine came."""
    made = MemoryLedger()
    for number in (1, 2, 2, 1):
        record(made, SCOPE, counted(number), COUNTING, at())
    set_floor(made, SCOPE, Floor(version="1", scheme=Scheme.INTEGER), at())
    withdraw_digest(made, SCOPE, counted(7).digest, at())
    return made


def forged(ledger, kind=EventKind.ACCEPTED, *, moves, **said):
    """Write an event that no rule would have let through, and a state if it `moves`."""
    told = {"version": "3", "scheme": Scheme.INTEGER, "epoch": 0, "digest": counted(3).digest} | said
    before = ledger.fetch(SCOPE).state
    after = replace(before, revision=before.revision + 1, mark=mark("3", scheme=Scheme.INTEGER))
    forge(ledger, event(kind, **told), after if moves else None)


def test_a_true_history_holds(ledger):
    before = require_invariants(ledger, told=[(SCOPE, "1"), (SCOPE, "2")])
    record(ledger, SCOPE, counted(3), COUNTING, at())
    require_invariants(ledger, since=before)


@pytest.mark.parametrize(
    ("forgery", "said"),
    [
        ({"moves": False, "version": "1", "digest": counted(1).digest}, "I1"),
        ({"moves": False, "version": "2", "digest": counted(9).digest}, "I2"),
        ({"moves": False}, "I3"),
        ({"moves": True, "version": "2", "digest": counted(2).digest}, "I3"),
        ({"moves": True, "kind": EventKind.DENIED}, "I4"),
        ({"moves": True, "version": "4", "digest": counted(4).digest}, "I6"),
        ({"moves": True, "epoch": 1}, "I8"),
    ],
    ids=str,
)
def test_a_history_that_breaks_an_invariant_is_found(ledger, forgery, said):
    forged(ledger, **forgery)
    with pytest.raises(AssertionError, match=said):
        require_invariants(ledger)


def test_an_acceptance_that_was_lost_is_found(ledger):
    with pytest.raises(AssertionError, match="accepted and lost"):
        require_invariants(ledger, told=[(SCOPE, "3")])


@pytest.mark.parametrize("weaker", [{"floor": None}, {"quarantined_digests": ()}, {"revision": 1}, {"mark": LOWER}])
def test_a_state_that_got_weaker_is_found(ledger, weaker):
    before = snapshot(ledger)
    held = ledger.fetch(SCOPE).state
    forge(ledger, event(EventKind.FLOOR), replace(held, **weaker))
    with pytest.raises((AssertionError, Refused)):
        require_invariants(ledger, since=before)


def test_a_time_that_went_back_is_found(ledger):
    before = dataclasses.replace(snapshot(ledger), time=NOW + HOUR)
    with pytest.raises(AssertionError):
        require_invariants(ledger, since=before)


def test_a_ledger_that_is_another_one_is_found(ledger):
    other = MemoryLedger()
    assert other.swap((founding(ScopeState(revision=1, mark=mark("9", scheme=Scheme.INTEGER))),))
    with pytest.raises(Exception, match=r"ledger\.corrupt|I6"):
        require_invariants(other, since=snapshot(ledger))
