"""What people who sign, distribute and verify have reported or published comes out as it should.

The situations lie in the shared corpus, a folder each with a `case.toml`, and beside it the runner, `run_field.py`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.material import corpus
from tests.support.places import ROOT


def situations():
    """The names of the cases; one that says what is missing where the corpus is not there."""
    folder = Path(os.environ.get("VERIFIER_CORPUS", ROOT.parent / "shared/corpus")) / "field"
    return sorted(each.parent.name for each in folder.glob("*/case.toml")) or ["the corpus"]


@pytest.mark.corpus
@pytest.mark.parametrize("name", situations())
def test_it_comes_out_as_the_field_says(name):
    cases = corpus("field")
    runner = cases.parent.parent / "tools" / "run_field.py"
    command = Path(sys.executable).with_name("verify")
    assert command.is_file(), f"{command} is not there: `pip install -e .` puts it beside the interpreter"
    answer = subprocess.run(
        [sys.executable, runner, cases, name],
        env={**os.environ, "VERIFY": str(command)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.splitlines()[-1] == "1/1 cases from the field"
