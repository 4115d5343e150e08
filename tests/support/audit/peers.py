"""Other auditors, unmodified, with the words and the status that they end with."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass

from tests.support.peers.peers import executable

LONGEST_S = 120


@dataclass(frozen=True)
class Said:
    """What a peer ended with, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def report(self):
        return json.loads(self.out)

    @property
    def words(self):
        """The last line for people."""
        lines = [line for line in (*self.out.splitlines(), *self.err.splitlines()) if line.strip()]
        return lines[-1].strip() if lines else ""


def peer(name, variable, *arguments, cwd, environment=None):
    """What a program of PATH says; its status is not judged."""
    program = executable(name, variable)
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [program, *map(str, arguments)],
        cwd=cwd,
        env={**kept, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def pip_audit(*arguments, cwd, environment=None):
    """pip-audit 2.10, without a spinner and without what another run was answered."""
    options = ("--progress-spinner", "off", "--cache-dir", cwd / "cache")
    return peer("pip-audit-2.10", "PIP_AUDIT", *arguments, *options, cwd=cwd, environment=environment)


def uv(*arguments, cwd, environment=None):
    """uv, on its own: no configuration of this machine's, no cache of another run's."""
    own = {"UV_CACHE_DIR": str(cwd / "uv-cache"), "UV_NO_CONFIG": "1", "NO_COLOR": "1"}
    return peer("uv-1", "UV", *arguments, cwd=cwd, environment={**own, **(environment or {})})
