"""What a step says to the runner of GitHub's workflows: outputs, annotations, the summary, masks.

* a text is only ever a text: an output may have many lines, an annotation is escaped, and what others wrote is shown
  with the runner's commands switched off
* what is run by a step sees none of the runner's files: it can set no output, no variable and no path

Source: https://docs.github.com/actions, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from verifier.reports.media.escaping import command_data, command_property

UNSEEN = frozenset(
    {"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}
    | {"LEDGER", "LEDGER_PASSWORD", "SIGNING_KEY", "SIGNING_PASSPHRASE", "PUBLISH_KEY"}
)
"""What is for a step and for nobody that it runs: the runner's files, and secrets."""
LONGEST_SUMMARY = 1_000_000
"""Bytes: GitHub throws a summary away that is longer than 1 MiB."""


class Misasked(Exception):
    """An input, a secret or the memory is not what it must be: `where` it was seen, and what to do about it."""

    def __init__(self, where: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.where, self.message, self.hint = where, message, hint


class Runner:
    """The runner, as the environment of a step shows it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def folder(self) -> Path:
        """Where a job's files go; raises `Misasked` outside a job."""
        given = self._environment.get("RUNNER_TEMP", "")
        if not given:
            raise Misasked("RUNNER_TEMP", "is not set", "Run this as a step of a job: the runner sets it.")
        return Path(given)

    def run(self) -> str:
        """What names this run, in a ledger's history too."""
        known = [self._environment.get(name, "") for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT")]
        return "github-" + "-".join(each if each.isascii() and each.isdigit() else "0" for each in known)

    def others(self) -> dict[str, str]:
        """The environment of what a step runs."""
        return {name: value for name, value in self._environment.items() if name not in UNSEEN}

    def output(self, **values: str) -> None:
        """Set outputs of the step; `_` stands for `-` in a name."""
        self._append("GITHUB_OUTPUT", "".join(_entry(name.replace("_", "-"), text) for name, text in values.items()))

    def summary(self, text: str) -> None:
        """Add to the job's summary, where there is one."""
        if self._environment.get("GITHUB_STEP_SUMMARY"):
            self._append("GITHUB_STEP_SUMMARY", _bounded(text))

    def annotate(self, level: str, title: str, text: str) -> None:
        """An annotation: `level` is "error", "warning" or "notice"."""
        print(f"::{level} title={command_property(title)}::{command_data(text)}", flush=True)

    def mask(self, secret: str) -> None:
        """Have the runner hide `secret` from here on; nothing where nobody would read the command."""
        if secret and self._environment.get("GITHUB_ACTIONS") == "true":
            print(f"::add-mask::{command_data(secret)}", flush=True)

    def show(self, text: str) -> None:
        """Show what others wrote, so that no line of it is a command."""
        token = secrets.token_hex(16)
        print(f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::", flush=True)

    def _append(self, name: str, text: str) -> None:
        file = self._environment.get(name, "")
        if not file:
            raise Misasked(name, "is not set", "Run this as a step of a job: the runner sets it.")
        with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)


def _entry(name: str, text: str) -> str:
    """One output in the form that has no end but a delimiter that nobody knows before."""
    delimiter = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{text}\n{delimiter}\n"


def _bounded(text: str) -> str:
    content = text.encode("utf-8", "backslashreplace")
    if len(content) <= LONGEST_SUMMARY:
        return text if text.endswith("\n") else text + "\n"
    kept = content[:LONGEST_SUMMARY].decode("utf-8", "ignore").rpartition("\n")[0]
    return f"{kept}\n\nThe rest is in the report's files: a summary has at most 1 MiB.\n"


def said(runner: Runner, problem: Misasked) -> None:
    """Say what is wrong with what a step was asked, in the log and as an annotation."""
    runner.annotate("error", f"verify: {problem.where}", f"{problem.where} {problem.message}\n{problem.hint}")
    print(f"{problem.where} {command_data(problem.message)}", file=sys.stderr)
