"""An agent between the hook and everything that goes wrong: what was denied without one is denied with one."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.ledgers.invariants import require_invariants
from tests.support.loading.agents import SETTLED, agent, ask_about, codes, fields, prepare, publish, url
from tests.support.loading.small_disk import fill, unfinished
from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT
from tests.support.stories import NAME
from verifier.agent.client import Unanswered
from verifier.agent.judge import ledger_identity
from verifier.agent.loader import AgentLoader
from verifier.ledger.history import check, history
from verifier.ledger.interface import EventKind
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.ledger.sqlite import store as sqlite
from verifier.loading.loader import Loader
from verifier.trust.load import load_policy

KILLS = 8


@pytest.fixture
def place(short):
    prepare(short)
    for revision in ("1.0.0", "1.1.0"):
        publish(short, revision)
    return short


def test_a_clock_that_is_set_back_accepts_nothing(place):
    time = [datetime.now(UTC) + SETTLED]
    with agent(place, clock=lambda: time[0]) as running:
        assert running.ask("1.0.0")[0] == 0
        time[0] -= timedelta(hours=1)
        status, report = running.ask("1.1.0")
        assert status == 1
        assert "clock.backwards" in codes(report)


def test_an_older_copy_of_the_ledger_is_no_way_back_for_who_has_not_looked_away(place):
    """It is judged by what is there, as a hook by itself would; a copy within the file is noticed."""
    with agent(place) as running:
        assert running.ask("1.0.0")[0] == 0
        older = (place / "ledger.db").read_bytes()
        assert running.ask("1.1.0")[0] == 0
        for each in place.glob("ledger.db-*"):
            each.unlink()
        with (place / "ledger.db").open("r+b") as stream:
            stream.write(older)
            stream.truncate()
        try:
            assert running.ask("1.0.0")[0] != 0
        except Unanswered as why:
            assert why.code == "agent.unusable"  # noqa: PT017 - either way nothing is accepted


def test_what_is_no_ledger_any_more_accepts_nothing(place):
    with agent(place) as running:
        assert running.ask("1.0.0")[0] == 0
        for each in place.glob("ledger.db*"):
            each.unlink()
        (place / "ledger.db").write_bytes(b"no ledger at all")
        (place / "ledger.db").chmod(0o600)
        status, report = running.ask("1.1.0")
        assert status == 3
        assert {code.partition(".")[0] for code in codes(report)} == {"ledger"}


def test_a_ledger_that_comes_back_is_used_again(place):
    with agent(place) as running:
        assert running.ask("1.0.0")[0] == 0
        (place / "ledger.db").rename(place / "away.db")
        with pytest.raises(Unanswered):
            running.ask("1.1.0", ledger="1:1:1:1")
        (place / "away.db").rename(place / "ledger.db")
        assert running.ask("1.1.0")[0] == 0


def test_of_two_agents_with_one_ledger_the_older_release_wins_in_neither(place, other):
    shutil.copy(place / "trust.toml", other)
    for each in place.glob("*.pub"):
        shutil.copy(each, other)
    with agent(place) as first, agent(other, ledger=url(place)) as second:
        assert first.ask("1.1.0")[0] == 0
        for name in ("1.0.0.tar.gz", "1.0.0.json"):
            shutil.copy(place / name, other)
        asked = dict(fields(other))
        status, report = second.ask("1.0.0", ledger=dict(fields(place))["ledger"], policy=asked["policy"])
        assert (status, codes(report)) == (1, {"version.rollback"})


def test_a_signer_that_is_revoked_is_believed_no_more_from_the_next_question_on(place):
    policy = (place / "trust.toml").read_text()
    with agent(place) as running:
        assert running.ask("1.0.0")[0] == 0
        (place / "trust.toml").write_text(policy.replace('key = "p384.pub"', 'key = "p384.pub"\nrevoked = true'))
        status, report = running.ask("1.0.0")
        assert status != 0
        assert "signer.revoked" in codes(report)


def test_a_policy_that_is_half_written_answers_nobody(place):
    whole = (place / "trust.toml").read_bytes()
    with agent(place) as running:
        assert running.ask("1.0.0")[0] == 0
        (place / "trust.toml").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(Unanswered) as why:
            running.ask("1.1.0")
        assert why.value.code == "agent.unusable"
        (place / "trust.toml").write_bytes(whole)
        assert running.ask("1.1.0")[0] == 0


@pytest.fixture
def on_a_small_disk(place, disk):
    """The URL of a ledger with little room."""
    create_ledger_url(f"sqlite://{disk}/ledger.db")
    return f"sqlite://{disk}/ledger.db"


def mark_in(ledger):
    with open_ledger_url(ledger) as opened:
        require_invariants(opened, told=())
        return opened.fetch(f"bundle:{NAME}").state.mark.version


def test_where_the_ledgers_disk_is_full_nothing_newer_is_accepted_until_there_is_room(place, disk, on_a_small_disk):
    asked = {"ledger": ledger_identity(on_a_small_disk)}
    with agent(place, ledger=on_a_small_disk) as running:
        assert running.ask("1.0.0", **asked)[0] == 0
        ballast = fill(disk)
        status, report = running.ask("1.1.0", **asked)
        assert (status, codes(report)) == (3, {"ledger.unavailable"})
        ballast.unlink()
        assert mark_in(on_a_small_disk) == "1.0.0"
        assert running.ask("1.1.0", **asked)[0] == 0
    assert mark_in(on_a_small_disk) == "1.1.0"


def test_where_the_ledgers_disk_is_full_an_older_release_is_denied_all_the_same(place, disk, on_a_small_disk):
    asked = {"ledger": ledger_identity(on_a_small_disk)}
    with agent(place, ledger=on_a_small_disk) as running:
        assert running.ask("1.1.0", **asked)[0] == 0
        fill(disk)
        status, report = running.ask("1.0.0", **asked)
        assert status == 1
        assert "version.rollback" in codes(report)


def test_where_the_hooks_disk_is_full_nothing_is_written_by_halves_and_what_is_loaded_stays(place, disk):
    """The agent has accepted it, and the ledger knows: the next attempt finds that it is accepted."""
    loaded, said = disk / "out.tar.gz", ["--verdict", "1.0.0.json", "--policy", "trust.toml", "--name", NAME]
    loaded.write_bytes(b"\x1f\x8bwhat was loaded before")
    line = ["1.0.0.tar.gz", *said, "--ledger", url(place), "--agent", "agent.sock", "--agent-required"]
    command = [sys.executable, "-m", "verifier", "preload", *line, "--out", str(loaded)]

    def hook():
        given = os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(place / "state")}
        return subprocess.run(command, cwd=place, env=given, capture_output=True, text=True, check=False)

    with agent(place):
        ballast = fill(disk)
        done = hook()
        assert (done.returncode, "No space left" in done.stderr, done.stdout) == (2, True, "")
        assert loaded.read_bytes() == b"\x1f\x8bwhat was loaded before"
        assert unfinished(disk) == []
        ballast.unlink()
        assert hook().returncode == 0
        assert loaded.read_bytes() == (place / "1.0.0.tar.gz").read_bytes()


@contextmanager
def held(ledger):
    """The ledger's lock, as another process would hold it."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def brief(monkeypatch):
    """A held ledger is not waited for long."""
    monkeypatch.setitem(sqlite.open_ledger.__kwdefaults__, "lock_seconds", 0.1)


