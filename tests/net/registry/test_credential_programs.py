"""Programs that know credentials: asked as Docker asks them, bounded, and never passed over in silence."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.support.net.registries import registry
from tests.support.patience import GROWING_S
from verifier.core.errors import Refused
from verifier.formats.oci.logins import DOCKER_HUB, Login
from verifier.formats.oci.manifest import parse_reference
from verifier.net.access import Access
from verifier.net.credentials.program import MAX_ANSWER, Programs
from verifier.net.credentials.stored import StoredLogins
from verifier.net.registry.repository import Repository

CODE = "input.credentials-unusable"
PLAIN = {"auths": {"a.example": {"username": "plain", "password": "p"}}}
SECRET = '{"Username":"user","Secret":"pass"}'


@pytest.fixture
def program(tmp_path):
    """Writes a program by what its shell runs; asks it."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def write(script, name="test"):
        path = folder / f"docker-credential-{name}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def programs(patience_s=60.0):
        environment = {"PATH": os.defpath, "FOLDER": str(tmp_path)}
        return Programs(folders=(tmp_path / "none", folder), environment=environment, patience_s=patience_s)

    write.programs = programs
    return write


def reason(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.reasons[0]


def runs(group):
    """Whether anything of a group of processes is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


class TestPrograms:
    def test_one_is_told_the_server_and_answers_with_a_login(self, program, tmp_path):
        program(f"echo \"$*\" > $FOLDER/arguments; cat > $FOLDER/input; echo '{SECRET}'")
        assert program.programs().ask("test", "registry.acme.example") == Login(username="user", password="pass")
        assert (tmp_path / "arguments").read_text() == "get\n"
        assert (tmp_path / "input").read_text() == "registry.acme.example"

    def test_it_may_say_that_nothing_is_stored(self, program):
        program("echo credentials not found in native keychain; exit 1")
        assert program.programs().ask("test", "x") is None

    @pytest.mark.parametrize(
        "script",
        [
            "exit 1",
            "exit 0",
            "echo locked >&2; exit 1",
            "echo credentials not found in native keychain",
            "echo CREDENTIALS NOT FOUND; exit 1",
            f"echo '{SECRET}'; exit 1",
            f"echo '{SECRET}'; kill -KILL $$",
            f"echo '{SECRET[:-1]}'",
            f"echo '{SECRET}{SECRET}'",
            "echo user:pass",
        ],
    )
    def test_whatever_else_it_does_is_a_refusal(self, program, script):
        program(script)
        found = reason(program.programs().ask, "test", "registry.acme.example")
        assert found.code in {CODE, "json.invalid", "json.trailing-data"}
        assert found.subject == "docker-credential-test"
        assert "pass" not in found.message

    @pytest.mark.parametrize("script", ["sleep 600", "sleep 600 & wait", "sleep 600 & exit 0", "exec >&-; sleep 600"])
    def test_one_that_hangs_is_ended_with_all_that_it_started(self, program, script, tmp_path):
        program(f"echo $$ > $FOLDER/number; {script}")
        number = tmp_path / "number"
        for patience_s in GROWING_S:
            number.write_text("")
            found = reason(program.programs(patience_s).ask, "test", "x")
            assert (found.code, "did not end" in found.message) == (CODE, True)
            if number.read_text():
                break
        while runs(int(number.read_text())):
            pass  # until the system has noticed

    def test_one_that_floods_is_ended(self, program):
        program("yes")
        assert str(MAX_ANSWER) in reason(program.programs().ask, "test", "x").message

    def test_one_that_floods_its_complaints_is_not_read(self, program):
        program(f"head -c 1000000 /dev/zero >&2; echo '{SECRET}'")
        assert program.programs().ask("test", "x").username == "user"

    def test_one_that_is_not_there_is_named(self, program):
        found = reason(program.programs().ask, "gone", "registry.acme.example")
        assert (found.code, found.subject) == (CODE, "docker-credential-gone")

    @pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/none\n"])
    def test_one_that_cannot_be_started_is_named(self, program, tmp_path, content):
        path = tmp_path / "bin" / "docker-credential-test"
        path.write_bytes(content)
        path.chmod(0o755)
        assert reason(program.programs().ask, "test", "x").code in {CODE, "json.invalid"}

    def test_a_file_that_may_not_be_run_is_none(self, program, tmp_path):
        program("echo x")
        (tmp_path / "bin" / "docker-credential-test").chmod(0o644)
        assert "no such program" in reason(program.programs().ask, "test", "x").message


class TestStored:
    @pytest.fixture
    def stored(self, program, tmp_path):
        """Opens files of these contents, in their order."""

        def open_files(*documents):
            paths = []
            for number, document in enumerate(documents):
                paths.append(tmp_path / f"{number}.json")
                if document is not None:
                    paths[-1].write_text(document if isinstance(document, str) else json.dumps(document))
                    paths[-1].chmod(0o600)
            return StoredLogins(tuple(paths), program.programs())

        return open_files

    def test_the_first_file_that_knows_a_login_counts(self, stored):
        other = {"auths": {"a.example": {"username": "other", "password": "p"}}}
        assert stored(None, {"auths": {}}, PLAIN, other).login("a.example", "x").username == "plain"
        assert stored(None).login("a.example", "x") is None

    def test_a_program_is_asked_first_and_the_file_where_it_has_nothing(self, stored, program):
        program(f"echo '{SECRET}'")
        assert stored(PLAIN | {"credsStore": "test"}).login("a.example", "x").username == "user"
        program("echo credentials not found in native keychain; exit 1")
        assert stored(PLAIN | {"credsStore": "test"}).login("a.example", "x").username == "plain"

    def test_a_program_that_fails_is_not_passed_over(self, stored, program):
        program("exit 1")
        assert reason(stored(PLAIN | {"credsStore": "test"}).login, "a.example", "x").code == CODE

    def test_a_registry_of_its_own_program_asks_no_other(self, stored, program):
        program(f"echo '{SECRET}'", name="mine")
        settings = {"credsStore": "gone", "credHelpers": {"a.example": "mine"}}
        assert stored(settings).login("a.example", "x").username == "user"
        assert "docker-credential-gone" in reason(stored(settings).login, "b.example", "x").subject

    def test_dockers_own_registry_is_asked_for_by_its_old_name(self, stored, program, tmp_path):
        program(f"cat > $FOLDER/input; echo '{SECRET}'")
        stored({"credsStore": "test"}).login("docker.io", "library/x")
        assert (tmp_path / "input").read_text() == DOCKER_HUB

    def test_what_was_found_is_not_asked_for_again(self, stored, program, tmp_path):
        program(f"echo x >> $FOLDER/times; echo '{SECRET}'")
        kept = stored({"credsStore": "test"})
        assert kept.login("a.example", "x") == kept.login("a.example", "x")
        assert (tmp_path / "times").read_text() == "x\n"

    @pytest.mark.parametrize("mode", [stat.S_IWGRP, stat.S_IWOTH])
    def test_a_file_that_others_may_change_is_refused(self, stored, tmp_path, mode):
        kept = stored(PLAIN)
        (tmp_path / "0.json").chmod(0o600 | mode)
        assert "others may change it" in reason(kept.login, "a.example", "x").message

    @pytest.mark.parametrize("content", ["", "{", "[]", " " * 2_000_000])
    def test_a_file_that_cannot_be_read_is_not_passed_over(self, stored, content):
        assert reason(stored(content, PLAIN).login, "a.example", "x").code in {CODE, "json.invalid"}

    def test_nor_is_a_folder_a_pipe_or_a_link_that_leads_nowhere(self, stored, tmp_path):
        Path(tmp_path / "0.json").mkdir()
        assert reason(stored(None).login, "a.example", "x").code == CODE
        Path(tmp_path / "1.json").symlink_to(tmp_path / "gone")
        os.mkfifo(tmp_path / "2.json")
        for name in ("1.json", "2.json"):
            assert reason(StoredLogins((tmp_path / name,), Programs()).login, "a.example", "x").code == CODE


class TestWhenARegistryAsks:
    @pytest.fixture
    def asked(self, program, tmp_path):
        """A registry that wants a password, and the program that knows it."""
        program(f"echo x >> $FOLDER/times; echo '{SECRET}'")
        (tmp_path / "config.json").write_text('{"credsStore": "test"}')
        (tmp_path / "config.json").chmod(0o600)
        stored = StoredLogins((tmp_path / "config.json",), program.programs())
        with registry() as held:
            repository = Repository(parse_reference(held.reference), Access(stored=stored, attempts=1))
            yield held, repository, tmp_path / "times"
            repository.close()

    def test_nothing_is_looked_up_where_it_does_not(self, asked):
        _, repository, times = asked
        repository.manifest("1")
        assert not times.exists()

    def test_the_password_is_sent_and_asked_for_once(self, asked):
        held, repository, times = asked
        held.basic = "Basic dXNlcjpwYXNz"
        assert repository.manifest("1").content
        assert repository.manifest("1").content
        assert times.read_text() == "x\n"

    def test_nothing_is_asked_without_credentials_where_they_cannot_be_had(self, asked, program):
        held, repository, _ = asked
        held.token = "t0ken"
        program("exit 1")
        assert reason(repository.manifest, "1").code == CODE
        assert held.tokens_asked_for == []
