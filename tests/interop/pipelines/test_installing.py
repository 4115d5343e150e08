"""The first step of the action as it stands, and two builds of the same bytes: with a real index, as a runner has."""

import os
import subprocess
import sys

import pytest

from tests.support.peers.peers import missing
from tests.support.pipelines.composite import Composite
from tests.support.places import ROOT

pytestmark = pytest.mark.interop


def test_the_first_step_installs_by_hash_and_puts_one_command_on_the_path(tmp_path):
    workspace, temporary = tmp_path / "work", tmp_path / "a runner"
    workspace.mkdir()
    temporary.mkdir()
    action = Composite(
        ROOT / ".github" / "actions" / "install" / "action.yml",
        workspace=workspace,
        temporary=temporary,
        environment={"PYTHON": sys.executable},
        contexts={},
    )
    done = action.run()
    if "Could not find a version" in done.log or "error sending request" in done.log:
        missing("no index of packages answers")
    assert done.succeeded, done.log
    [folder] = done.path
    assert os.listdir(folder) == ["verify"]  # noqa: PTH208 - names
    assert done.variables == {}
    for python in ("bin/python", "bin/verify"):
        assert (temporary / "policy-verifier" / python).exists()
    asked = [f"{folder}/verify", "--help"]
    assert "verify bundle" in subprocess.run(asked, cwd=workspace, check=True, capture_output=True, text=True).stdout
    drivers = "import psycopg, regopy, lxml"
    subprocess.run([temporary / "policy-verifier" / "bin" / "python", "-I", "-c", drivers], check=True)


def test_two_builds_are_the_same_bytes(tmp_path):
    """`make reproducible`: another folder, umask, time zone, locale, seed, order and age of files."""
    if subprocess.run([sys.executable, "-c", "import hatchling"], check=False, capture_output=True).returncode:
        missing("no hatchling beside this Python (`make` installs it by the lock)")
    done = subprocess.run(
        [ROOT / ".ci" / "reproducible", tmp_path / "dist"],
        env=os.environ | {"PYTHON": sys.executable},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "the same bytes, twice" in done.stderr
    assert sorted(each.suffix for each in (tmp_path / "dist").iterdir()) == [".gz", ".whl"]
