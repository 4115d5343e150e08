"""A runner of composite actions: the steps of an `action.yml` in their shells, with files behind variables.

* a step with `run` runs as the runner runs it, in the workspace, with GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH and
  GITHUB_STEP_SUMMARY, and the commands in its log are obeyed
* a step with `uses` does what the test says that action does; one that the test does not know is an error
* a step sees the environment of the job and its own `env`, and nothing else of the test's
* an input that the action does not know, an expression that `expressions` does not know, a step that is named before it
  ran, and a `${{ }}` inside a shell's text are errors
"""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.support.pipelines.commands import Broken, Log, read_log, read_values
from tests.support.pipelines.expressions import condition, filled

SHELLS = {"sh": ("sh", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}


class Failed(Exception):
    """What a test says that an action fails with."""


@dataclass
class Step:
    """One step: `outcome` is "success", "failure" or "skipped"."""

    name: str
    outcome: str = "skipped"
    status: int = 0
    out: str = ""
    log: Log = field(default_factory=Log)
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Run:
    """What became of the action."""

    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    path: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def succeeded(self):
        return all(each.outcome != "failure" for each in self.steps)

    @property
    def outcomes(self):
        return {each.name: each.outcome for each in self.steps}

    @property
    def annotations(self):
        return [each for step in self.steps for each in step.log.annotations]

    @property
    def log(self):
        return "\n".join(f"--- {each.name}: {each.outcome}\n{each.out}" for each in self.steps)

    def titles(self, level):
        return [title for found, title, _ in self.annotations if found == level]


class Composite:
    """An action, ready to be run.

    `does` says by name what the actions are that it uses: each is given its inputs and the runner's folder, gives
    outputs or None, and may raise `Failed`. `cancelled_after` names the step after which the job is cancelled.
    """

    def __init__(self, file, *, workspace, temporary, environment, contexts, does=None, without=(), cancelled_after=""):
        self._action = yaml.safe_load(file.read_text())
        assert self._action["runs"]["using"] == "composite"
        self._workspace, self._temporary, self._contexts = workspace, temporary, contexts
        self._does, self._without, self._cancelled_after = does or {}, without, cancelled_after
        self._is_cancelled = False
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(temporary),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(file.parent),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(temporary),
            **environment,
        }

    def run(self, **inputs):
        """Run it with these inputs (`_` stands for `-`)."""
        run, given = Run(), self._inputs(inputs)
        contexts = {**self._contexts, "inputs": given, "runner": {"temp": str(self._temporary)}, "steps": {}}
        for step in self._action["runs"]["steps"]:
            ran = Step(step["name"])
            run.steps.append(ran)
            functions = self._functions(run)
            is_wanted = condition(str(step.get("if", "success()")), contexts, functions)
            if is_wanted and step["name"] not in self._without:
                self._one(step, ran, run, contexts, functions)
            if step["name"] in self._without:
                ran.outcome = "success"
            if "id" in step:
                contexts["steps"][step["id"]] = {"outcome": ran.outcome, "outputs": _Outputs(ran.outputs)}
            self._is_cancelled = self._is_cancelled or step["name"] == self._cancelled_after
        written = {name: each["value"] for name, each in self._action.get("outputs", {}).items()}
        run.outputs = {name: filled(text, contexts, self._functions(run)) for name, text in written.items()}
        return run

    def _functions(self, run):
        well = run.succeeded
        return {
            "always": lambda: True,
            "success": lambda: well and not self._is_cancelled,
            "failure": lambda: not well and not self._is_cancelled,
            "cancelled": lambda: self._is_cancelled,
        }

    def _inputs(self, inputs):
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        known = self._action.get("inputs", {})
        assert set(given) <= set(known), set(given) - set(known)
        assert all(isinstance(value, str) for value in given.values())
        return {name: given.get(name, each.get("default", "")) for name, each in known.items()}

    def _one(self, step, ran, run, contexts, functions):
        assert set(step) <= {"name", "id", "if", "shell", "run", "env", "uses", "with"}, step
        if "uses" in step:
            inputs = {
                key: filled(str(value).lower() if isinstance(value, bool) else value, contexts, functions)
                for key, value in step["with"].items()
            }
            try:
                ran.outputs = self._does[step["uses"].partition("@")[0]](inputs) or {}
            except Failed as error:
                ran.outcome, ran.out = "failure", str(error)
                return
        else:
            assert "${{" not in step["run"], step["name"]
            self._shell(
                step, ran, run, {name: filled(text, contexts, functions) for name, text in step.get("env", {}).items()}
            )
        ran.outcome = "failure" if ran.status else "success"

    def _shell(self, step, ran, run, own):
        index = len(run.steps)
        script = self._temporary / f"{index}.sh"
        script.write_text(step["run"])
        files = {
            name: self._temporary / f"{name}-{index}" for name in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY", "STATE")
        }
        for file in files.values():
            file.write_text("")
        environment = (
            self._environment | run.variables | own | {f"GITHUB_{name}": str(file) for name, file in files.items()}
        )
        environment["PATH"] = os.pathsep.join([*reversed(run.path), environment["PATH"]])
        done = subprocess.run(
            [*SHELLS[step["shell"]], script],
            check=False,
            cwd=self._workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ran.status, ran.out = done.returncode, done.stdout
        ran.log = read_log(done.stdout)
        run.summary += files["STEP_SUMMARY"].read_text()
        run.path += files["PATH"].read_text().splitlines()
        try:
            ran.outputs = ran.log.outputs | read_values(files["OUTPUT"].read_text())
            run.variables |= read_values(files["ENV"].read_text())
        except Broken as error:
            ran.status, ran.out = 1, f"{ran.out}\nunable to process a file command: {error}"


class _Outputs(dict):
    """The outputs of a step: one that it did not set is the empty text."""

    def __contains__(self, name):
        return isinstance(name, str)

    def __missing__(self, name):
        return ""


def plain_python(folder: Path, interpreter: str, seen: Path | None) -> None:
    """In place of what the first step installs: the interpreter of the tests, which notes what it is told in `seen`."""
    (folder / "policy-verifier" / "bin").mkdir(parents=True)
    python = folder / "policy-verifier" / "bin" / "python"
    noted = f'echo "$@" >> "{seen}"\n' if seen else ""
    python.write_text(f'#!/bin/sh\n{noted}exec "{interpreter}" "$@"\n')
    python.chmod(0o755)
