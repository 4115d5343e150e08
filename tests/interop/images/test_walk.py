"""What the README says of registries is run as it is written, on each registry."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable
from tests.support.peers.registries import REGISTRIES, running_registry
from tests.support.places import ROOT

pytestmark = [pytest.mark.interop, pytest.mark.rego]

BLOCK = re.compile(r"<!-- runs(?P<how> with a registry)? -->\n```sh\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
REFUSED = ["version.rollback", "attestation.subject-mismatch"]


def walk(host):
    """The README's blocks up to its last one about registries, one script; the registry is the one that runs here."""
    found = list(BLOCK.finditer((ROOT / "README.md").read_text()))
    last = max(number for number, block in enumerate(found) if block["how"])
    script = "".join(block["text"] for block in found[: last + 1])
    assert "registry=localhost:5000" in script
    return script.replace("registry=localhost:5000", f"registry={host}")


@pytest.fixture
def commands(tmp_path):
    """A folder with `verify` and `crane`, and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "verify").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
    (folder / "verify").chmod(0o755)
    (folder / "crane").symlink_to(executable("crane", "CRANE"))
    return folder


@pytest.mark.parametrize("registry", REGISTRIES)
def test_the_walk_of_the_readme_works_as_it_is_written(registry, commands, tmp_path):
    empty, served = tmp_path / "empty", tmp_path / "served"
    empty.mkdir()
    served.mkdir()
    environment = {
        "PATH": os.pathsep.join((str(commands), "/usr/bin", "/bin")),
        "HOME": str(empty),
        "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path)),
    }
    with running_registry(registry, served) as running:
        ran = subprocess.run(
            ["/bin/sh", "-eu", "-c", walk(running.host)],
            cwd=empty, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
        )  # fmt: skip
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    assert re.findall(r"^refused: (\S+)$", ran.stdout, re.MULTILINE) == REFUSED
    assert all(said.count(f"error    {code}") or said.count(f"verify: {code}") for code in REFUSED), said
