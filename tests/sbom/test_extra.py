"""The libraries of the extra `sbom`: loaded by who reads a document, and missed with a word about what to install."""

import json
import subprocess
import sys

import pytest

from tests.support.sboms.documents import bom, listed, spdx, spdx_package, xml_bom

LIBRARIES = {"cyclonedx", "jsonschema_rs", "lxml", "license_expression", "packageurl", "spdx_tools", "jsonschema"}
READ = """
import json, sys
for name in json.loads(sys.argv[1]):
    sys.modules[name] = None
from verifier.core.errors import ConfigurationError
from verifier.sbom.reading import read_bom
try:
    read_bom(sys.argv[2].encode(), subject="bom")
except ConfigurationError as error:
    print(error, "|", error.hint)
print(json.dumps(sorted(sys.modules)))
"""


def run(content, *missing):
    """What is printed by a process that reads `content` without some libraries, and what it has loaded."""
    command = [sys.executable, "-c", READ, json.dumps(missing), content.decode()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *printed, modules = done.stdout.splitlines()
    return "".join(printed), {name.partition(".")[0] for name in json.loads(modules)} - set(missing)


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (bom(listed()), "jsonschema_rs"),
        (bom(listed()), "cyclonedx"),
        (xml_bom(), "lxml"),
        (bom(listed(licenses=[{"expression": "MIT OR Apache-2.0"}])), "license_expression"),
    ],
)
def test_a_library_that_is_missing_is_named_with_the_extra(content, missing):
    printed, _ = run(content, missing)
    assert "`pip install 'policy-verifier[sbom]'`" in printed.partition("|")[2]


def test_cyclonedx_in_json_loads_a_validator_and_the_schemas_alone():
    printed, loaded = run(bom(listed(licenses=[{"expression": "MIT"}])))
    assert (printed, loaded & LIBRARIES) == ("", {"cyclonedx", "jsonschema_rs"})


def test_spdx_needs_none_of_the_libraries():
    printed, loaded = run(spdx(spdx_package(licenseDeclared="MIT")), *LIBRARIES)
    assert (printed, loaded & LIBRARIES) == ("", set())
