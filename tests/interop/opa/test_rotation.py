"""A rotated key in a real OPA: docs/rotation.md says that no `keyid` is to be pinned, and why."""

import json
import subprocess

import pytest

from tests.support import workplace
from tests.support.command import run
from tests.support.peers.peers import executable

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("place")]
place = workplace.place


def decides(place, signing):
    """Whether a real OPA loads what the new key has signed."""
    signed = run("sign", "bundle", "src", "--key", "ci", "--keyid", "next", "--scope", "authz", "--out", "authz.tar.gz")
    assert signed.status == 0, signed.err
    keys = {"release": ("ES256", "release.pub"), "next": ("ES384", "ci.pub")}
    config = {
        "keys": {name: {"algorithm": kind, "key": (place / file).read_text()} for name, (kind, file) in keys.items()},
        "bundles": {"authz": {"resource": f"file://{place}/authz.tar.gz", "signing": {"scope": "authz", **signing}}},
    }
    (place / "opa.json").write_text(json.dumps(config))
    (place / "input.json").write_text("{}")
    command = [executable("opa", "OPA"), "exec", "--decision", "authz/allow", "--config-file", "opa.json", "input.json"]
    answer = subprocess.run(command, check=False, cwd=place, capture_output=True, text=True, timeout=120)
    return answer.returncode == 0 and '"result"' in answer.stdout, answer.stdout + answer.stderr


def test_without_a_keyid_the_signature_names_the_key(place):
    loaded, said = decides(place, {})
    assert loaded, said


def test_a_pinned_keyid_fails_for_the_new_key(place):
    loaded, said = decides(place, {"keyid": "release"})
    assert not loaded
    assert "verif" in said
