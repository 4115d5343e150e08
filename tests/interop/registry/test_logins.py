"""Logins as other tools store them, and a real registry that asks for them."""

import json

import pytest

from tests.support.net.documents import push_note
from tests.support.peers.peers import executable, run
from tests.support.peers.registry_server import PASSWORD, USER, password_section, real_registry, token_section
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.net.credentials.program import Programs
from verifier.net.credentials.stored import StoredLogins
from verifier.net.registry.destination import Destination
from verifier.net.registry.repository import Repository

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    """A registry that wants a password."""
    folder = tmp_path_factory.mktemp("registry")
    with real_registry(folder, password_section(folder)) as running:
        yield running


def stored(path):
    return Access(stored=StoredLogins((path,), Programs()), attempts=1)


def by_oras(host, folder):
    login = ("login", "--plain-http", "--registry-config", str(folder / "stored.json"))
    run(executable("oras", "ORAS"), *login, "--username", USER, "--password", PASSWORD, host, cwd=folder)


def by_crane(host, folder):
    login = ("auth", "login", host, "--username", USER, "--password", PASSWORD)
    run(executable("crane", "CRANE"), *login, cwd=folder, environment={"DOCKER_CONFIG": str(folder)})
    (folder / "config.json").rename(folder / "stored.json")


def by_skopeo(host, folder):
    login = ("login", "--tls-verify=false", "--authfile", str(folder / "stored.json"))
    run(executable("skopeo", "SKOPEO"), *login, "--username", USER, "--password", PASSWORD, host, cwd=folder)


@pytest.mark.parametrize("login", [by_oras, by_crane, by_skopeo])
def test_a_login_that_another_tool_has_stored_lets_us_pull_and_push(private, tmp_path, login):
    login(private.host, tmp_path)
    reference = parse_reference(f"{private.host}/acme/{login.__name__}:1")
    with Destination(reference, stored(tmp_path / "stored.json")) as destination:
        image = push_note(destination, b"image", tag="1")
        push_note(destination, b"signature", about=image)
    repository = Repository(reference, stored(tmp_path / "stored.json"))
    pulled = repository.manifest("1")
    assert pulled.content == image
    assert len(repository.referrers(pulled.digest).descriptors) == 1
    repository.close()


def test_a_login_for_another_registry_lets_nobody_in(private, tmp_path):
    by_oras(private.host, tmp_path)
    document = (tmp_path / "stored.json").read_text().replace(private.host, "registry.acme.example")
    (tmp_path / "stored.json").write_text(document)
    repository = Repository(parse_reference(f"{private.host}/acme/app:1"), stored(tmp_path / "stored.json"))
    with pytest.raises(Refused, match="credentials we do not have"):
        repository.manifest("1")
    repository.close()


def test_a_real_program_is_asked_as_docker_asks_it(private, tmp_path):
    path = tmp_path / "docker-credential-real"
    answer = json.dumps({"ServerURL": private.host, "Username": USER, "Secret": PASSWORD})
    path.write_text(f"#!/bin/sh\nread -r host || true\n[ \"$1:$host\" = 'get:{private.host}' ] && echo '{answer}'\n")
    path.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {private.host: "real"}}))
    access = Access(stored=StoredLogins((tmp_path / "config.json",), Programs(folders=(tmp_path,))), attempts=1)
    with Destination(parse_reference(f"{private.host}/acme/program:1"), access) as destination:
        push_note(destination, tag="1")
    # The same program lets crane in.
    environment = {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    crane = executable("crane", "CRANE")
    assert run(crane, "digest", f"{private.host}/acme/program:1", cwd=tmp_path, environment=environment)


def test_a_token_is_asked_for_pushing_to_the_one_repository(tmp_path):
    with token_section(tmp_path) as (section, asked), real_registry(tmp_path, section) as running:
        access = Access(allow_private=True, attempts=1)
        with Destination(parse_reference(f"{running.host}/acme/app:1"), access) as destination:
            push_note(destination, tag="1")
        assert [each["scope"] for each in asked] == [["repository:acme/app:pull,push"]]
