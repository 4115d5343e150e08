"""The rules of docs/commands.md for exit statuses, defaults, paths and times, held by each command."""

import json
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.publishing.releases import release
from verifier.cli import settings
from verifier.core.errors import ConfigurationError
from verifier.trust.load import load_policy

pytestmark = pytest.mark.usefixtures("place", "files")
PLACE = ("--resource-uri", "https://a.example/b")
BUNDLE = ("bundle", "authz.tar.gz", "--policy", "trust.toml", "--name", "authz")
ARTIFACT = ("artifact", "app.txt", "--key", "release.pub", "--attestation", "app.intoto.jsonl")
VERDICT = ("verdict", "authz.vsa.json", "--policy", "trust.toml", "--subject", "authz.tar.gz", *PLACE)
PRELOAD = ("preload", *BUNDLE[1:], "--verdict", "authz.vsa.json", *PLACE)
SERVE = ("serve", "--policy", "trust.toml", "--upstream", "authz.tar.gz", "--name", "authz", "--check")
SIGN = ("sign", "artifact", "app.txt", "--key", "release", "--out", "new.json")
PREDICATE = ("--type", "cyclonedx", "--predicate", "sbom.json")
ATTEST = ("attest", "app.txt", *PREDICATE, "--key", "release", "--out", "new.json")
COMMANDS = {each[0]: each for each in (BUNDLE, ARTIFACT, VERDICT, PRELOAD, SERVE, SIGN, ATTEST)}


@pytest.fixture
def files(place):
    release("1.0.0")
    (place / "app.txt").write_text("app")
    (place / "sbom.json").write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}))
    assert run("sign", "artifact", "app.txt", "--key", "release", "--out", "app.intoto.jsonl").status == 0
    verdict = ("--verdict-out", "authz.vsa.json", "--signing-key", "ci", "--resource-uri", "https://a.example/b")
    assert run(*BUNDLE, *verdict).status == 0
    assert run("ledger", "init").status == 0


def said(command, old, new):
    assert old in COMMANDS[command]
    return [new if each == old else each for each in COMMANDS[command]]


class TestExitStatus:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_all_is_well(self, command):
        answer = run(*COMMANDS[command])
        assert answer.status == 0, answer.out + answer.err

    @pytest.mark.parametrize(
        ("command", "missing"),
        [
            ("bundle", "authz.tar.gz"),
            ("artifact", "app.txt"),
            ("artifact", "app.intoto.jsonl"),
            ("verdict", "authz.vsa.json"),
            ("preload", "authz.tar.gz"),
            ("preload", "authz.vsa.json"),
            ("sign", "app.txt"),
            ("attest", "app.txt"),
        ],
    )
    def test_what_is_asked_about_or_proves_it_and_is_not_there_is_3(self, command, missing):
        answer = run(*said(command, missing, f"no-{missing}"))
        assert answer.status == 3, answer.out + answer.err

    @pytest.mark.parametrize(
        ("command", "missing"),
        [
            ("bundle", "trust.toml"),
            ("artifact", "release.pub"),
            ("verdict", "trust.toml"),
            ("preload", "trust.toml"),
            ("serve", "trust.toml"),
            ("sign", "release"),
            ("attest", "release"),
        ],
    )
    def test_what_says_how_and_is_not_there_is_2(self, command, missing):
        answer = run(*said(command, missing, f"no-{missing}"))
        assert (answer.status, answer.out) == (2, ""), answer.out + answer.err

    @pytest.mark.parametrize("command", ["bundle", "preload", "serve"])
    def test_a_ledger_that_is_not_there_is_3(self, command):
        answer = run(*COMMANDS[command], *(("--record",) if command == "bundle" else ()), "--ledger", "sqlite:no.db")
        assert answer.status == 3, answer.out + answer.err
        assert not Path("no.db").exists()

    @pytest.mark.parametrize(
        ("command", "given", "instead"),
        [
            ("bundle", "authz.tar.gz", "app.txt"),
            ("artifact", "app.txt", "sbom.json"),
            ("verdict", "authz.vsa.json", "app.intoto.jsonl"),
            ("preload", "authz.vsa.json", "app.intoto.jsonl"),
        ],
    )
    def test_what_was_read_and_does_not_count_is_1(self, command, given, instead):
        answer = run(*said(command, given, instead))
        assert answer.status == 1, answer.out + answer.err

    def test_a_predicate_that_is_none_is_2(self):
        answer = run(*said("attest", "sbom.json", "app.txt"))
        assert (answer.status, "--predicate" in answer.err) == (2, True)


