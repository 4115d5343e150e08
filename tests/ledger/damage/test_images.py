"""A damaged ledger of images: no tag stands for anything older, and no base is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ledgers.damaged import PAGE
from tests.support.ledgers.images_contract import APP, BASE, tagged
from tests.support.ledgers.samples import content
from verifier.core.errors import Refused
from verifier.ledger.history import known_layers, layers_kept, tag_seen
from verifier.ledger.sqlite.store import create_ledger, open_ledger

SCOPES = [f"image:{number:03}" for number in range(120)]
ASKED = SCOPES[57]
STABLE = f"{APP}:stable"


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    """Each scope has moved its tag, and was told of the layers of two images."""
    path = tmp_path_factory.mktemp("whole") / "ledger.db"
    create_ledger(path)
    with open_ledger(path) as ledger:
        places = {}
        for scope in SCOPES:
            assert ledger.swap((tagged("1.0.0", scope=scope, layers=layers(scope)),))
            places[scope] = ledger.head().sequence
        for scope in SCOPES:
            assert ledger.swap((tagged("1.1.0", scope=scope, revision=2, after=places[scope], layers=BASE[:1]),))
    return path.read_bytes()


def layers(scope: str) -> tuple:
    return (content(f"layers of {scope}"),)


def answers(path: Path) -> tuple:
    with open_ledger(path) as ledger:
        seen = tag_seen(ledger, ASKED, STABLE)
        return (
            None if seen is None else (seen.digest, seen.version),
            layers_kept(ledger, ASKED, content("1.0.0"), layers(ASKED)),
            len(known_layers(ledger, BASE[:1])),
        )


def require_true(path: Path, true: tuple) -> bool:
    """The answers are true, or the ledger is refused: whether it is."""
    try:
        said = answers(path)
    except Refused as refusal:
        said = refusal.reasons[0].code
    assert said in (true, "ledger.corrupt")
    return said != true


def test_a_page_that_has_lost_its_cells_tells_nothing_else(whole, tmp_path):
    path, refused = tmp_path / "ledger.db", 0
    path.write_bytes(whole)
    true = answers(path)
    assert true == ((content("1.1.0"), "1.1.0"), layers(ASKED), len(SCOPES))
    for page in range(1, len(whole) // PAGE):
        for left in (1, 2):
            damaged = bytearray(whole)
            count = page * PAGE + 3
            if int.from_bytes(damaged[count : count + 2]) <= left:
                continue
            damaged[count : count + 2] = left.to_bytes(2)
            path.write_bytes(damaged)
            refused += require_true(path, true)
    assert refused


@pytest.mark.parametrize(
    ("searched", "step"), [(STABLE.encode(), 7), (layers(ASKED)[0].value.encode(), 1), (ASKED.encode(), 1)]
)
def test_what_has_another_name_now_is_not_taken_for_unknown(whole, tmp_path, searched, step):
    """Places at which the tag, the layers or the scope is named: all of them, or some of those that are many."""
    path, refused = tmp_path / "ledger.db", 0
    path.write_bytes(whole)
    true, place = answers(path), whole.find(searched)
    while place >= 0:
        damaged = bytearray(whole)
        damaged[place + len(searched) - 1] ^= 1
        path.write_bytes(damaged)
        refused += require_true(path, true)
        for _ in range(step):
            place = whole.find(searched, place + 1) if place >= 0 else place
    assert refused
