"""Every option by environment: one rule for all of them, and nothing of it silent."""

import ast
import os
import re
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.places import ROOT
from tests.support.publishing.releases import release
from verifier.cli.app import command_of
from verifier.cli.help.catalogue import catalogue
from verifier.cli.help.headings import RARE
from verifier.cli.options.option import option
from verifier.cli.spread import parameters_of
from verifier.cli.typed import remarks
from verifier.cli.typed.environment import OWN, Environment
from verifier.cli.typed.plain import plain

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def bundle(place):
    """A release, signed before any variable is set."""
    return release("1.0.0")


HOOK = parameters_of(command_of("preload"))
OPTIONS = [(path, each) for path, known in catalogue().items() for each in known.taken if each.flags]


@pytest.mark.parametrize(
    ("flags", "variables"),
    [
        ("--policy", ("VERIFY_POLICY",)),
        ("-q --quiet", ("VERIFY_QUIET",)),
        ("--record/--no-record", ("VERIFY_RECORD",)),
        ("--cert-identity --certificate-identity", ("VERIFY_CERT_IDENTITY", "VERIFY_CERTIFICATE_IDENTITY")),
    ],
)
def test_the_variable_is_the_long_name_in_capitals(flags, variables):
    assert option(flags, "", default=None).variables == variables


def test_every_option_of_every_command_has_one_and_none_is_our_own():
    assert [(path, each.flags) for path, each in OPTIONS if not each.variables] == []
    assert OWN.isdisjoint(name for _, each in OPTIONS for name in each.variables)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("VERIFY_POLICY", "trust.toml"), ("VERIFY_KEY", "stranger.pub"), ("VERIFY_LEDGER", "sqlite:fresh.db")],
)
def test_a_variable_that_decides_is_said_by_name_alone(monkeypatch, bundle, variable, value):
    monkeypatch.setenv(variable, value)
    answer = run("bundle", bundle)
    assert f"verify: from the environment, and it decides: {variable}\n" in answer.err
    assert "may weaken a check" not in answer.err


