"""`verify bundle` and `verify artifact`, asked of an agent: it answers as the command by itself does."""

import os
import pty
import subprocess
import sys
import termios
from datetime import UTC, datetime

import pytest

from tests.support.loading.agents import publish, url
from tests.support.loading.asking import ASKED, PYTHON, Started, ask_by, bundle, plainly
from tests.support.places import ROOT
from tests.support.stories import NAME, archive, detached, signed
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.open import open_ledger_url


def events(place):
    with open_ledger_url(url(place)) as ledger:
        return list(history(ledger))


def attest(place, name="beside.json", **claims):
    """An attestation beside the first release, in a file."""
    content = (place / "1.0.0.tar.gz").read_bytes()
    (place / name).write_bytes(detached(content, "p256", **claims).content)


def unsigned(place):
    (place / "1.0.0.tar.gz").write_bytes(archive("1.0.0"))


def tampered(place):
    content = bytearray((place / "1.0.0.tar.gz").read_bytes())
    content[len(content) // 2] ^= 1
    (place / "1.0.0.tar.gz").write_bytes(content)


def strangers(place):
    (place / "1.0.0.tar.gz").write_bytes(signed(archive("1.0.0"), key="ed25519", now=datetime.now(UTC)))


def older(place):
    publish(place, "1.1.0")
    assert bundle(place, "1.1.0.tar.gz", "--record").returncode == 0


def replayed(place):
    """The same version was accepted with other bytes."""
    now = datetime.now(UTC)
    (place / "other.tar.gz").write_bytes(signed(archive("1.0.0", other=b"{}"), now=now))
    assert bundle(place, "other.tar.gz", "--record").returncode == 0


def stale_evidence(place):
    (place / "beside.json").write_bytes(b"{}")


SCENES = {
    "as published": lambda _: None,
    "attested": attest,
    "attested by another": lambda place: attest(place, file="other.json"),
    "unsigned": unsigned,
    "tampered": tampered,
    "by a stranger": strangers,
    "older": older,
    "other bytes": replayed,
    "evidence that is none": stale_evidence,
    "no archive": lambda place: (place / "1.0.0.tar.gz").write_bytes(b"notes"),
    "empty": lambda place: (place / "1.0.0.tar.gz").write_bytes(b""),
}


@pytest.mark.parametrize("scene", SCENES)
def test_an_answer_is_what_the_command_comes_to_by_itself(place, running, scene):
    SCENES[scene](place)
    beside = ["--attestation", "beside.json"] if (place / "beside.json").exists() else []
    for more in ((), ("--name", "other"), ("--resource-uri", "https://example.org/elsewhere")):
        for shown in (("-v",), ("-q",), ("--format", "json")):
            line = ["1.0.0.tar.gz", *beside, *more, *shown]
            if more[:1] == ("--name",):
                alone, by_agent = named(place, *line), named(place, *line, *ASKED)
            else:
                alone, by_agent = bundle(place, *line), bundle(place, *line, *ASKED)
            assert by_agent.stderr == ""
            assert (by_agent.returncode, plainly(by_agent.stdout)) == (alone.returncode, plainly(alone.stdout))
            running.saw("agent.decided")


def named(place, artifact, *options):
    """With a name of its own."""
    return ask_by([*PYTHON, "bundle", artifact, "--policy", "trust.toml", "--ledger", url(place), *options], place)


@pytest.mark.parametrize("more", [(), ("--timeout", "10m")], ids=["plain", "usual"])
class TestRecording:
    @pytest.mark.usefixtures("running")
    def test_nothing_is_recorded_unless_it_is_asked_for(self, place, more):
        assert bundle(place, "1.0.0.tar.gz", *ASKED, *more).returncode == 0
        assert events(place) == []

    @pytest.mark.usefixtures("running")
    def test_an_acceptance_is_recorded_as_the_agents(self, place, more):
        assert bundle(place, "1.0.0.tar.gz", "--record", *ASKED, *more).returncode == 0
        (event,) = events(place)
        assert (event.kind, event.actor, event.version) == (EventKind.ACCEPTED, "agent", "1.0.0")

    @pytest.mark.usefixtures("running")
    def test_a_replayed_older_bundle_is_denied_and_that_is_recorded(self, place, more):
        older(place)
        done = bundle(place, "1.0.0.tar.gz", "--record", *ASKED, *more)
        assert (done.returncode, "version.rollback" in done.stdout) == (1, True)
        assert [event.kind for event in events(place)] == [EventKind.ACCEPTED, EventKind.DENIED]

    def test_without_an_agent_the_command_decides_and_says_so(self, place, more):
        done = bundle(place, "1.0.0.tar.gz", "--agent", "agent.sock", *more)
        assert done.returncode == 0
        assert done.stderr.startswith("verify: agent.unreachable: agent.sock: ")

    def test_where_an_agent_is_required_there_is_no_answer_without_one(self, place, more):
        done = bundle(place, "1.0.0.tar.gz", "--record", *ASKED, *more)
        assert (done.returncode, done.stdout) == (3, "")
        assert events(place) == []


@pytest.mark.parametrize("beside", [["--attestation", "evidence"], ["--attestation", "evidence", "--timeout", "10m"]])
def test_a_folder_stands_for_its_files(place, running, beside):
    (place / "evidence").mkdir()
    attest(place, "evidence/one.json")
    done = bundle(place, "1.0.0.tar.gz", *beside, *ASKED, "-v")
    assert (done.returncode, done.stderr) == (0, "")
    assert "signer  p256 (attestation, signed " in done.stdout
    running.saw("agent.decided")


def test_a_name_that_nobody_says_is_the_files(place, running):
    (place / "1.0.0.tar.gz").rename(place / "authz.tar.gz")
    done = named(place, "./authz.tar.gz", *ASKED)
    assert (done.returncode, done.stderr) == (0, "")
    assert "PASSED  bundle:authz 1.0.0" in done.stdout


@pytest.mark.parametrize(
    "more",
    [
        ("--now", "2026-11-29T00:00:00Z"),
        ("--rego-engine", "none"),
        ("--previous", "https://bundles.example.org/authz.tar.gz", "--previous-may-be-absent"),
        ("--output", "json=report.json"),
        ("--advisories", "records.db"),
        ("--ledger-init",),
        ("1.0.0.tar.gz",),
        ("--attestation", "missing.json", "--timeout", "10s"),
        ("--format", "html"),
        ("--format", "github"),
    ],
)
def test_what_an_agent_does_not_do_is_done_here_or_refused(place, running, more):
    done = bundle(place, "1.0.0.tar.gz", "--agent", "agent.sock", *more)
    assert "the agent is not asked, because of" in done.stderr
    done = bundle(place, "1.0.0.tar.gz", *ASKED, *more)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("artifact", ["folder", "missing.tar.gz", "https://bundles.example.org/authz.tar.gz"])
def test_what_is_no_plain_file_is_not_put_to_an_agent(place, running, artifact):
    (place / "folder").mkdir()
    done = bundle(place, artifact, "--agent", "agent.sock", "--timeout", "10s")
    assert done.returncode != 0
    assert "the agent is not asked, because of an artifact" in done.stderr


def test_flags_instead_of_a_policy_are_judged_here(place, running):
    line = [*PYTHON, "bundle", "1.0.0.tar.gz", "--key", "p256.pub", "--agent", "agent.sock"]
    done = ask_by(line, place)
    assert (done.returncode, "because of a missing --policy" in done.stderr) == (0, True)
    assert ask_by([*line, "--agent-required"], place).returncode == 2


def test_without_a_ledger_here_an_agent_that_has_one_is_not_asked(place, running):
    done = ask_by(
        [*PYTHON, "bundle", "1.0.0.tar.gz", "--policy", "trust.toml", "--name", NAME, "--agent", "agent.sock"], place
    )
    assert (done.returncode, "agent.elsewhere" in done.stderr) == (0, True)


def test_an_agent_by_the_environment(place, running):
    done = bundle(place, "1.0.0.tar.gz", VERIFY_AGENT="agent.sock", VERIFY_AGENT_REQUIRED="1")
    assert (done.returncode, done.stderr) == (0, "")
    running.saw("agent.decided")


def test_it_loads_next_to_nothing(place, running):
    line = ["bundle", "1.0.0.tar.gz", "--policy", "trust.toml", "--name", NAME, *ASKED, "--ledger", url(place)]
    code = (
        "import os, sys; os._exit = lambda status: print(*sys.modules, file=sys.stderr) or sys.exit(status);"
        f"sys.argv = ['verify', *{line}]; from verifier.cli.entry import run; run()"
    )
    done = ask_by([sys.executable, "-c", code], place)
    assert done.returncode == 0, done.stderr
    assert {"verifier.cli.asking.plainly", "json", "re", "verifier.cli.main"} & set(done.stderr.split()) == {
        "verifier.cli.asking.plainly"
    }


FILES = """
[artifacts."artifact:tool"]
signatures = { from = ["p256"] }
version = "none"
"""


@pytest.mark.parametrize("content", [b"tool", b"another"], ids=["as attested", "another"])
@pytest.mark.parametrize("more", [(), ("--timeout", "10m")], ids=["plain", "usual"])
def test_any_other_file_is_judged_as_well(place, content, more):
    now = datetime.now(UTC)
    (place / "trust.toml").write_text((place / "trust.toml").read_text() + FILES)
    beside = detached(b"tool", "p256", kind="artifact", name="tool", version="1.0.0", issued_at=now)
    (place / "tool").write_bytes(content)
    (place / "tool.json").write_bytes(beside.content)
    line = [*PYTHON, "artifact", "tool", "--policy", "trust.toml", "--ledger", url(place), "--attestation", "tool.json"]
    alone = ask_by([*line, "-v"], place)
    started = Started(place, "--socket", "agent.sock")
    started.saw("agent.started")
    by_agent = ask_by([*line, "-v", *ASKED, *more], place)
    assert by_agent.stderr == ""
    assert (by_agent.returncode, plainly(by_agent.stdout)) == (alone.returncode, plainly(alone.stdout))
    assert alone.returncode == (0 if content == b"tool" else 1)
    started.saw("agent.decided")
    started.end()


@pytest.mark.parametrize("more", [(), ("--format", "json")], ids=["text", "json"])
@pytest.mark.parametrize("variables", [{"COLUMNS": "60"}, {"FORCE_COLOR": "1"}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}])
def test_a_report_looks_as_it_does_without_an_agent(place, running, more, variables):
    alone = bundle(place, "1.0.0.tar.gz", *more, **variables)
    by_agent = bundle(place, "1.0.0.tar.gz", *more, *ASKED, **variables)
    assert by_agent.stderr == ""
    assert plainly(by_agent.stdout) == plainly(alone.stdout)
    assert ("\x1b[" in by_agent.stdout) == ("FORCE_COLOR" in variables and "NO_COLOR" not in variables and not more)
    running.saw("agent.decided")


@pytest.mark.parametrize("more", [(), ("--format", "json")], ids=["text", "json"])
def test_at_a_terminal_a_report_is_as_wide_as_that_and_in_colours(place, running, more):
    line = [*PYTHON, "bundle", "1.0.0.tar.gz", "--policy", "trust.toml", "--name", NAME, "--ledger", url(place), *more]
    alone, by_agent = (at_a_terminal(each, place) for each in (line, [*line, *ASKED]))
    assert ("\x1b[" in alone) == (not more)
    assert plainly(by_agent) == plainly(alone)
    running.saw("agent.decided")


def at_a_terminal(command, place):
    """What a command writes to a terminal of its own, of 60 columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    try:
        done = subprocess.run(command, cwd=place, env=environment, stdout=theirs, stderr=subprocess.PIPE, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        return os.read(ours, 65536).decode().replace("\r\n", "\n")
    finally:
        os.close(ours)
        os.close(theirs)
