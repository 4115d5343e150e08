"""A runner of GitHub's workflows, as far as ours need one: the steps of a job, in bash, with environment files.

* a step with `run` runs as the runner runs it (`bash -e FILE`) in the workspace, with the files behind GITHUB_OUTPUT,
  GITHUB_ENV, GITHUB_PATH and GITHUB_STEP_SUMMARY
* a step with `uses` is noted with its inputs, and does nothing, unless the test says what it does
* a step runs while all before it went well, or where its `if` has `always()`; the job fails where a step did
* expressions are names with dots, `&&` and `always()`; another is an error

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax.
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Ran:
    """One step: `outcome` is "success", "failure" or "skipped"."""

    name: str
    outcome: str
    out: str = ""
    uses: str = ""
    inputs: dict = field(default_factory=dict)


@dataclass
class Job:
    """What became of a job."""

    steps: list[Ran]
    summary: str
    status: int

    def step(self, name):
        [found] = [each for each in self.steps if each.name == name or each.uses.startswith(name)]
        return found

    @property
    def outcomes(self):
        return {each.name or each.uses.partition("@")[0]: each.outcome for each in self.steps}


def workflow(path):
    """A workflow as YAML 1.2 has it, in which `on` is a text."""
    value = yaml.safe_load(Path(path).read_text())
    value["on"] = value.pop(True)
    return value


class Runner:
    """Runs the one job of a workflow.

    `contexts` are what expressions can name; `without` the names of steps that are left out, because their work is
    done; `does` what a step with `uses` does, by the beginning of that; `instead` values of variables that steps set to
    what is not here.
    """

    def __init__(self, path, workspace, *, contexts, environment, without=(), does=None, instead=None):
        [(_, self._job)] = workflow(path)["jobs"].items()
        self._instead = instead or {}
        self._workspace, self._contexts = workspace, contexts
        self._without, self._does = without, does or {}
        self._files = workspace.parent / "runner"
        self._files.mkdir(exist_ok=True)
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(workspace.parent),
            "RUNNER_TEMP": str(self._files),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            **environment,
        }
        contexts.setdefault("runner", {"temp": str(self._files)})

    def run(self):
        """The job, from its first step to its last."""
        steps, summary, well, status = [], "", True, 0
        for index, step in enumerate(self._job["steps"]):
            name = step.get("name", "")
            if name in self._without:
                continue
            ran = Ran(name, "skipped", uses=step.get("uses", ""))
            steps.append(ran)
            if not self._is_wanted(str(step.get("if", "success()")), well=well):
                continue
            if "uses" in step:
                ran.inputs = {key: self._filled(str(value)) for key, value in step.get("with", {}).items()}
                code = self._use(ran)
            else:
                code, ran.out, written = self._bash(index, step)
                summary += written
            ran.outcome = "failure" if code else "success"
            if code and well:
                well, status = False, code
        return Job(steps, summary, status)

    def _use(self, ran):
        for beginning, action in self._does.items():
            if ran.uses.startswith(beginning):
                action(ran.inputs)
        return 0

    def _bash(self, index, step):
        script = self._files / f"step-{index}.sh"
        script.write_text(self._filled(step["run"]))
        files = {name: self._files / f"{name}-{index}" for name in ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        environment = {key: self._filled(str(value)) for key, value in step.get("env", {}).items()}
        environment |= {key: value for key, value in self._instead.items() if key in environment}
        environment |= {f"GITHUB_{name}": str(file) for name, file in files.items()}
        done = subprocess.run(
            ["bash", "-e", script],
            check=False,
            cwd=self._workspace,
            env=self._environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in files["PATH"].read_text().splitlines():
            self._environment["PATH"] = f"{line}:{self._environment['PATH']}"
        for line in files["ENV"].read_text().splitlines():
            key, _, value = line.partition("=")
            self._environment[key] = value
        return done.returncode, done.stdout, files["STEP_SUMMARY"].read_text()

    def _filled(self, text):
        return _EXPRESSION.sub(lambda found: str(self._value(found[1])), text)

    def _is_wanted(self, condition, *, well):
        terms = [each.strip() for each in condition.split("&&")]
        if not {"always()", "success()"} & set(terms):
            terms.append("success()")
        return all(well if each == "success()" else bool(self._value(each)) for each in terms)

    def _value(self, expression):
        if expression == "always()":
            return True
        value = self._contexts
        for part in expression.split("."):
            value = value[part]
        return value
