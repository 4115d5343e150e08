"""An editor that knows TOML, with docs/schemas: real Taplo offers the keys, and sees what is misspelt."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.peers.peers import executable, missing
from tests.support.places import ROOT

pytestmark = pytest.mark.interop
SCHEMA = ROOT / "docs/schemas/policy-v1.json"
GOOD = sorted((ROOT / "fixtures/trust/good").glob("*.toml"))
WRITTEN = """version = 1
id = "urn:example:policy"

[signers.release]

[artifacts."bundle:authz"]
signatures = { from = ["release"] }
version = "none"

"""


@pytest.fixture(scope="module")
def modules():
    """Where `.ci/peers` has installed them."""
    found = os.environ.get("EDITORS") or missing("no Taplo: set EDITORS to its node_modules (`make interop` does)")
    return Path(found)


def checked(modules, path):
    return subprocess.run(
        [executable("node", "NODE"), modules / ".bin/taplo", "check", "--schema", SCHEMA.as_uri(), path],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def offered(modules, path, line):
    return subprocess.run(
        [executable("node", "NODE"), ROOT / "tests/interop/editors/complete.mjs", SCHEMA, path, str(line), "0"],
        env=os.environ | {"EDITORS": str(modules)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_policy_that_is_right_is_not_complained_of(modules, path):
    ran = checked(modules, path)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ('kye = "release.pub"', "'kye' was unexpected"),
        ('algorithms = ["HS1"]', "is not one of"),
        ("revoked = 1", 'is not of type "boolean"'),
    ],
)
def test_a_slip_is_shown_where_it_is_written(modules, tmp_path, slip, said):
    path = tmp_path / "trust.toml"
    path.write_text(WRITTEN.replace("[signers.release]\n", f"[signers.release]\n{slip}\n"))
    ran = checked(modules, path)
    assert ran.returncode == 1
    assert said in ran.stderr


def test_the_keys_of_a_signer_are_offered(modules, tmp_path):
    path = tmp_path / "trust.toml"
    path.write_text(WRITTEN)
    assert {"key", "keyless.identity", "algorithms", "revoked"} <= set(offered(modules, path, 4))


def test_the_keys_of_a_rule_that_it_lacks_are_offered_and_no_others(modules, tmp_path):
    path = tmp_path / "trust.toml"
    path.write_text(WRITTEN)
    found = set(offered(modules, path, 8))
    assert {"freshness", "capabilities.deny", "provenance.level", "vulnerabilities.max_severity"} <= found
    assert {"version", "key"}.isdisjoint(found)
