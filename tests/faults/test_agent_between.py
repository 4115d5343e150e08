"""An agent between the hook and everything that goes wrong: what was denied without one is denied with one."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.loading.agents import SETTLED, agent, ask_about, codes, fields, prepare, publish, url
from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT
from verifier.agent.client import Unanswered
from verifier.ledger.history import check, history
from verifier.ledger.interface import EventKind
from verifier.ledger.open import open_ledger_url

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
