"""What an agent answers is what the command by itself would have said, whatever its files and its streams are."""

import os
import shutil
import subprocess

import pytest

from tests.support.loading.agents import POLICY, url
from tests.support.loading.asking import ASKED, PYTHON, ask_by, bundle, plainly
from tests.support.peers.privileges import AS_ROOT
from tests.support.places import ROOT
from tests.support.stories import NAME

USUALLY = ("--timeout", "10m")
"""With this a line is not plain, and is put to an agent once everything is loaded."""


def redirected(place, streams, *options, **environment):
    """`verify bundle` with its streams as a shell has them; what is left of them."""
    line = [*PYTHON, "bundle", "1.0.0.tar.gz", "--policy", "trust.toml", "--ledger", url(place), "--name", NAME]
    given = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    command = ["sh", "-c", f'"$@" {streams}', "sh", *line, *options]
    done = subprocess.run(command, cwd=place, env=given, capture_output=True, text=True, check=False)
    return done.returncode, plainly(done.stdout), done.stderr


@pytest.mark.parametrize(
    "streams", ["", "<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full", "| true"]
)
@pytest.mark.parametrize("more", [(), ("--format", "json")], ids=["text", "json"])
class TestStreams:
    @pytest.mark.usefixtures("running")
    def test_streams_that_are_closed_or_full_are_answered_alike(self, place, streams, more):
        assert redirected(place, streams, *more, *ASKED) == redirected(place, streams, *more)

    def test_without_an_agent_too(self, place, streams, more):
        status, report, said = redirected(place, streams, *more)
        by_itself = redirected(place, streams, *more, "--agent", "agent.sock")
        assert by_itself[:2] == (status, report)
        assert "Traceback" not in by_itself[2]
        assert by_itself[2].endswith(said)

    def test_where_an_agent_is_required_nothing_is_accepted_without_one(self, place, streams, more):
        status, report, said = redirected(place, streams, *more, *ASKED)
        assert (status, report) == (0 if streams == "| true" else 3, [])  # a pipe's status is that of `true`
        assert "Traceback" not in said


@pytest.mark.parametrize("streams", ["", "<&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.usefixtures("running")
def test_a_program_is_run_alike_and_has_the_streams_that_it_was_given(place, streams):
    release = ["1.0.0.tar.gz", "--verdict", "1.0.0.json", "--policy", "trust.toml", "--ledger", url(place)]
    line = [*PYTHON, "preload", *release, "--name", NAME, "--exec", "sh"]
    program = ["--", "-c", "ls -l /proc/self/fd/[012] >found; cat {} >>found"]
    found = []
    for asked in ([], ASKED):
        command = ["sh", "-c", f'"$@" {streams}', "sh", *line, *asked, *program]
        given = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=place, env=given, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        loaded = (place / "found").read_bytes() if (place / "found").exists() else b""
        (place / "found").unlink(missing_ok=True)
        assert b"memfd" not in loaded[:500]
        found.append((done.returncode, loaded.endswith((place / "1.0.0.tar.gz").read_bytes())))
    assert found == [(0, True) if streams != "2>/dev/full" else (3, False)] * 2


@pytest.mark.parametrize("more", [(), USUALLY], ids=["plain", "usual"])
class TestFiles:
    @pytest.mark.parametrize("artifact", ["1.0.0.tar.gz", "./1.0.0.tar.gz"])
    def test_a_limit_that_has_changed_since_is_the_one_that_counts(self, place, running, more, artifact):
        for limits in ("[limits]\narchive-bytes = 100\n", ""):
            (place / "trust.toml").write_text(POLICY + limits)
            alone, by_agent = bundle(place, artifact), bundle(place, artifact, *ASKED, *more)
            assert by_agent.stderr == ""
            assert plainly(by_agent.stdout) == plainly(alone.stdout)
            assert alone.returncode == (1 if limits else 0)
            running.saw("agent.decided")

    @AS_ROOT
    @pytest.mark.parametrize("whose", ["trust.toml", "p256.pub"])
    def test_that_another_user_may_exchange_a_file_of_the_policy_is_said(self, place, running, more, whose):
        os.chown(place / whose, 4242, 4242)
        alone, by_agent = bundle(place, "1.0.0.tar.gz"), bundle(place, "1.0.0.tar.gz", *ASKED, *more)
        assert alone.stderr.startswith(f"warning: policy.exchangeable: {whose}: the user 4242 may exchange ")
        assert by_agent.stderr == alone.stderr
        assert running.saw("agent.policy-finding")["codes"] == ["policy.exchangeable"]

    @pytest.mark.parametrize(
        ("form", "same"),
        [
            ("sqlite:%6cedger.db", True),
            ("sqlite:./ledger.db", True),
            ("sqlite:led%20ger.db", False),
            ("sqlite:", False),
        ],
    )
    @pytest.mark.usefixtures("running")
    def test_a_ledger_is_the_same_however_it_is_written(self, place, more, form, same):
        shutil.copy(place / "ledger.db", place / "led ger.db")
        line = [*PYTHON, "bundle", "1.0.0.tar.gz", "--policy", "trust.toml", "--name", NAME, "--ledger", form]
        alone, by_agent = ask_by(line, place), ask_by([*line, "--agent", "agent.sock", *more], place)
        assert (by_agent.returncode, plainly(by_agent.stdout)) == (alone.returncode, plainly(alone.stdout))
        assert ("agent.elsewhere" in by_agent.stderr) == (not same and form != "sqlite:")

    @pytest.mark.parametrize("kind", ["artifact", "bundle"])
    @pytest.mark.parametrize("name", ["sha512-abcdefghijklmnopqrstuv", "a" * 64, "sha256-" + "a" * 64])
    @pytest.mark.usefixtures("running")
    def test_a_file_that_is_called_as_a_digest_is_what_it_is_to_the_command(self, place, more, kind, name):
        os.link(place / "1.0.0.tar.gz", place / name)
        line = [*PYTHON, kind, name, "--policy", "trust.toml", "--ledger", url(place), "--name", NAME]
        alone, by_agent = ask_by(line, place), ask_by([*line, "--agent", "agent.sock", *more], place)
        assert (by_agent.returncode, plainly(by_agent.stdout)) == (alone.returncode, plainly(alone.stdout))

    @pytest.mark.usefixtures("running")
    def test_what_may_be_a_secret_is_not_said_of_a_file_that_is_missing(self, place, more):
        token = "ghp_" + "a" * 28
        done = bundle(place, "1.0.0.tar.gz", "--attestation", token, "--agent", "agent.sock", *more)
        assert token not in done.stdout + done.stderr