@pytest.mark.usefixtures("brief")
def test_while_the_ledgers_lock_is_held_nothing_newer_is_accepted(place):
    with agent(place) as running:
        assert running.ask("1.0.0")[0] == 0
        with held(place / "ledger.db"):
            status, report = running.ask("1.1.0")
            assert (status, codes(report)) == (3, {"ledger.locked"})
        assert mark_in(url(place)) == "1.0.0"
        assert running.ask("1.1.0")[0] == 0
    assert mark_in(url(place)) == "1.1.0"


@pytest.mark.usefixtures("brief")
def test_while_the_ledgers_lock_is_held_an_older_release_is_denied_all_the_same(place):
    with agent(place) as running:
        assert running.ask("1.1.0")[0] == 0
        with held(place / "ledger.db"):
            status, report = running.ask("1.0.0")
            assert status == 1
            assert "version.rollback" in codes(report)


@pytest.mark.usefixtures("brief")
def test_a_hook_that_asks_while_the_lock_is_held_does_not_wait_for_it_and_passes_nothing(place):
    """A program's loader, with an agent and without: the lock is the same for both."""
    with agent(place) as running, held(place / "ledger.db"), open_ledger_url(url(place)) as ledger:
        policy = place / "trust.toml"
        loader = AgentLoader(Loader(load_policy(policy), ledger), running.socket, policy=policy, deadline_s=PATIENCE_S)
        loaded = loader.load(
            place / "1.0.0.tar.gz",
            (place / "1.0.0.json").read_bytes(),
            name=NAME,
            now=datetime.now(UTC) + SETTLED,
            correlation_id="held",
        )
    assert loaded.verified is None
    assert {reason.code for reason in loaded.verdict.reasons if reason.is_error} == {"ledger.locked"}


def started(place):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "verifier",
            "agent",
            "--policy",
            "trust.toml",
            "--ledger",
            url(place),
            "--socket",
            "agent.sock",
        ],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if "agent.started" in line:
            return process
    raise AssertionError("it did not start")


def test_an_agent_that_is_killed_has_answered_nothing_that_its_ledger_does_not_know(place):
    chance = random.Random(15)  # noqa: S311 - the same points every time
    released, answered = 1, []
    for _ in range(KILLS):
        process = started(place)
        killer = threading.Timer(chance.uniform(0, 0.2), process.send_signal, (signal.SIGKILL,))
        killer.start()
        try:
            while process.poll() is None:
                released += 1
                publish(place, f"1.{released}.0")
                answered.append((f"1.{released}.0", ask_until(place, f"1.{released}.0")))
        finally:
            killer.join()
            process.kill()
            process.wait(PATIENCE_S)
            process.stderr.close()
    accepted = [revision for revision, status in answered if status == 0]
    assert {status for _, status in answered} <= {0, None}
    with open_ledger_url(url(place)) as ledger:
        assert check(ledger).head.sequence >= len(accepted)
        known = [event.version for event in history(ledger) if event.kind is EventKind.ACCEPTED]
    assert set(accepted) <= set(known)


def ask_until(place, revision):
    """What is answered, None where the agent was gone."""
    contents = [(Path(place) / f"{revision}.{end}").read_bytes() for end in ("tar.gz", "json")]
    try:
        return ask_about(place / "agent.sock", fields(place, revision), *contents)[0]
    except Unanswered as why:
        assert why.code in {"agent.unreachable", "agent.busy"}  # noqa: PT017 - as it says
        return None
