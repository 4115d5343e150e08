"""Installing from a checkout, by the tools that people install programs with, in a home where nothing is yet."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.peers.peers import executable
from tests.support.places import ROOT

pytestmark = pytest.mark.interop


@pytest.fixture
def home(tmp_path):
    """The environment of somebody who has nothing installed; `checkout` in it is what they have cloned."""
    clone = ["git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", tmp_path / "checkout"]
    subprocess.run(clone, check=True, capture_output=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON", "XDG_"))}
    return kept | {"HOME": str(tmp_path), "UV_NO_CONFIG": "1"}


def ran(environment, *command):
    return subprocess.run(
        command, cwd=environment["HOME"], env=environment, capture_output=True, text=True, check=True
    ).stdout


def works(environment, verify):
    assert ran(environment, verify, "--version").startswith("verify 0.1.0")
    assert "each ended as it should" in ran(environment, verify, "demo")
    assert not (Path(environment["HOME"]) / ".local/state/policy-verifier").exists()


def test_pipx_installs_it(home):
    ran(home, executable("pipx", "PIPX"), "install", "./checkout[rego]")
    works(home, f"{home['HOME']}/.local/bin/verify")


def test_uv_installs_it(home):
    ran(home, executable("uv-1", "UV"), "tool", "install", "./checkout[rego]")
    works(home, f"{home['HOME']}/.local/bin/verify")
