"""Our own release: the gate that it goes through, and that a tag is the version."""

import os
import subprocess
import sys

import pytest
import yaml

from tests.support.places import ROOT
from verifier.core.version import VERSION

WHEEL, SDIST = "policy_verifier-1.0.0-py3-none-any.whl", "policy_verifier-1.0.0.tar.gz"


@pytest.fixture
def released(tmp_path):
    """A wheel, an sdist, and evidence that is none."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "evidence").mkdir()
    for name in (WHEEL, SDIST):
        (tmp_path / "dist" / name).write_bytes(b"PK\x03\x04")
        (tmp_path / "evidence" / f"{name}.release.sigstore.json").write_text("{}")
    (tmp_path / "evidence" / "provenance.sigstore.json").write_text("{}")
    return tmp_path


def program(folder, text):
    file = folder / "verify"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def gate(folder, verify):
    variables = {"GITHUB_REPOSITORY": "acme/policy-verifier", "GITHUB_REF_NAME": "v1.0.0"}
    command = [ROOT / ".ci" / "gate", verify, folder / "dist", folder / "evidence"]
    return subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)


def test_a_release_without_evidence_is_denied_by_the_real_command(released):
    """And not for a mistake on its command line."""
    done = gate(released, program(released, f'exec "{sys.executable}" -I -m verifier "$@"'))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "provenance.missing" in done.stdout


def test_each_file_is_judged_by_its_provenance_and_its_signature(released):
    done = gate(released, program(released, f'echo "$@" >> {released}/seen'))
    assert done.returncode == 0, done.stderr
    seen = (released / "seen").read_text().splitlines()
    assert [line.split()[1].rpartition("/")[2] for line in seen] == [WHEEL, WHEEL, SDIST, SDIST]
    assert all("acme/policy-verifier/.github/workflows/release.yml@refs/tags/v1.0.0" in line for line in seen)


@pytest.mark.parametrize("judged", [1, 2, 3, 4])
def test_one_denial_is_enough(released, judged):
    counting = f'echo x >> {released}/seen; [ "$(wc -l < {released}/seen)" -ne {judged} ]'
    assert gate(released, program(released, counting)).returncode == 1


@pytest.mark.parametrize("lost", [WHEEL, SDIST])
def test_a_release_that_is_not_whole_is_refused(released, lost):
    (released / "dist" / lost).unlink()
    assert gate(released, program(released, '[ -e "$2" ]')).returncode != 0


def test_a_file_too_many_is_refused(released):
    (released / "dist" / "other-1.0.0-py3-none-any.whl").write_bytes(b"")
    assert gate(released, program(released, "exit 0")).returncode == 1


@pytest.mark.parametrize(
    ("tag", "is_ours"), [(f"v{VERSION}", True), (VERSION, False), ("v9.9.9", False), ("v*", False)]
)
def test_a_tag_that_is_not_the_version_builds_nothing(tag, is_ours):
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    [step] = [each for each in workflow["jobs"]["build"]["steps"] if each.get("name") == "The tag is the version"]
    variables = os.environ | {"GITHUB_REF_NAME": tag}
    done = subprocess.run(["bash", "-ec", step["run"]], cwd=ROOT, env=variables, check=False)
    assert (done.returncode == 0) is is_ours
