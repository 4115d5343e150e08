"""Plain lines are read without typer, and come to what typer makes of them: the same groups, or the same refusal."""

from enum import EnumType
from functools import wraps
from itertools import chain
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.exceptions import TyperException

from tests.support.command import run
from verifier.cli.app import COMMANDS, command_of, is_group
from verifier.cli.mistakes.typed import refuse_twice
from verifier.cli.options.parameter import words_of
from verifier.cli.spread import parameters_of, spread
from verifier.cli.typed.command import App
from verifier.cli.typed.environment import Environment
from verifier.cli.typed.plain import plain
from verifier.core.errors import ConfigurationError

NAMES = sorted(name for name in COMMANDS if not is_group(name))
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).filter(lambda text: text[:1] != "-")
FITTING = {"timeout": "5m", "resource_uri": "https://a.example/b"}
HOOK = ["a.tar.gz", "--verdict", "v.json", "--policy", "p.toml"]


def keeping(name):
    """The command of that name, but that it answers with what it was called with."""
    command = command_of(name).__wrapped__

    @wraps(command)
    def kept(**groups):
        return groups

    kept.__kwdefaults__ = command.__kwdefaults__
    return spread(kept, ends="timeout" in {each.name for each in parameters_of(command_of(name))})


KEPT = {name: keeping(name) for name in NAMES}


def read_plainly(name, words, variables):
    """What is read without typer, or what is said of a mistake; None where it is left to typer."""
    command = KEPT[name]
    try:
        chosen = plain(parameters_of(command), words, Environment(variables))
        return None if chosen is None else command(**chosen)
    except ConfigurationError as error:
        return str(error)


def by_typer(name):
    """`verify` with that command, as typer has it."""
    app = App("One of them.")
    app.callback()(lambda: None)
    app.command(name)(KEPT[name])
    return typer.main.get_command(app)


def read_by_typer(name, words, variables):
    """What typer reads, or what is said of a mistake."""
    command = by_typer(name)
    try:
        refuse_twice(command, [name, *words])
        with command.make_context("verify", [name, *words], obj=Environment(variables)) as context:
            return context.command.invoke(context)
    except (TyperException, ConfigurationError) as error:
        return str(error)


def fitting(parameter):
    """A value that the option takes."""
    if parameter.takes is int:
        return str(parameter.said.least or 0)
    return (*words(parameter), FITTING.get(parameter.name, "x"))[0]


def words(parameter):
    """What the option takes, where that is one of a few words."""
    takes = parameter.takes
    return [each.value for each in takes] if isinstance(takes, EnumType) else list(words_of(takes))


def required(name, apart=""):
    """The fewest words that the command runs with, but for the option `apart`."""
    known = [each for each in parameters_of(KEPT[name]) if each.required and each.name != apart]
    return [[*each.said.flags[:1], fitting(each)] for each in known]


@st.composite
def lines(draw):
    """A command, a line that is plain or not quite, and variables."""
    name = draw(st.sampled_from(NAMES))
    known = parameters_of(KEPT[name])
    flags = [flag for each in known for flag in each.said.flags] or ["--none"]
    fixed = sorted({word for each in known if not each.said.switch for word in words(each)})
    values = st.one_of(TEXT, st.sampled_from([*fixed, "-", "--out", "-x", "2", "03", "1e3", "help", "5m"]))
    parts = required(name) if draw(st.integers(0, 9)) else []
    for _ in range(draw(st.integers(0, 5))):
        flag, value = draw(st.sampled_from(flags)), draw(values)
        parts.append(draw(st.sampled_from([[flag], [flag, value], [f"{flag}={value}"], [value]])))
    every = [variable for each in known for variable in each.said.variables] or ["VERIFY_NONE"]
    variables = draw(st.dictionaries(st.sampled_from(every), values, max_size=2))
    return name, list(chain.from_iterable(draw(st.permutations(parts)))), variables


@given(lines())
def test_what_is_read_plainly_is_what_typer_reads(line):
    read = read_plainly(*line)
    if read is not None:
        assert read_by_typer(*line) == read


OPTIONS = [(name, each, flag) for name in NAMES for each in parameters_of(KEPT[name]) for flag in each.said.flags]


@pytest.mark.parametrize(("name", "parameter", "flag"), OPTIONS, ids=[f"{name} {flag}" for name, _, flag in OPTIONS])
def test_every_option_of_every_command_is_plain_by_itself(name, parameter, flag):
    words = [*chain.from_iterable(required(name, parameter.name)), flag]
    words += [] if parameter.said.switch else [fitting(parameter)]
    read = read_plainly(name, words, {})
    assert read is not None
    assert read == read_by_typer(name, words, {})


@pytest.mark.parametrize("name", NAMES)
def test_the_fewest_words_are_plain_and_come_to_groups(name):
    words = list(chain.from_iterable(required(name)))
    read = read_plainly(name, words, {})
    assert isinstance(read, dict)
    assert read == read_by_typer(name, words, {})


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_known_to_both(name):
    params = by_typer(name).commands[name].params
    options = {word for each in params for word in (*each.opts, *each.secondary_opts) if word[0] == "-"}
    assert {flag for each in parameters_of(command_of(name)) for flag in each.said.flags} == options


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        [*HOOK, "--help"],
        [*HOOK, "--out", "-x"],
        [*HOOK, "--out=-x"],
        [*HOOK, "--out"],
        [*HOOK, "--policy", "q.toml"],
        [*HOOK, "--record", "--no-record"],
        [*HOOK, "--", "b"],
        [*HOOK, "--record=1"],
        ["-a.tar.gz", *HOOK[1:]],
        [*HOOK, "--fallback", "FULL"],
        [*HOOK, "--format", "xml"],
        [*HOOK, "--out", "/dev/fd/63"],
        [*HOOK, "-qv"],
        [*HOOK, "--verdic", "v.json"],
        HOOK[:3],
    ],
)
def test_what_is_not_plain_is_left_to_typer(words):
    assert read_plainly("preload", words, {}) is None


@pytest.mark.parametrize("number", ["0", "+1", "1_0", "-1", " 1", "1.0", "\u0661", "9" * 40, "x"])
def test_a_number_out_of_bounds_or_written_otherwise_is_left_to_typer(number):
    assert read_plainly("bundle", ["a.tar.gz", "--threshold", number], {}) is None


def test_a_number_within_bounds_is_read():
    assert read_plainly("bundle", ["a.tar.gz", "--threshold", "2"], {})["signatures"].threshold == 2


def test_everything_that_is_named_is_judged_in_its_order():
    read = read_plainly("bundle", ["a", "--key", "k", "b", "--quiet", "c"], {})
    assert read["artifacts"] == ("a", "b", "c")
    assert read["trust"].key == (Path("k"),)


def test_a_command_and_help_is_its_help_whatever_is_set(monkeypatch):
    for name, value in (("VERDICT", "v"), ("POLICY", "p")):
        monkeypatch.setenv(f"VERIFY_{name}", value)
    for name in ("bundle", "preload"):
        assert run(name, "help").out.startswith(f"Usage: verify {name} ")
