"""Running `verify` for a step: the arguments, one by one, and what came of it.

* every value is one argument behind its option's name, so that none is taken for an option; references
  stand behind `--`
* it runs without the workspace on Python's path, and sees none of the runner's files
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What came of a command: its exit status, and what it wrote where."""

    status: int
    out: str
    err: str


def verify(arguments: Sequence[str], environment: Mapping[str, str]) -> Ran:
    """Run `verify` with these arguments."""
    done = subprocess.run(
        [installed(environment), "-I", "-m", "verifier", *arguments],
        check=False,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
    )
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr)


def installed(environment: Mapping[str, str]) -> Path:
    """The Python that the first step has made."""
    return Path(environment["RUNNER_TEMP"]) / "policy-verifier" / "bin" / "python"


def options(name: str, values: Iterable[str]) -> list[str]:
    """`--name=value` for each value that says something."""
    return [f"--{name}={value}" for value in values if value]
