"""With a database alone nothing is asked of a network, and nothing is loaded that would ask."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.audit.scene import NOW, database, osv, requirements

pytestmark = pytest.mark.usefixtures("place")
HEAVY = {"cyclonedx", "pip_audit", "pydantic", "requests", "sigstore", "ssl", "urllib3", "yaml"}
AUDIT = """
import json, sys
opened = []
sys.addaudithook(lambda event, _: opened.append(event) if event.startswith(("socket.", "subprocess.")) else None)
from verifier.cli.main import main
status = main(["audit", "requirements.txt", "--db", "records.db", "--now", sys.argv[1], "--format", sys.argv[2]])
sys.stdout.flush()
print(json.dumps([status, opened, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.mark.parametrize("style", ["text", "json", "sarif"])
def test_nothing_is_asked_of_a_network_and_nothing_heavy_is_loaded(style):
    database(osv("PYSEC-2019-217", "jinja2", fixed="2.10.1"))
    requirements("jinja2==2.10")
    ran = subprocess.run(
        [sys.executable, "-c", AUDIT, NOW, style],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    status, opened, modules = json.loads(ran.stderr.splitlines()[-1])
    assert (status, opened) == (1, [])
    assert HEAVY & set(modules) == set()
