"""Whatever is typed, set or written into a policy: an answer with its reason, never `internal.error`.

`VERIFIER_ROUNDS` makes the searches longer; without it they are as long as a test may be.
"""

import os
import random
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.core.words import WORDS

pytestmark = pytest.mark.usefixtures("place")
ROUNDS = int(os.environ.get("VERIFIER_ROUNDS", "0"))
LINES = """\
bundle authz.tar.gz --policy trust.toml --name authz --ledger sqlite:ledger.db --record
bundle authz.tar.gz --policy trust.toml --verdict-out v.json --signing-key ci --verdict-expires 30d
bundle authz.tar.gz --key release.pub --version-from manifest.revision --now 2026-11-21T12:00:00Z
artifact release.pub --key release.pub --attestation a.json
verdict a.json --resource-uri https://x/ --subject authz.tar.gz --key ci.pub --verifier-id https://x/y --max-age 3d
preload authz.tar.gz --verdict a.json --policy trust.toml --ledger sqlite:ledger.db --out o.tar.gz --cache cache
sign bundle src --key release --out b.tar.gz --detached d.json --expires 3d --scope x --now 2026-11-21T12:00:00Z
sign bundle src --list --include x
sign artifact release.pub --key release --out s.json --version 1.0.0 --expires 3d
attest authz.tar.gz --predicate p.json --type https://x/y --key release --out t.json
key generate newkey --no-passphrase
key generate newkey --passphrase-file phrase
trust init new.toml --id https://x/y --artifact bundle:x --key k.pub
trust check trust.toml --now 2026-11-21T12:00:00Z
ledger init --ledger sqlite:new.db
ledger show bundle:authz --ledger sqlite:ledger.db --expect-head 1@sha256:00
ledger history --ledger sqlite:ledger.db --limit 3
ledger export x.jsonl --ledger sqlite:ledger.db
ledger import e.jsonl --ledger sqlite:ledger.db --operator me --reason because
ledger floor bundle:authz 1.0.0 --ledger sqlite:ledger.db --operator me --reason because
explain version.rollback
serve --check --policy trust.toml --ledger sqlite:ledger.db --upstream authz.tar.gz --name authz --listen 127.0.0.1:0
serve --check --config gateway.toml
"""
VARIABLES = [
    "COLUMNS",
    "VERIFY_LEDGER",
    "VERIFY_RECORD",
    "VERIFY_NOW",
    "VERIFY_KEY",
    "XDG_STATE_HOME",
    "HOME",
    "TERM",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
]
VARIABLES += ["SIGSTORE_ID_TOKEN", "PYKCS11LIB", "PATH", "NO_COLOR"]
POLICY = """\
version = 1
id = "https://example.org/policy/authz"
[signers.release]
key = "release.pub"
not_before = 2026-01-01T00:00:00Z
not_after = 2027-01-01T00:00:00Z
[artifacts."bundle:authz"]
signatures = { threshold = 1, from = ["release"] }
version = { from = "manifest.revision", scheme = "semver", floor = "1.0.0", max_jump = "minor" }
freshness = { max_age = "30d", from = "signature" }
resource_uri = "https://x/y"
[limits]
archive_bytes = 1000000
members = 1000
"""
VALUES = [
    "9999-12-31T23:59:59-01:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "1979-05-27",
]
VALUES += [
    "07:32:00",
    "1979-05-27T07:32:00",
    "1e300",
    "-1e300",
    "nan",
    "inf",
    "-1",
    "0",
    "9" * 400,
    "0x7fffffffffffffff",
    "true",
]
VALUES += [
    "[]",
    "{}",
    "[[]]",
    '""',
    '" "',
    r'"\u0000"',
    r'"\uFFFF"',
    '"' + "9" * 5000 + 'w"',
    '"999999999w"',
    "{ a = 1 }",
    "''",
    '"*"',
]


def no_defect(answer, tried):
    assert "internal.error" not in answer.err + answer.out, (tried, answer.err)
    assert "Traceback" not in answer.err, tried
    assert answer.status in (0, 1, 2, 3), tried


