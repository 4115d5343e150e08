"""`verify explain`: every code, in words."""

import pytest

from tests.support.command import run
from verifier.core.reasons.table import CATALOGUE


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_is_explained_with_its_cause_remedy_and_exit_status(code):
    answer = run("explain", code)
    row, text = CATALOGUE[code], " ".join(answer.out.split())
    assert (answer.status, answer.err) == (0, "")
    assert text.startswith(f"{code} ({row.severity.value}): {row.title}")
    assert row.cause in text
    assert row.remedy in text
    assert (row.threat in text) or not row.threat


@pytest.mark.parametrize(
    ("code", "exit_status"),
    [
        ("version.rollback", "1, denied"),
        ("ledger.unavailable", "3, could not decide"),
        ("version.unchecked", "does not deny by itself"),
    ],
)
def test_it_says_what_the_command_exits_with(code, exit_status):
    assert f"exit    {exit_status}" in run("explain", code).out


def test_without_a_code_all_are_listed():
    answer = run("explain")
    assert (answer.status, [line.split()[0] for line in answer.out.splitlines()]) == (0, list(CATALOGUE))


def test_the_first_word_lists_its_codes():
    answer = run("explain", "ledger")
    codes = [line.split()[0] for line in answer.out.splitlines()]
    assert (answer.status, codes) == (0, [code for code in CATALOGUE if code.startswith("ledger.")])


def test_a_misspelt_code_is_2_and_gets_a_suggestion():
    answer = run("explain", "version.rolback")
    assert (answer.status, answer.out) == (2, "")
    assert "Did you mean version.rollback" in answer.err


def test_anything_else_is_2_and_points_to_the_list():
    answer = run("explain", "\x1b[2J")
    assert (answer.status, "whole list" in answer.err) == (2, True)
    assert "\x1b" not in answer.err
