"""The first step of the action where it cannot install; with an index it is run in tests/interop/pipelines."""

import pytest

from tests.support.pipelines.composite import Composite
from tests.support.places import ROOT


@pytest.mark.parametrize("status", [1, 127], ids=["too old", "broken"])
def test_a_python_that_will_not_do_ends_the_step_with_what_to_do(tmp_path, status):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"):
        (programs / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (programs / name).chmod(0o755)
    action = Composite(
        ROOT / ".github" / "actions" / "install" / "action.yml",
        workspace=tmp_path,
        temporary=tmp_path,
        environment={"PATH": f"{programs}:/usr/bin:/bin", "PYTHON": ""},
        contexts={},
    )
    done = action.run()
    assert not done.succeeded
    assert done.titles("error") == ["Installing"]
    assert "Python 3.11 or newer" in done.log
    assert done.path == []


def test_outside_a_job_it_says_what_is_missing(tmp_path):
    action = Composite(
        ROOT / ".github" / "actions" / "install" / "action.yml",
        workspace=tmp_path,
        temporary=tmp_path,
        environment={"RUNNER_TEMP": ""},
        contexts={},
    )
    done = action.run()
    assert not done.succeeded
    assert "RUNNER_TEMP: is not set" in done.log
