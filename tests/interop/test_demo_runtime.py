"""`make demo-runtime`: a real OPA keeps serving the newer policy behind the gateway; one without it goes back."""

import subprocess
import sys

import pytest

from tests.support.peers.peers import executable
from tests.support.places import ROOT

pytestmark = pytest.mark.interop


def test_a_replayed_older_bundle_reaches_opa_alone_and_neither_the_gateways_opa_nor_the_hook():
    executable("opa", "OPA")
    played = subprocess.run(
        [sys.executable, "-m", "tools.demo_runtime"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=180
    )
    assert played.returncode == 0, played.stdout + played.stderr
    last = played.stdout[played.stdout.index("ATTACK") :]
    assert "OPA alone decides 'old'" in last
    assert "OPA behind verify serve decides 'new'" in last
    assert last.count('"code": "version.rollback"') == 1
    assert last.count("error   version.rollback") == 1
