"""`verify bundle`, asked of an agent: the answer is the one that the command comes to by itself, to the letter."""

import json
import sys
from datetime import UTC, datetime

import pytest

from tests.agent.test_processes import ASKED, PYTHON, Started, ask_by
from tests.support.loading.agents import publish, url
from tests.support.stories import NAME, archive, detached, signed
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.open import open_ledger_url

CLEAN = {"durationMs": 0, "timeVerified": "", "correlationId": ""}


@pytest.fixture
def running(place):
    started = Started(place, "--socket", "agent.sock")
    started.saw("agent.started")
    yield started
    started.end()


def bundle(place, artifact, *options, begins=(*PYTHON, "bundle"), **environment):
    """`verify bundle` in a process of its own."""
    said = [artifact, "--policy", "trust.toml", "--ledger", url(place), "--name", NAME]
    return ask_by([*begins, *said, *options], place, **environment)


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


def plainly(report):
    """A report without what is another one each time: how long it took, when, and by which id."""
    try:
        return {**json.loads(report), **CLEAN}
    except ValueError:
        return [line for line in report.splitlines() if not line.startswith("run ")]


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
        ("second.tar.gz",),
        ("--attestation", "missing.json", "--timeout", "10s"),
        ("--format", "html"),
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
    assert "the agent is not asked, because of REF" in done.stderr


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
    assert {"verifier.cli.asking.hook", "json", "re", "verifier.cli.main"} & set(done.stderr.split()) == {
        "verifier.cli.asking.hook"
    }
