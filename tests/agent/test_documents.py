"""What is said of the files that come with a question is held against what they are."""

import os
import subprocess

import pytest

from tests.support.loading.agents import agent, fields, url
from tests.support.loading.asking import ASKED, PYTHON, Started, ask_by, bundle
from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT
from tests.support.stories import NAME
from verifier.agent import wire
from verifier.agent.client import Unanswered, ask
from verifier.files.sealed import seal, sealed, unsealed


@pytest.fixture
def running(place):
    with agent(place) as started:
        yield started


def sparse(size):
    """A sealed file of so many bytes, which take no memory until they are read."""
    made = unsealed()
    os.ftruncate(made, size)
    seal(made)
    return made


def asked(running, place, artifact, documents, *sizes):
    """The exit status, or the code of why there is none."""
    beside = [field for size in sizes for field in (("document", "beside.json"), ("bytes", str(size)))]
    message = wire.written([*fields(place, by="evidence"), *beside])
    try:
        return ask(str(running.socket), message, [artifact, documents], trusted=frozenset(), deadline_s=PATIENCE_S)[0]
    except Unanswered as why:
        return why.code


@pytest.mark.parametrize(
    "sizes",
    [
        ["-1"],
        ["+2"],
        ["02"],
        ["\uff12"],
        ["2 "],
        ["0x2"],
        [""],
        ["1e0"],
        [str(2**64 + 2)],
        [1],
        [3],
        [0],
        [2, 1],
        [9_999_999_999] * 32,
        [2, *[0] * 32],
        [],
    ],
)
def test_sizes_that_lie_are_refused(place, running, sizes):
    artifact, documents = sealed((place / "1.0.0.tar.gz").read_bytes()), sealed(b"{}")
    assert asked(running, place, artifact, documents, *sizes) == "agent.protocol"
    assert asked(running, place, artifact, documents, 2) == 3
    for each in (artifact, documents):
        os.close(each)


@pytest.mark.parametrize("size", [2**30, 2**40, 2**62])
@pytest.mark.parametrize("which", [0, 1])
def test_sizes_beyond_every_bound_are_refused_unread(place, running, size, which):
    given = [sealed((place / "1.0.0.tar.gz").read_bytes()), sealed(b"")]
    os.close(given[which])
    given[which] = sparse(size)
    assert asked(running, place, *given, *([size] if which and size < 10**10 else [])) == "agent.busy"
    for each in given:
        os.close(each)


def test_the_artifact_as_its_own_evidence_is_none(place, running):
    both = sealed((place / "1.0.0.tar.gz").read_bytes())
    assert asked(running, place, both, both, os.fstat(both).st_size) == 3
    os.close(both)


@pytest.mark.parametrize("more", [(), ("--timeout", "10m")], ids=["plain", "usual"])
class TestOnTheLine:
    @pytest.fixture(autouse=True)
    def started(self, place):
        started = Started(place, "--socket", "agent.sock")
        started.saw("agent.started")
        yield started
        started.end()

    def test_more_documents_than_go_are_judged_here_or_not_at_all(self, place, more):
        (place / "beside.json").write_bytes(b"{}")
        for many, code in ((32, ""), (33, "agent.protocol")):
            line = ["1.0.0.tar.gz", *["--attestation", "beside.json"] * many, *more]
            assert bundle(place, *line).returncode == 3
            done = bundle(place, *line, "--agent", "agent.sock")
            assert (done.returncode, done.stderr.split(": ")[1] if done.stderr else "") == (3, code)
            assert bundle(place, *line, *ASKED).stdout == "" or not code

    def test_a_policy_that_comes_in_a_stream_is_no_agents(self, place, more):
        line = [
            "bundle",
            "1.0.0.tar.gz",
            "--policy",
            "/dev/stdin",
            "--ledger",
            url(place),
            "--name",
            NAME,
            *ASKED,
            *more,
        ]
        given = os.environ | {"PYTHONPATH": str(ROOT)}
        with (place / "trust.toml").open("rb") as policy:
            done = subprocess.run(
                [*PYTHON, *line], cwd=place, env=given, stdin=policy, capture_output=True, text=True, check=False
            )
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith("verify: agent.elsewhere: ")

    @pytest.mark.parametrize("what", ["fifo", "folder", "empty folder", "link that leads nowhere"])
    def test_evidence_that_is_no_file_is_judged_here_or_not_at_all(self, place, more, what):
        beside = place / "beside"
        {
            "fifo": lambda: os.mkfifo(beside),
            "folder": lambda: (beside / "inner").mkdir(parents=True),
            "empty folder": beside.mkdir,
            "link that leads nowhere": lambda: beside.symlink_to("nowhere"),
        }[what]()
        line = ["1.0.0.tar.gz", "--attestation", "beside", *more]
        assert bundle(place, *line, "--agent", "agent.sock").returncode == bundle(place, *line).returncode == 3
        done = bundle(place, *line, *ASKED)
        assert (done.returncode in {2, 3}, done.stdout) == (True, "")


@pytest.mark.parametrize("log", ["2>/dev/full", "2>&-", "2>&1 | true"])
def test_an_agent_whose_log_nobody_takes_answers(place, log):
    command = f'"$@" {log}'
    line = [*PYTHON, "agent", "--policy", "trust.toml", "--ledger", url(place), "--socket", "agent.sock"]
    given = os.environ | {"PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(["sh", "-c", command, "sh", *line], cwd=place, env=given, start_new_session=True)
    try:
        for _ in range(200):
            done = ask_by([*PYTHON, "bundle", "1.0.0.tar.gz", "--policy", "trust.toml", "--name", NAME,
                           "--ledger", url(place), *ASKED], place)  # fmt: skip
            if done.returncode == 0:
                break
        assert done.returncode == 0
    finally:
        os.killpg(running.pid, 15)
        running.wait(PATIENCE_S)
