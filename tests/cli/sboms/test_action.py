"""The steps of `.github/actions/sbom`, run as a runner runs them: each in a shell of its own, by its environment."""

import os
import re
import subprocess
import sys

import pytest
import yaml

from tests.support.places import ROOT

ACTION = yaml.safe_load((ROOT / ".github/actions/sbom/action.yml").read_text())


@pytest.fixture
def commands(tmp_path):
    """A folder in which `verify` is a command."""
    folder = tmp_path / "commands"
    folder.mkdir()
    verify = folder / "verify"
    verify.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
    verify.chmod(0o755)
    return folder


def run(place, commands, **inputs):
    """Each step's exit status, up to the first that fails."""
    given = {name: said.get("default", "") for name, said in ACTION["inputs"].items()} | inputs
    statuses = []
    for step in ACTION["runs"]["steps"]:
        if step.get("if") == "inputs.attestation != ''" and not given["attestation"]:
            continue
        environment = {
            name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: given[match[1]], value)
            for name, value in step["env"].items()
        }
        path = os.pathsep.join((str(commands), "/usr/bin", "/bin"))
        environment |= {"PATH": path, "HOME": str(place), "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
        ran = subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], cwd=place, env=environment, check=False)
        statuses.append(ran.returncode)
        if ran.returncode:
            break
    return statuses


def test_an_sbom_is_made_checked_and_signed(place, commands):
    assert run(place, commands, target="src", attestation="att.json", key="release") == [0, 0, 0]
    assert {"sbom.cdx.json", "att.json"} <= {each.name for each in place.iterdir()}


def test_nothing_is_signed_where_no_attestation_is_asked_for(place, commands):
    assert run(place, commands, target="src") == [0, 0]


def test_what_cannot_be_listed_fails_the_first_step(place, commands):
    (status,) = run(place, commands, target="absent")
    assert status != 0


def test_an_input_is_never_a_command(place, commands):
    (status,) = run(place, commands, target="$(touch owned)", sbom="s.json")
    assert status != 0
    assert not (place / "owned").exists()
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])
