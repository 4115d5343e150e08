"""Finding the real programs that the interop suite talks to: absent, they skip a test, and fail it in CI."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest


def executable(name: str, variable: str) -> str:
    """The program that the environment's `variable` names, or the one on PATH."""
    found = os.environ.get(variable) or shutil.which(name)
    return found or missing(f"no {name}: set {variable} or put it on PATH (`make interop` does)")


def missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"required in CI: {reason}")
    pytest.skip(reason)


def run(*command: str, cwd: Path, environment: dict[str, str] | None = None) -> str:
    """What the command prints; a `CalledProcessError` with it where it fails."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=True,
    ).stdout
