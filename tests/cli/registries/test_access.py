"""Registries on the command line: what was stored for them elsewhere, and what a file says of them."""

import base64
import json
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.net.registries import registry
from tests.support.publishing.releases import VERIFY, release

USER = "Basic dXNlcjpwYXNz"
VARIABLES = ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "VERIFY_REGISTRIES")


@pytest.fixture
def home(place, monkeypatch):
    """A home without any stored login."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(place / "home"))
    (place / "home").mkdir()
    return place / "home"


@pytest.fixture
def held(home):
    """A registry that wants a user name and a password for what it has: a release."""
    with registry() as running:
        running.hold(release().read_bytes())
        running.basic = USER
        yield running


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    path.chmod(0o600)
    return path


def login(held, username="user", password="pass"):  # noqa: S107  (nobody's)
    encoded = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"auths": {f"127.0.0.1:{held.running.port}": {"auth": encoded}}}


def verified(held):
    return ask("bundle", f"oci://{held.reference}", *VERIFY)


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("", ".docker/config.json"),
        ("", ".config/containers/auth.json"),
        ("DOCKER_CONFIG", "config.json"),
        ("XDG_RUNTIME_DIR", "containers/auth.json"),
        ("XDG_CONFIG_HOME", "containers/auth.json"),
    ],
)
def test_a_login_is_found_where_other_tools_have_stored_it(held, home, monkeypatch, variable, path):
    folder = home / variable if variable else home
    if variable:
        monkeypatch.setenv(variable, str(folder))
    write(folder / path, login(held))
    assert verified(held).status == 0


def test_a_file_of_logins_may_be_named(held, home, monkeypatch):
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(write(home / "other.json", login(held))))
    write(home / ".docker" / "config.json", login(held, password="wrong"))
    assert verified(held).status == 0


def test_without_a_login_the_registry_lets_nobody_in(held):
    answer = verified(held)
    assert (answer.status, answer.codes) == (3, ["input.unreachable"])


def test_a_login_for_another_port_is_sent_nowhere(held, home):
    write(home / ".docker" / "config.json", json.dumps(login(held)).replace(f":{held.running.port}", ":1"))
    assert verified(held).codes == ["input.unreachable"]
    assert not any("authorization" in fields for _, fields in held.running.seen)


@pytest.mark.parametrize(
    "document", ["{", '{"credsStore": "gone"}', '{"credsStore": "../x"}', {"auths": {"a": {"auth": "!"}}}]
)
def test_a_login_that_cannot_be_had_is_told_and_nothing_is_asked_without_it(held, home, document):
    held.token = "t0ken"
    held.basic = None
    write(home / ".docker" / "config.json", document)
    answer = verified(held)
    assert answer.status == 3 or answer.codes == ["json.invalid"]
    assert answer.codes in (["input.credentials-unusable"], ["json.invalid"])
    assert held.tokens_asked_for == []


def test_a_program_is_started_by_its_absolute_place_alone(held, home, place, monkeypatch):
    write(home / ".docker" / "config.json", {"credsStore": "test"})
    script = '#!/bin/sh\necho \'{"Username": "user", "Secret": "pass"}\'\n'
    write(place / "docker-credential-test", script).chmod(0o755)
    write(place / "bin" / "docker-credential-test", script).chmod(0o755)
    monkeypatch.setenv("PATH", ":.")
    assert verified(held).codes == ["input.credentials-unusable"]
    monkeypatch.setenv("PATH", f":.:{place / 'bin'}")
    assert verified(held).status == 0


def test_a_secret_is_in_no_report_and_no_ledger(held, home, place):
    write(home / ".docker" / "config.json", login(held, password="hunter2"))
    held.basic = f"Basic {base64.b64encode(b'user:hunter2').decode()}"
    run("ledger", "init")
    answer = ask("bundle", f"oci://{held.reference}", "--policy", "trust.toml", "--record")
    assert answer.status == 0
    assert "hunter2" not in answer.out + answer.err
    kept = [path for path in Path(place).rglob("*") if path.is_file() and home not in path.parents]
    assert not any(b"hunter2" in path.read_bytes() for path in kept)


def test_nothing_is_read_where_no_registry_is_named(home, monkeypatch):
    path = release()
    monkeypatch.setenv("VERIFY_REGISTRIES", "gone.toml")
    assert ask("bundle", path, *VERIFY).status == 0


class TestSettings:
    def test_a_mirror_is_asked_for_what_has_a_digest(self, held, home):
        held.basic = None
        with registry() as mirror:
            mirror.blobs = held.blobs
            own, other = (f"127.0.0.1:{each.running.port}" for each in (held, mirror))
            text = f'version = 1\n[registries."{own}"]\nmirrors = ["{other}"]\n'
            write(home / ".config" / "policy-verifier" / "registries.toml", text)
            assert verified(held).status == 0
            assert [path.rpartition("/")[0].rpartition("/")[2] for path, _ in held.running.seen] == ["manifests"]
            assert [path.rpartition("/")[0].rpartition("/")[2] for path, _ in mirror.running.seen] == ["blobs"]

    @pytest.mark.parametrize("text", [None, "", "version = 1\nx = 2\n"])
    def test_a_named_file_that_cannot_be_used_is_wrong_usage(self, held, place, monkeypatch, text):
        if text is not None:
            write(place / "registries.toml", text)
        monkeypatch.setenv("VERIFY_REGISTRIES", "registries.toml")
        answer = run("bundle", f"oci://{held.reference}", *VERIFY)
        assert (answer.status, held.running.seen) == (2, [])
        assert "VERIFY_REGISTRIES" in answer.err
