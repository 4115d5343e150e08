"""A machine whose clock was really set back or forward: the command reads the time by itself, under libfaketime."""

import json
import subprocess
import sys

import pytest

from tests.support import workplace
from tests.support.command import run as verify
from tests.support.peers.peers import executable
from tests.support.publishing.releases import release

pytestmark = pytest.mark.interop
place = workplace.place
COMMON = ("--policy", "trust.toml", "--name", "authz", "--resource-uri", "https://example.org/authz")


@pytest.fixture
def loaded_at(place):
    """Load a release by its verdict, in a process for which it is another time; its exit status and reason codes."""
    faketime = executable("faketime", "FAKETIME")
    verify("ledger", "init")
    for revision in ("1.0.0", "1.1.0"):
        bundle = release(revision, out=f"{revision}.tar.gz")
        emitted = ("--verdict-out", f"{revision}.json", "--signing-key", "ci")
        assert verify("bundle", bundle, *COMMON, *emitted).status == 0

    def load(revision, moment):
        command = ["preload", f"{revision}.tar.gz", "--verdict", f"{revision}.json", *COMMON, "--format", "json"]
        python = [faketime, moment, sys.executable, "-m", "verifier"]
        words = [*python, *command, "--out", "loaded.tar.gz", "--ledger", "sqlite:ledger.db"]
        done = subprocess.run(words, cwd=place, capture_output=True, check=False)
        assert b"Traceback" not in done.stderr
        report = json.loads(done.stdout)
        return done.returncode, [reason["code"] for reason in report["reasons"] if reason["severity"] == "error"]

    return load


def test_a_clock_that_was_set_back_is_noticed(loaded_at):
    assert loaded_at("1.0.0", "+1 hour") == (0, [])
    assert loaded_at("1.1.0", "+20 minutes") == (1, ["clock.backwards"])
    assert loaded_at("1.1.0", "+61 minutes") == (0, [])


def test_a_clock_set_back_does_not_bring_an_expired_verdict_back(loaded_at):
    assert loaded_at("1.0.0", "+1 hour") == (0, [])
    assert loaded_at("1.0.0", "+365 days") == (1, ["verdict.expired"])
    assert loaded_at("1.0.0", "-1 day")[0] == 1
