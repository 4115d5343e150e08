"""`make audit`: this project's own locks, offline, against a database that is given."""

import os
import shutil
import subprocess

import pytest

from tests.support.command import run
from tests.support.material import corpus
from tests.support.places import ROOT

NOW = "2024-10-12T00:00:00Z"


@pytest.mark.corpus
def test_this_projects_locks_have_no_known_vulnerability(tmp_path, monkeypatch):
    """By the records of 2024, which is what is here; every package is looked up."""
    db = tmp_path / "osv.db"
    assert run("audit", "db", "import", corpus("pypa-advisories"), "--db", db, "--now", NOW).status == 0
    monkeypatch.chdir(ROOT)
    answer = run("audit", ".", "--db", db, "--require-hashes", "--now", NOW)
    assert answer.status == 0, answer.out
    assert "no known vulnerability" in answer.out


def recipe(*settings):
    """What `make audit` would run, or why it does not."""
    if shutil.which("make") is None:
        pytest.skip("no make")
    command = ("make", "--no-print-directory", "--old-file=.venv/runtime.stamp", "audit", *settings)
    environment = {name: value for name, value in os.environ.items() if name != "DB" and not name.startswith("MAKE")}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_without_a_database_nothing_is_audited_and_that_is_said():
    done = recipe()
    assert done.returncode != 0
    assert "nothing was audited" in done.stderr


def test_with_one_it_is_the_command_that_is_tested_here():
    done = recipe("DB=osv.db", "--dry-run")
    assert 'verify audit . --db "osv.db" --require-hashes' in done.stdout
