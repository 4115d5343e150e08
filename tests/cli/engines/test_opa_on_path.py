"""Where the command finds its OPA, and where it does not look."""

import os

import pytest

from verifier.cli import settings


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with an `opa`, in which the command is run."""
    program = tmp_path / "opa"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("entries", [[""], ["."], [".."], ["bin", ""], ["", "/nowhere"]])
def test_an_opa_in_the_current_folder_is_not_taken(here, monkeypatch, entries):
    (here / "bin").mkdir()
    (here / "bin" / "opa").symlink_to(here / "opa")
    monkeypatch.setenv("PATH", os.pathsep.join(entries))
    assert settings.opa_on_path() is None


def test_an_opa_in_a_folder_of_path_is_taken(here, monkeypatch):
    monkeypatch.setenv("PATH", f":/nowhere:{here}")
    assert settings.opa_on_path() == str(here / "opa")


def test_without_a_path_there_is_no_opa(here, monkeypatch):
    monkeypatch.delenv("PATH")
    assert settings.opa_on_path() is None
