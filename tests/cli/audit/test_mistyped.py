"""What people type behind `verify audit` because another tool has it, and what is in its place."""

import pytest

from tests.support.command import run
from verifier.cli.mistakes.audit_words import AUDIT, DATABASE, MISSING

WORDS = [each for each in AUDIT if not each.startswith("-")]
OPTIONS = [each for each in AUDIT if each.startswith("-")]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "requirements.txt").write_text("jinja2==2.10\n")


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_of_another_tool_is_told_what_is_in_its_place(option):
    answer = run("audit", option, "requirements.txt", "--db", "x.db")
    assert answer.status == 2
    assert answer.err.splitlines() == [
        f"verify: error: No such option: {option}",
        f"  {AUDIT[option]}",
        "  Try `verify audit --help`.",
    ]


@pytest.mark.parametrize("word", [*WORDS, "isue", "Import"])
def test_a_word_that_people_take_for_a_command_is_no_target(word):
    answer = run("audit", word, "all.zip", "--db", "x.db")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"verify: error: No such command '{word}'")
    assert AUDIT.get(word.lower(), "Did you mean 'issue'?") in answer.err


def test_a_file_of_such_a_name_is_a_target(tmp_path):
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "requirements.txt").write_text("jinja2==2.10\n")
    assert "scan/requirements.txt" in run("audit", "scan", "--db", "x.db").out


def test_a_target_that_is_not_there_is_one_that_cannot_be_read():
    answer = run("audit", "lockfile", "--db", "x.db")
    assert (answer.status, "input.unreadable" in answer.out) == (3, True)


@pytest.mark.parametrize("word", DATABASE)
def test_a_word_behind_the_database_is_told_what_there_is(word):
    answer = run("audit", "db", word)
    assert answer.status == 2
    assert f"  {DATABASE[word]}\n" in answer.err


@pytest.mark.parametrize("command", ["import", "update", "show"])
def test_a_database_that_is_not_named_is_told_how_it_is(command):
    answer = run("audit", "db", command)
    assert (answer.status, MISSING[f"verify audit db {command}", "--db"] in answer.err) == (2, True)


@pytest.mark.parametrize(("words", "missing"), [([], "--repo"), (["--repo", "a/b"], "--report")])
def test_an_issue_without_what_it_needs_is_told_what_that_is(words, missing):
    answer = run("audit", "issue", *words)
    assert (answer.status, MISSING["verify audit issue", missing] in answer.err) == (2, True)


def test_without_a_database_it_is_said_how_one_is_made():
    for words in ((), ("requirements.txt",)):
        answer = run("audit", *words)
        assert (answer.status, "verify audit db import" in answer.err) == (2, True)


def test_help_shows_what_people_type():
    for words in ((), ("run",)):
        assert run("audit", *words, "--help").out.startswith("Usage: verify audit [TARGET]... [OPTIONS]\n")


def test_nothing_to_audit_is_undecided(tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    answer = run("audit", "--db", "x.db")
    assert (answer.status, "input.empty" in answer.out) == (3, True)


@pytest.mark.parametrize("command", ["bundle", "image", "artifact"])
def test_a_database_that_is_given_to_a_verification_is_called_advisories(command):
    answer = run(command, "x", "--db", "x.db")
    assert (answer.status, "--advisories FILE" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("report", "said"),
    [("sarif", "Write --output sarif=FILE, or --format sarif."), ("sarf=x", "did you mean 'sarif'?")],
)
def test_a_report_without_its_file_is_told_how_it_is_written(report, said):
    answer = run("audit", "requirements.txt", "--db", "x.db", "--output", report)
    assert (answer.status, answer.err.splitlines()[1:]) == (2, [f"  {said}"])