@pytest.fixture
def scene(place):
    run("sign", "bundle", "src", "--key", "release", "--out", "authz.tar.gz")
    run("sign", "artifact", "release.pub", "--key", "release", "--out", "a.json")
    run("ledger", "init", "--ledger", "sqlite:ledger.db")
    (place / "phrase").write_text("correct horse battery")
    (place / "phrase").chmod(0o600)
    (place / "p.json").write_text("{}")
    (place / "gateway.toml").write_text(
        'version = 1\npolicy = "trust.toml"\nledger = "sqlite:ledger.db"\n[bundles.authz]\nupstream = "authz.tar.gz"\n'
    )
    return place


@pytest.mark.parametrize("line", LINES.splitlines())
@pytest.mark.usefixtures("scene")
def test_no_command_line_is_a_defect(line):
    """Each word of it in turn is something else; with more rounds, every word is everything."""
    parts = line.split()
    places = [
        index
        for index in range(1, len(parts))
        if not parts[index].startswith("--") and index > 1 - (parts[0] == "explain")
    ]
    chooser = random.Random(line)  # noqa: S311 - the same in every run
    for index in places:
        for word in WORDS if ROUNDS else chooser.sample(WORDS, 4):
            tried = [*parts[:index], word, *parts[index + 1 :]]
            no_defect(run(*tried), tried)


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.usefixtures("scene")
def test_no_variable_is_a_defect(monkeypatch, variable):
    lines = [line.split() for line in LINES.splitlines()]
    chooser = random.Random(variable)  # noqa: S311 - as above
    for word in WORDS if ROUNDS else chooser.sample(WORDS, 12):
        monkeypatch.setenv(variable, word.replace("\0", ""))
        for line in lines if ROUNDS else chooser.sample(lines, 1):
            no_defect(run(*line), (variable, word, line))


def changed(text, chooser):
    """Every line with each value in its place."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        for value in (VALUES if ROUNDS else chooser.sample(VALUES, 5)) if equals else ():
            yield f"{key} = {value}", "\n".join([*lines[:index], f"{key} = {value}", *lines[index + 1 :], ""])


@pytest.mark.usefixtures("scene")
def test_no_policy_is_a_defect():
    for tried, text in changed(POLICY, random.Random(1)):  # noqa: S311 - as above
        Path("tried.toml").write_text(text)
        no_defect(run("trust", "check", "tried.toml", "--now", "2026-11-21T12:00:00Z"), tried)
        no_defect(run("bundle", "authz.tar.gz", "--policy", "tried.toml", "--name", "authz"), tried)


@pytest.mark.usefixtures("scene")
def test_no_configuration_is_a_defect():
    more = (
        'listen = "127.0.0.1:0"\n'
        + Path("gateway.toml").read_text()
        + 'poll = "30s"\nwait = "1m"\nresource_uri = "https://x/y"\n'
    )
    for tried, text in changed(more, random.Random(2)):  # noqa: S311 - as above
        Path("tried.toml").write_text(text)
        no_defect(run("serve", "--check", "--config", "tried.toml"), tried)


@pytest.mark.parametrize("key", ["not_before", "not_after"])
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"])
@pytest.mark.usefixtures("scene")
def test_a_moment_beyond_the_years_is_an_error_in_the_policy(key, moment):
    text = "".join(f"{key} = {moment}\n" if line.startswith(key) else f"{line}\n" for line in POLICY.splitlines())
    Path("tried.toml").write_text(text)
    answer = run("trust", "check", "tried.toml")
    assert (answer.status, answer.out) == (2, "")
    assert "lies outside the years 1 to 9999 in UTC" in answer.err
    assert "tried.toml:" in answer.err


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z"])
def test_the_edges_of_time_are_times(moment):
    for line in LINES.splitlines():
        if "--now" in line or "--expires" in line or "--max-age" in line:
            tried = [
                *line.replace(" --now 2026-11-21T12:00:00Z", "").split(),
                *(("--now", moment) if "attest" not in line else ()),
            ]
            no_defect(run(*tried), tried)


def test_a_signature_before_1970_is_not_made():
    answer = run("sign", "bundle", "src", "--key", "release", "--out", "b.tar.gz", "--now", "1969-12-31T23:59:59Z")
    assert (answer.status, "since 1970" in answer.err) == (2, True)
