"""One changed byte anywhere in a ledger's file: what is decided upon it is what the whole file says, or a refusal."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.ledgers.damaged import (
    ACCEPTED,
    FIRST,
    LAST,
    LEAF_OF_INDEX,
    PAGE,
    QUESTIONS,
    SCOPE,
    content,
    decided,
    filled,
)
from tests.support.ledgers.files import exported
from tests.support.ledgers.samples import at
from verifier.core.errors import Refused

MANY = 300
"""Events that take more pages than are looked at in any case."""
PAGE_HEADER = 12
"""Bytes: the kind of page, its first free block, how many cells it has and where they begin, its rightmost child."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    """A ledger whose tables and indexes all have several pages."""
    return filled(tmp_path_factory.mktemp("whole") / "ledger.db", range(FIRST, LAST + 1))


@pytest.fixture(scope="module")
def said(whole, tmp_path_factory) -> str:
    """What it exports."""
    path = tmp_path_factory.mktemp("said") / "ledger.db"
    path.write_bytes(whole)
    return exported(path)


def require_no_more(path: Path, damaged: bytes, place: int) -> int:
    """Each question, asked of a damaged file: nothing is accepted that the whole one denies. How many are refused."""
    refused = 0
    for question, asked in QUESTIONS.items():
        path.write_bytes(damaged)
        answer = decided(path, asked, at())
        assert not answer or question in ACCEPTED, f"{question} is accepted with a changed byte at {place}"
        refused += answer is None
    return refused


def require_found(path: Path, damaged: bytes, said: str) -> bool:
    """Who looks at all of a damaged file finds that, or it says what it `said`. Whether it was found."""
    path.write_bytes(damaged)
    try:
        says = exported(path)
    except Refused as refusal:
        says = refusal.reasons[0].code
    assert says == said or says.startswith("ledger.")
    return says != said


def test_of_the_whole_file_each_question_has_its_answer(whole, tmp_path):
    for question, asked in QUESTIONS.items():
        (tmp_path / "ledger.db").write_bytes(whole)
        assert decided(tmp_path / "ledger.db", asked, at()) is (question in ACCEPTED), question


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_byte_anywhere_accepts_nothing_more_and_is_found(whole, said, tmp_path, seed):
    chance, found = random.Random(seed), 0  # noqa: S311 - places, no secrets
    for _ in range(60):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole))
        damaged[place] ^= chance.randrange(1, 256)
        require_no_more(tmp_path / "ledger.db", bytes(damaged), place)
        found += require_found(tmp_path / "ledger.db", bytes(damaged), said)
    assert found > 20


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_byte_where_pages_say_what_they_hold_accepts_nothing_more(whole, tmp_path, seed):
    """The heads of pages and the cell pointers after them: what leads a search astray."""
    chance, refused = random.Random(seed), 0  # noqa: S311 - places, no secrets
    for _ in range(60):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole) // PAGE) * PAGE + chance.randrange(PAGE_HEADER + 80)
        damaged[place] ^= 1 << chance.randrange(8)
        refused += require_no_more(tmp_path / "ledger.db", bytes(damaged), place)
    assert refused


def test_a_page_that_has_lost_its_cells_accepts_nothing_more(whole, tmp_path):
    """Each page in turn, as if it had one cell alone: what stood there is not found any more."""
    refused = 0
    for page in range(1, len(whole) // PAGE):
        damaged = bytearray(whole)
        count = page * PAGE + 3
        if int.from_bytes(damaged[count : count + 2]) < 2:
            continue
        damaged[count : count + 2] = b"\0\x01"
        refused += require_no_more(tmp_path / "ledger.db", bytes(damaged), count)
    assert refused


@pytest.mark.parametrize(
    "searched", [SCOPE.encode(), QUESTIONS["known content under another version"].digest.value[:16].encode()]
)
def test_what_has_another_name_now_is_not_taken_for_new(whole, tmp_path, searched):
    """Each place at which the scope, or the content, is named."""
    place, refused = whole.find(searched), 0
    while place >= 0:
        damaged = bytearray(whole)
        damaged[place + len(searched) - 1] ^= 1
        refused += require_no_more(tmp_path / "ledger.db", bytes(damaged), place)
        place = whole.find(searched, place + 1)
    assert refused


def test_a_pointer_to_an_older_row_of_the_scope_accepts_nothing_more(tmp_path):
    """What was replaced may lie in its page still, as true as its event: repeated, it would seem to stand."""
    path = tmp_path / "ledger.db"
    older = filled(path, range(1, MANY), [SCOPE])
    path.unlink()
    damaged = bytearray(filled(path, range(1, MANY + 1), [SCOPE]))
    row = row_of(older)
    pointer, start = pointer_to_row(damaged)
    begins = 8 + 2 * int.from_bytes(damaged[start + 3 : start + 5])
    assert len(row) <= int.from_bytes(damaged[start + 5 : start + 7]) - begins, "it fits where nothing is"
    damaged[start + begins : start + begins + len(row)] = row
    damaged[pointer : pointer + 2] = begins.to_bytes(2)
    path.write_bytes(damaged)
    assert not decided(path, content(SCOPE, MANY - 1), at())


def pointer_to_row(whole: bytes) -> tuple[int, int]:
    """Where the file points to the scope's row, and where that page starts."""
    for start in range(PAGE, len(whole), PAGE):
        page = whole[start : start + PAGE]
        if page[0] == LEAF_OF_INDEX and b'"quarantinedDigests"' in page:
            for place in range(8, 8 + 2 * int.from_bytes(page[3:5]), 2):
                cell = int.from_bytes(page[place : place + 2])
                if page.find(SCOPE.encode(), cell, cell + 20) >= 0:
                    return start + place, start
    raise AssertionError("the row of the scope is in no leaf")


def row_of(whole: bytes) -> bytes:
    """The cell of the scope's row: the length of what follows, in two bytes of seven bits, and that."""
    pointer, start = pointer_to_row(whole)
    cell = start + int.from_bytes(whole[pointer : pointer + 2])
    return bytes(whole[cell : cell + 2 + ((whole[cell] & 0x7F) << 7 | whole[cell + 1])])