class TestDefaults:
    @pytest.mark.parametrize("command", ["bundle", "artifact", "verdict"])
    def test_looking_records_nothing(self, command):
        assert run(*COMMANDS[command]).status == 0
        assert "nothing has happened" in run("ledger", "history").err

    def test_putting_to_use_records(self):
        assert run(*PRELOAD).status == 0
        assert "accepted" in run("ledger", "history").out

    def test_putting_to_use_records_nothing_where_it_is_a_trial(self):
        assert run(*PRELOAD, "--no-record").status == 0
        assert "nothing has happened" in run("ledger", "history").err

    def test_without_one_it_is_the_users_ledger(self, place):
        assert str(place / "ledger.db") in run(*SERVE).out
        assert settings.default_ledger_path() == place / "ledger.db"

    @pytest.mark.parametrize("command", COMMANDS)
    def test_an_option_given_twice_is_refused(self, command):
        option = "--now" if command in {"artifact", "verdict", "sign"} else "--name"
        value = "2026-07-01T12:00:00Z" if option == "--now" else "authz"
        more = (option, value) if option in COMMANDS[command] else (option, value, option, value)
        answer = run(*COMMANDS[command], *more)
        assert (answer.status, "more than once" in answer.err) == (2, True), answer.err


class TestPaths:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_an_empty_one_is_a_mistake(self, command):
        first, *rest = COMMANDS[command][1:]
        line = (command, first, "", *rest[1:]) if command in {"sign", "serve"} else (command, "", *rest)
        answer = run(*line)
        assert (answer.status, answer.out, "is empty" in answer.err) == (2, "", True)

    def test_those_of_a_policy_begin_at_its_folder(self, place, monkeypatch):
        (place / "elsewhere").mkdir()
        monkeypatch.chdir(place / "elsewhere")
        assert run("trust", "check", "../trust.toml").status == 0

    def test_the_library_takes_text_and_a_path(self):
        assert load_policy("trust.toml") == load_policy(Path("trust.toml"))
        with pytest.raises(ConfigurationError):
            load_policy("no.toml")

    @pytest.mark.parametrize("command", ["bundle", "artifact", "preload"])
    def test_a_resource_is_a_uri(self, command):
        line = [each for each in COMMANDS[command] if each not in {"--resource-uri", "https://a.example/b"}]
        answer = run(*line, "--resource-uri", "authz")
        assert (answer.status, "--resource-uri: must be a URI" in answer.err) == (2, True)


class TestTimes:
    @pytest.mark.parametrize("command", [each for each in COMMANDS if each not in {"serve", "attest"}])
    @pytest.mark.parametrize("text", ["yesterday", "2026-07-01", "2026-07-01T12:00:00", "1782900000", "90d"])
    def test_an_instant_has_its_offset(self, command, text):
        answer = run(*COMMANDS[command], "--now", text)
        assert (answer.status, answer.out) == (2, "")
        assert "--now 2026-07-01T12:00:00Z" in answer.err

    @pytest.mark.parametrize("text", ["90", "1y", "d", "-1d", "1.5h", "90 d"])
    def test_a_duration_has_its_unit(self, text):
        answer = run(*BUNDLE, "--verdict-out", "new.json", "--signing-key", "ci", f"--verdict-expires={text}")
        assert (answer.status, "--verdict-expires 30d" in answer.err) == (2, True)
