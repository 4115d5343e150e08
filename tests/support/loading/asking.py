"""`verify agent` and whoever asks it, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

from tests.support.loading.agents import url
from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT
from tests.support.running.telling import Telling
from tests.support.stories import NAME

PYTHON = [sys.executable, "-m", "verifier"]
ASKED = ("--agent", "agent.sock", "--agent-required")
CLEAN = {"durationMs": 0, "timeVerified": "", "correlationId": ""}


class Started(Telling):
    """`verify agent`, and what it tells."""

    def __init__(self, place, *options, command="agent", **environment):
        command = [*PYTHON, command, "--policy", "trust.toml", "--ledger", url(place), "--log-format", "json"]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=place,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.deadline = threading.Timer(PATIENCE_S, self.process.kill)
        self.deadline.start()
        self.log = []

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.deadline.cancel()
            self.process.kill()
            self.process.stderr.close()


def hook(place, revision, *options, begins=(), **environment):
    """`verify preload` in a process of its own."""
    said = [f"{revision}.tar.gz", "--verdict", f"{revision}.json", "--policy", "trust.toml", "--name", "authz"]
    command = [*(begins or [*PYTHON, "preload"]), *said, "--ledger", url(place), *options]
    return ask_by(command, place, **environment)


def ask_by(command, place, **environment):
    """Whatever command, run there."""
    given = os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(place / "state")} | environment
    return subprocess.run(command, cwd=place, env=given, capture_output=True, text=True, check=False)


def bundle(place, artifact, *options, begins=(*PYTHON, "bundle"), **environment):
    """`verify bundle` in a process of its own."""
    said = [artifact, "--policy", "trust.toml", "--ledger", url(place), "--name", NAME]
    return ask_by([*begins, *said, *options], place, **environment)


def plainly(report):
    """A report without what is another one each time: how long it took, when, and by which id (the last line)."""
    try:
        return {**json.loads(report), **CLEAN}
    except ValueError:
        lines = report.splitlines()
        ends = [number for number, line in enumerate(lines) if line.removeprefix("\x1b[2m").startswith("run")]
        return lines[: ends[0]] if ends else lines
