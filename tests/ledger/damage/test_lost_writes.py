"""Pages that never came to the disk: each stands there as it was before the last acceptances, whole and outdated."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.support.ledgers.damaged import FIRST, LAST, LEAF_OF_INDEX, PAGE, QUESTIONS, decided, filled
from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import at
from verifier.ledger.sqlite.store import open_ledger

DENIED = "known content under another version"


@pytest.fixture(scope="module")
def copies(tmp_path_factory) -> tuple[bytes, bytes]:
    """The file when the content was not known yet by its version, and as it is."""
    folder = tmp_path_factory.mktemp("copies")
    older = filled(folder / "older.db", range(FIRST, LAST - 2))
    return older, filled(folder / "newer.db", range(FIRST, LAST + 1))


def pages(older: bytes, newer: bytes) -> list[int]:
    """Pages of both that differ."""
    return [at for at in range(PAGE, len(older), PAGE) if older[at : at + PAGE] != newer[at : at + PAGE]]


def with_older(newer: bytes, older: bytes, *places: int) -> bytes:
    lost = bytearray(newer)
    for place in places:
        lost[place : place + PAGE] = older[place : place + PAGE]
    return bytes(lost)


def test_an_outdated_page_accepts_nothing_more(copies, tmp_path):
    older, newer = copies
    asked, path, met = QUESTIONS[DENIED], tmp_path / "ledger.db", 0
    for place in pages(older, newer):
        path.write_bytes(with_older(newer, older, place))
        answer = decided(path, asked, at())
        assert not answer, place
        met += answer is None
    assert met


def test_two_trees_that_have_both_lost_their_last_writes_are_found_on_opening(tmp_path):
    """No name that both have lost is found by either: the newest events are looked for in all that they belong to."""
    path = tmp_path / "ledger.db"
    older = filled(path, range(1, 300), ["bundle:one"])
    path.unlink()
    newer = filled(path, range(1, 301), ["bundle:one"])
    named = [at for at in pages(older, newer) if newer[at] == LEAF_OF_INDEX and b"bundle:one" in newer[at : at + PAGE]]
    assert len(named) >= len(("scope", "history_of_scope", "history_of_moves", "history_of_content", "its second"))
    for pair in combinations(named, 2):
        path.write_bytes(with_older(newer, older, *pair))
        with refused("ledger.corrupt"):
            open_ledger(path)
