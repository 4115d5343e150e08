"""Names for a shell: of rules, scopes and codes; plain ones, and nothing where nothing can be read."""

import os

import pytest

from tests.support.command import run
from tests.support.publishing.releases import recorded, release

pytestmark = pytest.mark.usefixtures("place")
HOSTILE = ["$(touch pwned)", "`id`", "a'b", 'a\\"b', "a;b", "a b", "a\\nbundle:b", "-x", "\\u001b[2J", "\\u202e", "é"]


def asked(*words):
    answer = run("--complete", *words)
    assert (answer.status, answer.err) == (0, "")
    return answer.out.splitlines()


@pytest.fixture
def rules(place):
    """A policy with rules of every kind, and hostile names."""
    names = [
        "bundle:authz",
        "bundle:authn",
        "bundle:team-*",
        "image:app",
        "artifact:tool",
        *(f"bundle:{n}" for n in HOSTILE),
    ]
    (place / "rules.toml").write_text("".join(f'[artifacts."{name}"]\n' for name in names))
    return "rules.toml"


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("bundle", ["authn", "authz"]),
        ("preload", ["authn", "authz"]),
        ("image", ["app"]),
        ("artifact", ["tool"]),
        ("verdict", ["app", "authn", "authz", "tool"]),
    ],
)
def test_rules_are_those_of_the_commands_kind(rules, command, names):
    assert asked("rule", "", command, "x", "--policy", rules) == names
    assert asked("rule", "", command, f"--policy={rules}") == names
    assert asked("rule", "", command, "--policy", f"'{rules}'") == names


def test_they_go_on_with_what_is_typed(rules):
    assert asked("rule", "authz", "bundle", "--policy", rules) == ["authz"]
    assert asked("rule", "zzz", "bundle", "--policy", rules) == []


def test_the_policy_of_the_environment_is_asked_and_the_typed_one_first(rules, monkeypatch):
    monkeypatch.setenv("VERIFY_POLICY", rules)
    assert asked("rule", "", "image") == ["app"]
    assert asked("rule", "", "bundle", "--policy", "trust.toml") == ["authz"]


@pytest.mark.parametrize(
    "content",
    [b"", b"[[[", b"\xff\xfe", b"artifacts = 3", b"[artifacts]\nx = 1", b"a=" + b"[" * 20_000, b"x" * 2_000_000],
)
def test_a_policy_that_is_none_has_no_names(place, content):
    (place / "broken.toml").write_bytes(content)
    assert [name for name in asked("rule", "", "bundle", "--policy", "broken.toml") if name != "x"] == []


@pytest.mark.parametrize(
    "policy", ["nowhere.toml", ".", "/dev/zero", "pipe", "https://acme.example/x", "~nobody-here/x", "'"]
)
def test_what_is_no_file_is_not_waited_for(place, policy):
    os.mkfifo(place / "pipe")
    assert asked("rule", "", "bundle", "--policy", policy) == []


def test_scopes_are_those_of_the_ledger_that_counts(place, monkeypatch):
    recorded(release("1.0.0"))
    assert asked("scope", "", "ledger", "show") == ["bundle:authz"]
    assert asked("scope", "bundle:au", "ledger", "show", "--ledger", f"sqlite:{place}/ledger.db") == ["bundle:authz"]
    monkeypatch.setenv("VERIFY_LEDGER", "sqlite:other.db")
    assert asked("scope", "", "ledger", "show") == []
    assert asked("scope", "", "ledger", "show", "--ledger=sqlite:ledger.db") == ["bundle:authz"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@127.0.0.1:1/x",
        "sqlite:nowhere.db",
        "sqlite:.",
        "sqlite:trust.toml",
        "x",
        "sqlite://host/x",
    ],
)
def test_no_server_is_asked_and_nothing_is_made(place, url):
    before = sorted(path.name for path in place.iterdir())
    assert asked("scope", "", "ledger", "show", "--ledger", url) == []
    assert sorted(path.name for path in place.iterdir()) == before


def test_codes_are_those_that_are_explained():
    assert asked("code", "version.roll", "explain") == ["version.rollback"]


@pytest.mark.parametrize("words", [(), ("",), ("nonsense", ""), ("rule",), ("rule", "\x1b[2J"), ("scope", "--", "--")])
def test_whatever_is_asked_is_answered(words):
    assert [name for name in asked(*words) if not name.startswith("bundle:")] == []


def test_a_great_many_are_not_told(place):
    (place / "many.toml").write_text("".join(f'[artifacts."bundle:n{number}"]\n' for number in range(2_000)))
    assert len(asked("rule", "n", "bundle", "--policy", "many.toml")) == 300
