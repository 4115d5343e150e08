"""Which modules each way in loads: those that are not ours by name and with a reason, ours by number.

A module costs a cold start a fifth of a millisecond, whatever is in it, and nobody sees it come. Whoever adds one here
says what for; a number of ours that has grown is a lazy import that was forgotten, or is raised with its reason.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.support.core.budgets import COMMANDS, EVERY_RUN, judged_scene
from tests.support.places import ROOT

WRITTEN_FOR = (3, 11)
SLACK = 5
"""How far a budget may lie above what is loaded: beyond that it holds nothing."""
_REPORT = """
import sys
before = set(sys.modules)
{code}
loaded = sorted(set(sys.modules) - before)
import json
print()
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A folder with a bundle, its key, CI's verdict, a policy and a ledger."""
    folder = tmp_path_factory.mktemp("scene")
    judged_scene(folder)
    return folder


def loaded_by(code, folder):
    """What a fresh interpreter loads for `code`: modules that are none of ours, and how many of ours."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("VERIFY_", "COV"))}
    environment |= {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder), "HOME": str(folder)}
    script = _REPORT.format(code=code)
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, check=True, text=True
    )
    names = json.loads(ran.stdout.splitlines()[-1])
    parted = [(name, name.partition(".")[0]) for name in names]
    others = {name if first == "cryptography" else first for name, first in parted if first != "verifier"}
    ours = sum(first == "verifier" for _, first in parted)
    return {name for name in others if name[0] != "_" and name not in sys.builtin_module_names}, ours


@pytest.mark.parametrize("name", COMMANDS)
def test_a_cold_start_loads_what_it_needs_and_no_more(scene, name):
    budget = COMMANDS[name]
    others, ours = loaded_by(budget.code, scene)
    assert budget.ours - SLACK <= ours <= budget.ours
    allowed = {module for reason in (*EVERY_RUN, *budget.others) for module in reason.modules}
    if sys.version_info[:2] == WRITTEN_FOR:  # what the standard library itself imports is another with each release
        assert others - allowed == set()
    assert {other for other in others if other.startswith("cryptography")} <= allowed


def test_the_package_alone_is_one_module(scene):
    assert loaded_by("import verifier", scene)[1] == 1
