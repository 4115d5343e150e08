"""Opening a ledger and accepting something new takes as many steps of SQLite however much is in the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.support.ledgers.files import written_before
from tests.support.ledgers.images_contract import APP, BASE, tagged
from tests.support.ledgers.samples import COUNTING, SCOPE, at, counted
from verifier.ledger.advance import Circumstances, record
from verifier.ledger.history import known_layers, tag_seen, versions_of
from verifier.ledger.interface import Ledger
from verifier.ledger.sqlite import file
from verifier.ledger.sqlite.store import create_ledger, open_ledger

FEW, MANY = 150, 900
"""Both take more pages than are looked at in any case."""
EVERY = 10
"""Steps of SQLite's machine, roughly one for each row or column that is looked at."""


@pytest.fixture
def steps(monkeypatch) -> list[None]:
    """Grows by one with every ten steps of any connection."""
    taken: list[None] = []
    connect = sqlite3.connect

    def counting(*arguments, **more):
        connection = connect(*arguments, **more)
        connection.set_progress_handler(lambda: taken.append(None), EVERY)
        return connection

    monkeypatch.setattr(file.sqlite3, "connect", counting)
    return taken


def ledger_of(path: Path, events: int, scopes: int) -> Path:
    """So many acceptances, spread over so many scopes, and as many denials behind them."""
    create_ledger(path)
    with open_ledger(path) as ledger:
        for number in range(1, events + 1):
            scope = SCOPE if number % 10 == 0 or scopes == 1 else f"bundle:{number % scopes}"
            assert record(ledger, scope, counted(number), COUNTING, at()).accepted
            record(ledger, "bundle:new", counted(1), COUNTING, denied())
    return path


def denied() -> Circumstances:
    """A clock that was set back: of this scope nothing is ever accepted."""
    return at(at().now.replace(year=2020))


def accept(ledger: Ledger) -> None:
    """What a hook asks before it accepts something new: what stands, what its content was called, and the rules."""
    newest = counted(10**6)
    assert versions_of(ledger, SCOPE, newest.digest) == ()
    assert record(ledger, SCOPE, newest, COUNTING, at()).accepted


def accept_first(ledger: Ledger) -> None:
    assert record(ledger, "bundle:new", counted(1), COUNTING, at()).accepted


def accept_image(ledger: Ledger) -> None:
    assert tag_seen(ledger, "image:new", f"{APP}:stable") is None
    assert known_layers(ledger, BASE) == ()
    assert ledger.swap((tagged("1.0.0", scope="image:new", layers=BASE[:1]),))


@pytest.mark.parametrize("scopes", [1, 150])
@pytest.mark.parametrize("accepted", [accept, accept_first, accept_image])
def test_something_new_takes_no_longer_behind_a_longer_history(tmp_path, steps, accepted, scopes):
    taken = []
    for events in (FEW, MANY):
        path = ledger_of(tmp_path / f"{events}.db", events, min(scopes, events))
        steps.clear()
        with open_ledger(path) as ledger:
            accepted(ledger)
        taken.append(len(steps))
    few, many = taken
    assert few > 0
    assert many <= few * 1.1


def test_a_ledger_of_before_is_looked_at_whole_once(tmp_path, steps):
    """It is brought to the newest schema, which makes trees of all that is in it."""
    made = ledger_of(tmp_path / "ledger.db", FEW, 1)
    older, taken = written_before(made, tmp_path / "older.db", 2), []
    for _ in range(2):
        steps.clear()
        with open_ledger(older) as ledger:
            accept_first(ledger) if not taken else None
        taken.append(len(steps))
    first, second = taken
    assert second * 3 < first
