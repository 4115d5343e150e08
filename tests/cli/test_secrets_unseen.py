"""Nothing that a command says repeats a secret: every option, setting and variable that takes a reference is tried."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.command import run
from verifier.cli.app import COMMANDS
from verifier.cli.options.parameter import parameters, part

pytestmark = pytest.mark.usefixtures("place")
SECRET = "hunter2secret"
REFERENCES = [
    f"https://me:{SECRET}@127.0.0.1:1/x",
    f"https://127.0.0.1:1/x?sig={SECRET}",
    f"https://127.0.0.1:1/x#{SECRET}",
    f"postgresql+psycopg://me:{SECRET}@h/db",
    f"postgresql://me:a/{SECRET}@127.0.0.1:1/db",
    f"postgresql://127.0.0.1:1/db?password={SECRET}",
    f"host=db password={SECRET}",
    f"me:{SECRET}@h/db",
    f"hsm:x?label=y&pin={SECRET}",
    f"pkcs11:token=x;pin-value={SECRET}",
    f"awskms://me:{SECRET}@h/key",
    f"hashivault://{SECRET}@h/key?x={SECRET}",
    f"oci://me:{SECRET}@127.0.0.1:1/a:b",
    f"sqlite://me:{SECRET}@h/x?key={SECRET}",
    f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
    f"ftp://me:{SECRET}@h/x",
]
GOOD = {
    "artifact": "src",
    "reference": "src",
    "source": "src",
    "file": "trust.toml",
    "path": "new",
    "policy": "trust.toml",
    "key": "release",
    "out": "out.json",
    "predicate": "p.json",
    "predicate_type": "https://x/y",
    "verdict": "v.json",
    "resource_uri": "https://x/y",
    "scope": "bundle:authz",
    "version": "1.0.0",
    "operator": "me",
    "reason": "why",
}
GROUPS = {
    "ledger": (
        "ledger.app:init",
        "ledger.app:show",
        "ledger.app:history",
        "ledger.transfer:export",
        "ledger.transfer:import_",
        "ledger.restrict:floor",
        "ledger.restrict:quarantine",
    ),
    "sign": ("sign.app:bundle", "sign.artifact:artifact", "sign.image:image"),
    "key": ("key:generate",),
    "trust": ("trust.app:init", "trust.app:check"),
    "preload": ("preload:preload",),
    "audit": ("audit.run:run", "audit.db:import_", "audit.db:update", "audit.db:show", "audit.issue:issue"),
    "sbom": ("sbom.generate:generate", "sbom.check:check", "sbom.diff:diff"),
}
NAMES = {"import_": "import"}


def commands():
    for word, home in COMMANDS.items():
        if word in {"demo", "explain"}:
            continue
        for each in GROUPS.get(word, (home,)):
            module, _, name = each.partition(":")
            function = getattr(import_module(f"verifier.cli.commands.{module}"), name).__wrapped__
            said = [
                parameter
                for key, own in inspect.signature(function).parameters.items()
                for parameter in parameters(part(key, own.default, own.annotation, function.__module__))
            ]
            below = ("db",) if module == "audit.db" else ()
            typed = (word,) if word not in GROUPS or word == "preload" else (word, *below, NAMES.get(name, name))
            yield typed, said


def line(typed, said, tried, reference):
    """A command line in which everything that must be given is, and one parameter is the reference."""
    words = list(typed)
    for parameter in said:
        value = reference if parameter is tried else GOOD.get(parameter.name)
        if parameter is not tried and not parameter.required:
            continue
        words += [*parameter.said.flags[:1], value or "x"]
    for name, option in (("signing_key", "--verdict-out"), ("verdict_out", "--signing-key"), ("policy", "")):
        if tried.name == name and option:
            words += [option, "release"]
    return words


STATED = {
    "name",
    "version",
    "reason",
    "operator",
    "keyid",
    "correlation_id",
    "cert_identity",
    "predicate_type",
    "policy_id",
}
"""What a person says in so many words, for others to read: a report and a record have it as it is."""


CASES = [
    (typed, said, parameter)
    for typed, said in commands()
    for parameter in said
    if not parameter.said.switch and parameter.takes in (str, Path) and parameter.name not in STATED
]


def test_every_command_is_tried():
    assert len(CASES) > 90
    assert {"--ledger", "--key", "--upstream", "--resource-uri", "--attestation", "--passphrase-file", "--verdict"} <= {
        parameter.said.flags[0] for _, _, parameter in CASES if parameter.said.flags
    }


@pytest.mark.parametrize(
    ("typed", "said", "tried"),
    CASES,
    ids=[f"{' '.join(typed)} {tried.said.written or tried.name}" for typed, _, tried in CASES],
)
def test_what_is_refused_is_not_repeated(typed, said, tried):
    Path("p.json").write_text("{}")
    for reference in REFERENCES:
        if tried.name in {"artifact", "socket"} and "://" not in reference:
            continue  # the name of a file, which every report states; an agent would begin to listen there
        answer = run(*line(typed, said, tried, reference), *(("--check",) if typed == ("serve",) else ()))
        assert SECRET not in answer.err, reference
        assert SECRET not in answer.out or answer.status == 0, reference


@pytest.mark.parametrize(
    "variable",
    ["VERIFY_LEDGER", "VERIFY_LEDGER_FILE", "https_proxy", "http_proxy", "SSL_CERT_FILE", "SIGSTORE_ID_TOKEN"],
)
def test_nor_is_what_a_variable_says(monkeypatch, variable):
    for reference in REFERENCES:
        monkeypatch.setenv(variable, reference)
        for words in (("bundle", "https://127.0.0.1:1/x", "--policy", "trust.toml", "--name", "authz", "--record"),):
            answer = run(*words)
            assert SECRET not in answer.out + answer.err, reference


SETTINGS = [
    "policy",
    "ledger",
    "listen",
    "cache",
    "bundles.authz.upstream",
    "bundles.authz.verdict",
    "bundles.authz.path",
]
SETTINGS += ["bundles.authz.resource_uri", "bundles.authz.token_file", "bundles.authz.ca_file", "bundles.authz.poll"]
SETTINGS += ["bundles.authz.token_host", "tls.key", "notify.window"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_nor_is_what_a_configuration_says(setting):
    for reference in REFERENCES:
        values = {"version": 1, "policy": "trust.toml", "ledger": "sqlite:ledger.db", "bundles.authz.upstream": "src"}
        values[setting] = reference
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        Path("gateway.toml").write_text(text)
        answer = run("serve", "--check", "--config", "gateway.toml")
        assert SECRET not in answer.out + answer.err, reference


POLICY = ["signers.release.key", "signers.release.kid", "verifiers.ci.id", 'artifacts."bundle:authz".resource_uri']
POLICY += ["id", 'artifacts."bundle:authz".version', "builders.x.id"]


@pytest.mark.parametrize("key", POLICY)
def test_nor_is_what_a_policy_says_wrongly(key):
    for reference in REFERENCES:
        text = Path("trust.toml").read_text()
        Path("broken.toml").write_text(
            f"{key} = {json.dumps(reference)}\n" + "".join(f"{each}\n" for each in text.splitlines())
        )
        answer = run("trust", "check", "broken.toml")
        assert SECRET not in answer.out + answer.err or answer.status == 0, reference


def test_a_word_too_many_is_not_repeated():
    for reference in REFERENCES:
        answer = run("bundle", "src", reference, "--policy", "trust.toml")
        assert SECRET not in answer.out + answer.err, reference
        assert SECRET not in run(reference).err


def test_a_defect_does_not_repeat_it_either(monkeypatch):
    def broken(_):
        raise RuntimeError(f"cannot reach {REFERENCES[0]}")

    monkeypatch.setattr("verifier.cli.inputs.policy_file", broken)
    for shown_in_full in ("", "1"):
        monkeypatch.setenv("VERIFY_DEBUG", shown_in_full)
        answer = run("trust", "check", "trust.toml")
        assert "internal.error" in answer.err
        assert SECRET not in answer.err


@pytest.mark.parametrize("place", ["https://me:hunter2secret@h/x", "https://hunter2secret@h/x"])
def test_a_place_in_verdicts_holds_no_login(place):
    for words in (
        ("bundle", "src", "--policy", "trust.toml", "--resource-uri", place),
        ("preload", "src", "--verdict", "v.json", "--policy", "trust.toml", "--resource-uri", place),
        ("verdict", "v.json", "--policy", "trust.toml", "--subject", "src", "--resource-uri", place),
    ):
        answer = run(*words)
        assert SECRET not in answer.out + answer.err
        assert answer.status == 2
