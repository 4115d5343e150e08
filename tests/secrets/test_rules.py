"""Our own rules find what people leave behind, at its place, and nothing in what documentation and programs say."""

import sysconfig
from pathlib import Path

import pytest

from tests.support.images.planted import OURS, PASSWORD, RULES
from verifier.secrets.rules import LONGEST, MAX_OF_A_WINDOW, search


def found(text, path="app/file"):
    return [hit.rule for hit in search(text.encode() if isinstance(text, str) else text, path)]


@pytest.mark.parametrize(("path", "rule"), list(zip(OURS, RULES, strict=True)), ids=list(OURS))
def test_a_credential_is_found_by_what_keeps_it(path, rule):
    assert found(OURS[path], path) == [rule]


@pytest.mark.parametrize(
    "path", [path for path, rule in zip(OURS, RULES, strict=True) if rule.endswith(("login", "password"))]
)
def test_a_hit_stands_where_the_secret_does(path):
    text = OURS[path].encode()
    (hit,) = search(text, path)
    assert text[hit.start : hit.start + len(hit.secret)] == hit.secret


@pytest.mark.parametrize(
    "path",
    [path for path, rule in zip(OURS, RULES, strict=True) if rule not in {"settings-password", "pgpass-password"}],
)
def test_it_is_found_whatever_the_file_is_called_and_amid_anything(path):
    noise = bytes(range(256)) * 50
    assert len(found(noise + OURS[path].encode() + noise, "usr/lib/libx.so.1")) == 1


HARMLESS = {
    "a variable": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}",
    "a template": "password = {{ password }}",
    "npm's own documentation": "//registry.npmjs.org/:_authToken=MYTOKEN",
    "a login of another kind": '{"auth": "basic"}',
    "a login without a password": '{"auth": "Y2k6"}',
    "base64 that is no login": '{"auth": "aGVsbG8gd29ybGQh"}',
    "a placeholder": "postgres://user:password@db.acme.example/app",
    "documentation's host": "https://user:hunter2secret@example.com/",
    "localhost": "amqp://guest:guestguest@localhost:5672//",
    "a port": "https://acme.example:8443/path@v1",
    "an at sign in a path": "https://acme.example/@scope/package@1.2.3",
    "prose about machines": "the machine learning login page asks for a password prompt",
    "nsswitch": "passwd:         files systemd",
    "openssl.cnf": "secret = pass:insta",
    "a comment": "# password = Zq8fk2Lm9xRw",
    "a path": "password = /run/secrets/db",
    "a word": "password = required",
    "an empty value": "password =",
    "AWS's own example": "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a hash that is longer": "SecretAccessKey = " + "a1" * 32,
    "stars": "password = ********",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_secret_is_none(text):
    assert found(f"\n{text}\n", "etc/app.ini") == []


def test_a_password_in_a_program_is_no_setting():
    assert found(f"password = {PASSWORD}", "app/login.py") == []


def test_the_standard_library_holds_no_secret():
    library = Path(sysconfig.get_path("stdlib"))
    seen = {
        str(path): found(path.read_bytes(), str(path))
        for path in library.rglob("*.py")
        if not {"site-packages", "test", "tests"} & set(path.relative_to(library).parts)
    }
    assert len(seen) > 500
    assert {path: rules for path, rules in seen.items() if rules} == {}


def test_what_one_piece_yields_is_bounded():
    assert len(found(OURS["app/cache.yml"] * 1_000)) == MAX_OF_A_WINDOW


@pytest.mark.parametrize(
    "text",
    [
        "machine " * 20_000,
        "://" * 50_000,
        '"auth":"' + "A" * 200_000,
        ":_auth" * 30_000,
        "a" * 64 + "://:" + "b" * 200_000,
    ],
    ids=lambda text: text[:10],
)
def test_hostile_text_costs_no_more_than_its_length(text):
    assert found(text, "x.ini") == []


@pytest.mark.parametrize("path", list(OURS))
def test_no_rule_looks_further_than_windows_overlap(path):
    text = OURS[path].encode()
    for hit in search(text, path):
        assert hit.start + len(hit.secret) < LONGEST
