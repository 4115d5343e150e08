"""One changed byte anywhere in a ledger's file: what is decided upon it is what the whole file says, or a refusal."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.ledgers.samples import COUNTING, at, counted
from verifier.core.errors import Refused
from verifier.ledger.advance import Circumstances, consult, record
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.versions.candidate import Candidate

SCOPES = [f"bundle:{number:03}" for number in range(60)]
ROUNDS = 5
PAGE = 4096
PAGE_HEADER = 12
"""Bytes: the kind of page, its first free block, how many cells it has and where they begin, its rightmost child."""


def content(scope: str, number: int) -> Candidate:
    return counted(number, digest=f"{scope} {number}")


QUESTIONS: dict[str, Candidate] = {
    "an older version": content("bundle:031", ROUNDS - 1),
    "what stands": content("bundle:031", ROUNDS),
    "a newer version": content("bundle:031", ROUNDS + 1),
    "known content under another version": counted(ROUNDS + 1, digest=f"bundle:031 {ROUNDS - 2}"),
}
ACCEPTED = {"what stands", "a newer version"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    """A ledger whose tables and indexes all have several pages."""
    path = tmp_path_factory.mktemp("whole") / "ledger.db"
    create_ledger(path)
    with open_ledger(path) as ledger:
        for number in range(1, ROUNDS + 1):
            for scope in SCOPES:
                assert record(ledger, scope, content(scope, number), COUNTING, at()).accepted
    return path.read_bytes()


def decided(path: Path, asked: Candidate, circumstances: Circumstances) -> bool:
    """What a hook decides that opens the ledger for it; what it accepts stands there afterwards."""
    try:
        with open_ledger(path) as ledger:
            if not record(ledger, "bundle:031", asked, COUNTING, circumstances).accepted:
                return False
            consult(ledger, "bundle:031", asked, COUNTING, now=circumstances.now)
        return True
    except Refused as refusal:
        assert refusal.reasons[0].code.startswith("ledger.")
        return False


def require_no_more(path: Path, damaged: bytes, place: int) -> int:
    """Each question, asked of a damaged file: nothing is accepted that the whole one denies. How many are refused."""
    refused = 0
    for question, asked in QUESTIONS.items():
        path.write_bytes(damaged)
        accepted = decided(path, asked, at())
        assert not accepted or question in ACCEPTED, f"{question} is accepted with a changed byte at {place}"
        refused += not accepted and question in ACCEPTED
    return refused


def test_of_the_whole_file_each_question_has_its_answer(whole, tmp_path):
    for question, asked in QUESTIONS.items():
        (tmp_path / "ledger.db").write_bytes(whole)
        assert decided(tmp_path / "ledger.db", asked, at()) == (question in ACCEPTED), question


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_byte_anywhere_accepts_nothing_more(whole, tmp_path, seed):
    chance, refused = random.Random(seed), 0
    for _ in range(60):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole))
        damaged[place] ^= chance.randrange(1, 256)
        refused += require_no_more(tmp_path / "ledger.db", bytes(damaged), place)
    assert refused


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_byte_where_pages_say_what_they_hold_accepts_nothing_more(whole, tmp_path, seed):
    """The heads of pages and the cell pointers after them: what leads a search astray."""
    chance, refused = random.Random(seed), 0
    for _ in range(60):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole) // PAGE) * PAGE + chance.randrange(PAGE_HEADER + 80)
        damaged[place] ^= 1 << chance.randrange(8)
        refused += require_no_more(tmp_path / "ledger.db", bytes(damaged), place)
    assert refused