def test_a_variable_is_as_if_it_was_typed(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_POLICY", "trust.toml")
    monkeypatch.setenv("VERIFY_NAME", "authz")
    monkeypatch.setenv("VERIFY_FORMAT", "json")
    answer = run("bundle", bundle)
    assert (answer.status, answer.report["artifact"]["name"]) == (0, "authz")


def test_what_is_typed_counts_whatever_the_variable_says(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_POLICY", "nowhere.toml")
    monkeypatch.setenv("VERIFY_FORMAT", "nonsense")
    assert ask("bundle", bundle, "--policy=trust.toml", "--name", "authz").status == 0


def test_an_empty_variable_is_none(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_POLICY", "")
    assert ask("bundle", bundle, "--key", "release.pub").status == 0


def test_each_line_of_a_variable_is_a_value_of_a_repeatable_option(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_KEY", "release.pub\n  ci.pub\r\n\n")
    assert ask("bundle", bundle).status == 0
    monkeypatch.setenv("VERIFY_KEY", "release.pub ci.pub")
    answer = run("bundle", bundle)
    assert (answer.status, "VERIFY_KEY (--key)" in answer.err) == (2, True)


def test_typed_values_take_the_place_of_all_lines(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_KEY", "release.pub\nnowhere.pub")
    assert ask("bundle", bundle, "--key", "release.pub").status == 0


@pytest.mark.parametrize("said", ["1", "true", "YES", " yes "])
def test_a_switch_is_turned_on(monkeypatch, said, place, bundle):
    run("ledger", "init")
    monkeypatch.setenv("VERIFY_RECORD", said)
    assert ask("bundle", bundle, "--policy", "trust.toml", "--name", "authz").status == 0
    assert "1 scopes, 1 events" in run("ledger", "show").err


@pytest.mark.parametrize("said", ["0", "false", "No"])
def test_a_switch_is_turned_off_and_that_is_said_where_it_weakens(monkeypatch, said, bundle):
    monkeypatch.setenv("VERIFY_RECORD", said)
    answer = run("preload", "a", "--verdict", "v", "--policy", "trust.toml", "--ledger", "sqlite:none.db")
    assert f"from the environment, and it may weaken a check: VERIFY_RECORD={said}" in answer.err
    assert run("bundle", bundle, "--key", "release.pub").err == ""


@pytest.mark.parametrize("said", ["on", "2", "maybe", "\x1b[2J", "1\n0", "tru"])
def test_a_switch_that_is_neither_is_refused_by_its_variable(monkeypatch, said, bundle):
    monkeypatch.setenv("VERIFY_RECORD", said)
    answer = run("bundle", bundle, "--key", "release.pub")
    assert answer.status == 2
    assert answer.err.startswith("verify: error: VERIFY_RECORD: must be 1, true or yes, or 0, false or no")
    assert "\x1b" not in answer.err


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("VERIFY_FORMAT", "jsn", "VERIFY_FORMAT: Invalid value for '--format'"),
        ("VERIFY_THRESHOLD", "many", "VERIFY_THRESHOLD: Invalid value for '--threshold'"),
        ("VERIFY_NOW", "yesterday", "VERIFY_NOW (--now): "),
        ("VERIFY_OUTPUT", "nonsense", "VERIFY_OUTPUT (--output): "),
        ("VERIFY_VERIFIER_ID", "https://v.example", "VERIFY_VERIFIER_ID"),
        ("VERIFY_SIGNING_KEY", "release", "VERIFY_SIGNING_KEY (--signing-key)"),
    ],
)
def test_an_error_in_a_value_names_the_variable(monkeypatch, variable, value, said, bundle):
    monkeypatch.setenv(variable, value)
    more = ("--verdict-out", "v.json") if variable == "VERIFY_VERIFIER_ID" else ()
    answer = run("bundle", bundle, "--key", "release.pub", *more)
    assert (answer.status, said in answer.err) == (2, True)


def test_an_error_elsewhere_names_what_came_from_the_environment(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_POLICY", "nowhere.toml")
    answer = run("bundle", bundle, "--name", "authz")
    assert (answer.status, "VERIFY_POLICY" in answer.err) == (2, True)


def test_a_required_option_may_come_from_a_variable(monkeypatch):
    monkeypatch.setenv("VERIFY_REASON", "CVE-2026-1")
    run("ledger", "init")
    assert run("ledger", "quarantine", "bundle:authz", "--from", "1.0.0", "--to", "1.0.0", "--new-scope").status == 0


def test_two_names_of_one_option_have_to_say_the_same(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_CERT_IDENTITY", "a@acme.example")
    monkeypatch.setenv("VERIFY_CERTIFICATE_IDENTITY", "b@acme.example")
    answer = run("bundle", bundle)
    assert (answer.status, "VERIFY_CERT_IDENTITY, VERIFY_CERTIFICATE_IDENTITY" in answer.err) == (2, True)


def test_the_old_variable_of_the_ledger_is_refused_and_told_what_replaces_it(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_LEDGER_FILE", "ledger.db")
    answer = run("bundle", bundle, "--key", "release.pub")
    assert (answer.status, "VERIFY_LEDGER_FILE: is no variable any more" in answer.err) == (2, True)
    assert "VERIFY_LEDGER" in answer.err.splitlines()[1]
    assert run("explain", "version.rollback").status == 0


def test_a_variable_that_no_option_has_is_said_once_with_what_is_near(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_POLCY", "trust.toml")
    answer = run("bundle", bundle, "--key", "release.pub")
    assert answer.status == 0
    assert answer.err == "verify: warning: VERIFY_POLCY is set, and no option has it: did you mean VERIFY_POLICY?\n"


def test_one_of_another_command_is_not_said(monkeypatch):
    monkeypatch.setenv("VERIFY_POLICY", "trust.toml")
    monkeypatch.setenv("VERIFY_DEBUG", "1")
    assert run("explain", "version.rollback").err == ""


def test_very_many_of_them_are_counted(monkeypatch):
    for number in range(40):
        monkeypatch.setenv(f"VERIFY_{'X' * 300}{number}", "x")
    lines = run("explain", "version.rollback").err.splitlines()
    assert (len(lines), lines[-1].startswith("verify: warning: and 32 more")) == (9, True)
    assert max(map(len, lines)) < 200


@pytest.mark.parametrize(
    ("variable", "value"), [("VERIFY_NOW", "2026-11-21T12:00:00Z"), ("VERIFY_TRUSTED_ROOT", "staging")]
)
def test_what_makes_a_check_weaker_is_said(monkeypatch, variable, value, bundle):
    monkeypatch.setenv(variable, value)
    answer = run("bundle", bundle, "--key", "release.pub")
    assert f"verify: from the environment, and it may weaken a check: {variable}={value}" in answer.err


def test_so_is_what_is_about_one_artifact(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_NAME", "authz")
    answer = run("bundle", bundle, "--key", "release.pub")
    assert answer.err == "verify: from the environment, and it is about one artifact: VERIFY_NAME=authz\n"


def test_what_is_said_of_a_variable_holds_no_secret(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_RESOURCE_URI", "https://user:geheim@acme.example/x")
    assert "geheim" not in run("bundle", bundle, "--key", "release.pub").err


@pytest.mark.parametrize("value", ["--record", "-x", "a\n--record", "$(touch pwned)", "`touch pwned`", "a b", "'"])
def test_no_value_is_taken_for_an_option_or_a_command(monkeypatch, place, value, bundle):
    monkeypatch.setenv("VERIFY_POLICY", value)
    answer = run("bundle", bundle)
    assert (answer.status, "VERIFY_POLICY" in answer.err) == (2, True)
    assert not (place / "ledger.db").exists()
    assert not (place / "pwned").exists()


@pytest.mark.parametrize(
    "name", [b"VERIFY_\x1b[2J", b"VERIFY_\xff\xfe", "VERIFY_\u202ecba".encode(), b"VERIFY_", b"VERIFY_A B"]
)
def test_names_and_values_of_any_bytes_are_shown_harmless(monkeypatch, bundle, name):
    monkeypatch.setitem(os.environ, os.fsdecode(name), os.fsdecode(b"\xff\x1b[2J"))
    monkeypatch.setenv("VERIFY_NAME", os.fsdecode(b"a\xff\x1b[2J"))
    answer = run("bundle", bundle, "--key", "release.pub")
    assert answer.status in (0, 1, 2)
    assert "no option has it" in answer.err
    assert (answer.err + answer.out).replace("\n", "").isprintable()


def test_a_value_of_a_mebibyte_is_not_repeated(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_NAME", "x" * 1_000_000)
    monkeypatch.setenv("VERIFY_RECORD", "1" * 1_000_000)
    answer = run("bundle", bundle, "--key", "release.pub")
    assert (answer.status, len(answer.err) < 1_000) == (2, True)


def test_the_command_that_need_not_be_named_takes_variables_too(monkeypatch):
    monkeypatch.setenv("VERIFY_DB", "nowhere.db")
    monkeypatch.setenv("VERIFY_FAIL_ON", "nonsense")
    answer = run("audit", "trust.toml")
    assert (answer.status, "VERIFY_FAIL_ON" in answer.err) == (2, True)


def test_help_is_shown_whatever_is_set(monkeypatch):
    monkeypatch.setenv("VERIFY_RECORD", "nonsense")
    monkeypatch.setenv("VERIFY_LEDGER_FILE", "x")
    answer = run("bundle", "--help")
    assert (answer.status, answer.err) == (0, "")


class TestTheHook:
    def test_its_plain_line_takes_variables_as_the_others_do(self):
        environment = Environment({"VERIFY_POLICY": "trust.toml", "VERIFY_LEVEL": "A\nB", "VERIFY_RECORD": "no"})
        given = plain(HOOK, ["a.tar.gz", "--verdict", "v.json"], environment)
        assert (given["policy"], given["level"], given["record"]) == (Path("trust.toml"), ("A", "B"), False)

    def test_and_what_is_typed_counts(self):
        environment = Environment({"VERIFY_POLICY": "other.toml", "VERIFY_LEVEL": "A\nB"})
        words = ["a", "--verdict", "v", "--policy", "trust.toml", "--level", "C"]
        given = plain(HOOK, words, environment)
        assert (given["policy"], given["level"]) == (Path("trust.toml"), ("C",))

    @pytest.mark.parametrize("value", ["-x", "nonsense"])
    def test_a_value_that_is_not_plain_is_left_to_typer(self, value):
        environment = Environment({"VERIFY_FALLBACK": value})
        assert plain(HOOK, ["a", "--verdict", "v", "--policy", "p"], environment) is None

    def test_every_option_of_it_is_read_from_its_variable(self):
        assert len(HOOK) > 12
        for each in HOOK:
            for name in each.said.variables:
                assert name in {name for path, taken in OPTIONS if path == "preload" for name in taken.variables}


def test_what_is_said_aloud_exists():
    flags = {flag for _, each in OPTIONS for flag in each.flags}
    assert (remarks.WEAKENING | remarks.OF_ONE_ARTIFACT) - flags == set()
    assert RARE - flags == set()


def test_no_other_variable_of_this_prefix_is_read():
    read = {
        name
        for path in (ROOT / "verifier").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for name in re.findall(r"\AVERIFY_[A-Z_]+\Z", node.value)
    }
    assert read - OWN - {"VERIFY_LEDGER_FILE"} <= {name for _, each in OPTIONS for name in each.variables} | {"VERIFY_"}
