"""Help: under headings, whole at every width, with examples that can be typed."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.exceptions import TyperException

from tests.support.command import run
from verifier.cli.app import HEADINGS as LISTED
from verifier.cli.app import command_line
from verifier.cli.help import headings
from verifier.cli.help.catalogue import catalogue, parsed
from verifier.cli.help.examples import EXAMPLES, ROOT
from verifier.cli.help.page import Page, Section, continued, render
from verifier.cli.help.sentence import first_sentence
from verifier.cli.spread import parameters_of
from verifier.cli.typed.command import Command, Group

PATHS = tuple(catalogue())


def everything():
    """Every command by the words behind `verify`."""
    pending = [("", typer.main.get_command(command_line()))]
    while pending:
        path, command = pending.pop()
        if path:
            yield path, command
        pending += [(f"{path} {name}".strip(), child) for name, child in getattr(command, "commands", {}).items()]


TREE = dict(everything())


def shown(monkeypatch, columns, *words):
    monkeypatch.setenv("COLUMNS", str(columns))
    answer = run(*words, "--help")
    assert (answer.status, answer.err) == (0, "")
    return answer.out.splitlines()


def titles(lines):
    return [line[:-1] for line in lines if re.fullmatch(r"[A-Z][^:]*:", line)]


@pytest.mark.parametrize("path", ["", *PATHS])
@pytest.mark.parametrize("columns", [80, 60, 40])
def test_no_line_is_wider_than_the_terminal_but_for_a_word_that_is(monkeypatch, columns, path):
    for line in shown(monkeypatch, columns, *path.split()):
        assert len(line) <= columns or len(line.split()) <= 2, line


@pytest.mark.parametrize("columns", ["", "0", "-1", "x", "20", "10000"])
def test_a_width_that_is_none_or_not_fit_is_one_that_can_be_read(monkeypatch, columns):
    lines = shown(monkeypatch, columns, "bundle")
    assert 40 <= max(map(len, lines)) <= 100


@pytest.mark.parametrize("path", PATHS)
def test_headings_have_one_order_in_every_command(monkeypatch, path):
    found = [title for title in titles(shown(monkeypatch, 80, *path.split())) if title in headings.HEADINGS]
    assert found == [title for title in headings.HEADINGS if title in found]


def test_every_option_stands_under_a_heading_that_is_known():
    for path, command in TREE.items():
        for title, _ in headings.under_headings(parameters_of(command.callback)):
            assert title in headings.HEADINGS, f"{path}: {title}"


@pytest.mark.parametrize("command", ["bundle", "image", "artifact"])
def test_what_everybody_types_stands_before_what_is_rare(monkeypatch, command):
    text = "\n".join(shown(monkeypatch, 80, command))
    first = "FILE" if command == "artifact" else "REF"
    places = [text.index(f"  {word}") for word in (f"{first}...", "--policy ", "--ledger ", "--output ")]
    assert places == sorted(places)
    assert text.index("--output") < text.index("Rarely needed:") < text.index("--now ")


def test_what_has_to_be_given_is_never_rare():
    for path, command in TREE.items():
        for title, found in headings.under_headings(parameters_of(command.callback)):
            assert title != "Rarely needed" or not any(each.required for each in found), path


def test_every_command_is_one_of_ours():
    assert [path for path, command in TREE.items() if not isinstance(command, Command | Group)] == []


def test_the_list_of_commands_says_what_they_say_themselves(monkeypatch):
    text = " ".join(" ".join(shown(monkeypatch, 80)).split())
    for name, command in TREE.items():
        if " " not in name:
            assert f"{name} {first_sentence(command.help)}" in text
    assert titles(shown(monkeypatch, 80))[: len(LISTED)] == list(LISTED)


def test_what_is_written_down_of_them_is_what_they_are():
    from tools.commands_tree import commands_tree  # noqa: PLC0415

    assert parsed(commands_tree()) == catalogue(), "run `make docs`"


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_an_example(monkeypatch, path):
    lines = shown(monkeypatch, 80, *path.split())
    assert EXAMPLES.get(path)
    first = lines.index("Example:" if len(EXAMPLES[path]) == 1 else "Examples:")
    text = " ".join(" ".join(line.removesuffix("\\") for line in lines[first + 1 :]).split())
    assert all(example in text for example in EXAMPLES[path])


@pytest.mark.parametrize(
    ("path", "example"), [(path, each) for path in (*EXAMPLES, "") for each in (EXAMPLES.get(path) or ROOT)]
)
def test_every_example_can_be_typed(path, example):
    words = shlex.split(example.partition(" > ")[0])
    assert words[0] == "verify"
    assert words[1 : 1 + len(path.split())] == path.split()
    command, rest = typer.main.get_command(command_line()), words[1:]
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    command = getattr(command, "unnamed", lambda: command)()
    with command.make_context(example, rest):
        pass


def test_an_example_that_cannot_be_typed_would_be_found():
    with pytest.raises(TyperException):
        test_every_example_can_be_typed("bundle", "verify bundle authz.tar.gz --polcy trust.toml")


def test_an_example_that_is_too_wide_can_be_pasted_and_keeps_options_with_their_values():
    example = "verify bundle authz.tar.gz --policy trust.toml --record --output sarif=report.sarif"
    for width in range(40, 90):
        lines = continued(example, width)
        assert max(map(len, lines)) <= width
        assert shlex.split("\n".join(lines).replace("\\\n", "")) == example.split()
        assert not any(line.split()[-2:-1] == ["--output"] for line in lines if line.endswith("\\"))


def test_every_option_of_every_page_is_described():
    undescribed = [(path, each.flags) for path, known in catalogue().items() for each in known.taken if not each.says]
    assert undescribed == []


def test_every_command_says_that_variables_stand_for_options(monkeypatch):
    assert shown(monkeypatch, 100, "sbom", "diff")[-1].endswith("as in VERIFY_FAIL_ON for --fail-on.")


def test_a_page_has_room_for_names_and_texts():
    rows = (("--a FILE", "What it is."), ("--a-very-long-option-of-its-own FILE", "word " * 20), ("--x", ""))
    text = render(Page(usage="verify x", text="One.\n\nTwo.", sections=(Section("Options", rows),)), 60)
    assert "\n  --a FILE  What it is.\n" in text
    assert "\n  --a-very-long-option-of-its-own FILE\n            word word" in text
    assert text.endswith("\n  --x")


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("help",), ("--help",)),
        (("help", "ledger"), ("ledger", "--help")),
        (("help", "ledger", "floor"), ("ledger", "floor", "--help")),
        (("ledger", "help"), ("ledger", "--help")),
        (("ledger", "floor", "help"), ("ledger", "floor", "--help")),
        (("bundle", "help"), ("bundle", "-h")),
        (("audit", "help"), ("audit", "--help")),
        (("-v",), ("--version",)),
        (("-V",), ("version",)),
        (("--verbose",), ("--version",)),
        (("help", "help"), ("help", "--help")),
    ],
)
def test_help_and_version_are_had_as_people_ask_for_them(words, same):
    answer = run(*words)
    assert answer.status == 0
    assert answer == run(*same)


def test_a_file_that_is_called_help_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("explain", "help").status == 0
    Path("help").write_text("x")
    assert run("bundle", "help").status == 2


@pytest.mark.parametrize("words", [("help", "nonsense"), ("help", "ledger", "nonsense"), ("help", "--nonsense")])
def test_help_of_what_is_none_is_a_mistake(words):
    answer = run(*words)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: No such ")


def test_the_version_as_json():
    assert run("version", "--format", "json").report["name"] == "verify"


@pytest.mark.parametrize("words", [("-q", "bundle", "x"), ("-v", "ledger", "show"), ("--quiet", "explain")])
def test_quiet_and_verbose_before_a_command_are_its_own(words):
    from verifier.cli.typed.words import as_meant  # noqa: PLC0415

    path = 2 if words[1] == "ledger" else 1
    assert as_meant(words) == [*words[1 : 1 + path], words[0], *words[1 + path :]]
