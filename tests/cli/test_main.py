"""The command as a whole: statuses, streams, help, and what happens when something breaks."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from tests.support.command import Terminal, run
from tests.support.places import ROOT
from verifier.cli.app import COMMANDS, command_line
from verifier.cli.spread import parameters_of
from verifier.core.version import VERSION


def commands():
    """Every command that can be typed, as its words."""
    pending = [((), typer.main.get_command(command_line()))]
    while pending:
        words, command = pending.pop()
        yield words
        pending += [((*words, name), child) for name, child in getattr(command, "commands", {}).items()]


def taken(words):
    """The options and arguments of the command that is called by `words`."""
    command = typer.main.get_command(command_line())
    for word in words:
        command = command.commands[word]
    return parameters_of(command.callback)


def start(*arguments, **options):
    """The command in a process of its own."""
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": options.pop("home", "/nonexistent")}
    return subprocess.Popen(
        [sys.executable, "-m", "verifier", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )


def test_without_arguments_the_help_is_shown_and_the_status_is_2():
    answer = run()
    assert (answer.status, answer.out) == (2, "")
    for name in COMMANDS:
        assert f"  {name} " in answer.err


def test_the_version_is_printed():
    assert run("--version").out.splitlines()[0] == f"verify {VERSION}"


@pytest.mark.parametrize("words", sorted(commands()), ids=lambda words: " ".join(words) or "verify")
def test_every_command_explains_itself_and_every_option(words):
    answer = run(*words, "--help")
    assert (answer.status, answer.err) == (0, "")
    shown = tuple(each for each in words if each != "run")  # `verify audit` need not be followed by it
    assert answer.out.startswith(f"Usage: {' '.join(('verify', *shown))} ")
    words_shown = answer.out.replace(",", " ").split()
    for each in taken(words):
        assert each.said.help
        assert set(each.said.flags) - {flag.rstrip(".") for flag in words_shown} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_the_same_whether_it_is_loaded_alone_or_with_all(name):
    alone, among_all = (typer.main.get_command(command_line(first)) for first in (name, ""))
    assert set(alone.commands) == {name}
    assert alone.commands[name].params == [] or [parameter.name for parameter in alone.commands[name].params] == [
        parameter.name for parameter in among_all.commands[name].params
    ]


@pytest.mark.parametrize("arguments", [["nonsense"], ["bundle"], ["ledger", "nonsense"], ["explain", "--nonsense"]])
def test_wrong_usage_is_2_and_names_the_help(arguments):
    answer = run(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: ")
    assert "--help" in answer.err


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\u202eb", "\x00", "\udcff"])
def test_hostile_arguments_are_shown_harmless(hostile):
    answer = run(hostile)
    assert answer.status == 2
    assert answer.err.replace("\n", "").isprintable()


def broken(monkeypatch):
    """A defect in the middle of a command."""

    def fail(*arguments, **options):
        raise RuntimeError("boom\x1b[2J")

    monkeypatch.setattr(import_module("verifier.cli.commands.explain"), "describe", fail)


def test_a_defect_is_3_and_never_a_traceback(monkeypatch):
    broken(monkeypatch)
    answer = run("explain", "version.rollback")
    assert (answer.status, answer.out) == (3, "")
    assert answer.err.startswith(r"verify: internal.error: RuntimeError: boom\x1b[2J")
    assert "Traceback" not in answer.err
    assert "nothing was accepted" in answer.err


def test_a_defect_is_shown_in_full_to_whoever_asks(monkeypatch):
    broken(monkeypatch)
    monkeypatch.setenv("VERIFY_DEBUG", "1")
    answer = run("explain", "version.rollback")
    assert answer.status == 3
    assert "Traceback" in answer.err


def test_whoever_interrupts_gets_no_answer(monkeypatch, place):
    def interrupted(prompt):
        raise KeyboardInterrupt

    monkeypatch.setattr("getpass.getpass", interrupted)
    monkeypatch.setattr("sys.stdin", Terminal())
    answer = run("key", "generate", "new")
    assert (answer.status, answer.out) == (130, "")
    assert "verify: interrupted" in answer.err
    assert not (place / "new").exists()


def test_a_reader_who_goes_away_is_no_defect():
    process = start("explain")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), err) == (3, "")


@pytest.mark.skipif(sys.platform != "linux", reason="full(4) is Linux's, and must be there")
@pytest.mark.parametrize("arguments", [("explain",), ("explain", "version.rollback"), ("ledger", "--help")])
def test_an_answer_that_cannot_be_written_is_3_and_no_defect(arguments):
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    with Path("/dev/full").open("w") as full:
        finished = subprocess.run(
            [sys.executable, "-m", "verifier", *arguments],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
    assert (finished.returncode, finished.stderr) == (
        3,
        "verify: error: the answer cannot be written: No space left on device\n"
        "  Make room, or write it to another place, and run it again: no answer is no acceptance.\n",
    )


def test_the_module_is_the_command(tmp_path):
    process = start("explain", "version.rollback", cwd=tmp_path)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out.startswith("version.rollback (error)")


def test_one_command_loads_only_what_it_is_about():
    code = "from verifier.cli.main import main; import sys; main(['explain', 'version.rollback']); print(*sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)}
    )
    loaded = set(finished.stdout.split())
    assert not loaded & {"cryptography", "yaml", "regopy", "requests", "in_toto_attestation", "sqlite3"}
