"""The hook for pre-commit, as `.pre-commit-hooks.yaml` states it."""

import re
from pathlib import Path

import pytest
import yaml

from tests.support.audit.scene import NOW, database, osv, requirements
from tests.support.command import run
from tests.support.places import ROOT

HOOK = {each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}["verify-audit"]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "requirements.txt",
            "requirements-dev.txt",
            "app/requirements.lock",
            "uv.lock",
            "a/b/poetry.lock",
        ),
        *("pdm.lock", "Pipfile.lock", "pylock.toml", "pylock.dev.toml", "web/package-lock.json", "go.mod"),
    ],
)
def test_lock_files_are_audited_when_they_change(path):
    assert re.search(HOOK["files"], path)


@pytest.mark.parametrize(
    "path", ["README.md", "uv.lock.py", "my-uv.lock.orig", "src/lock.py", "Cargo.toml", "requirements.py"]
)
def test_other_files_are_not(path):
    assert not re.search(HOOK["files"], path)


@pytest.mark.parametrize(("version", "status"), [("2.10", 1), ("2.10.1", 0)])
def test_it_runs_as_pre_commit_runs_it(tmp_path, monkeypatch, version, status):
    """The entry, the arguments of whoever uses it, and the files that changed."""
    monkeypatch.chdir(tmp_path)
    database(osv("PYSEC-2024-2", "jinja2", fixed="2.10.1"))
    changed = [requirements(f"jinja2=={version}"), requirements("canary==1.0", path="requirements-dev.txt")]
    verify, *entry = HOOK["entry"].split()
    answer = run(*entry, "--db", "records.db", "--now", NOW, *changed)
    assert (verify, answer.status) == ("verify", status), answer.out


def test_a_file_that_is_named_like_an_option_is_a_file(tmp_path, monkeypatch):
    """A change brings a database of its own, below a folder that makes an option of its name."""
    monkeypatch.chdir(tmp_path)
    database(osv("PYSEC-2024-2", "jinja2", fixed="2.10.1"))
    database(place="clean.db")
    Path("x").mkdir()
    Path("x/requirements.txt").symlink_to(Path("clean.db").resolve())  # which the hook does not pass: it is no file
    Path("--db=x").mkdir()
    hostile = requirements("canary==1.0", path="--db=x/requirements.txt")
    args = re.search(r"id: verify-audit\n *args: \[(.*)\]", (ROOT / "docs/audit.md").read_text())[1].split(", ")
    given = ["records.db" if each == "advisories.db" else each for each in args]
    changed = [requirements("jinja2==2.10"), hostile]
    assert run("audit", "--now", NOW, *given[:-1], *changed).status == 0
    answer = run("audit", "--now", NOW, *given, *changed)
    assert answer.status == 1, answer.out
    assert "PYSEC-2024-2" in answer.out


def test_it_names_what_it_is_installed_and_run_with():
    assert (HOOK["id"], HOOK["language"], HOOK["require_serial"]) == ("verify-audit", "python", True)
