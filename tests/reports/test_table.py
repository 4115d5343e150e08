"""Formats of reports: each is a file and a row, and offered where a verdict is reported, nowhere else."""

import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings

from tests.support.command import run
from tests.support.places import ROOT
from tests.support.stories import verify
from tests.support.verdicts import dossier, verdicts
from verifier.reports.table import REPORTS, Screen, renderer

TOY = '''"""A verdict in one word."""

from verifier.formats.verdict.dossier import Dossier
from verifier.reports.table import PLAIN, Screen


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """The word."""
    return f"{dossier.worst.decision.value} {dossier.worst.subject.name}\\n"
'''
ROW = '"text": "terminal"'


@pytest.mark.parametrize("name", REPORTS)
def test_every_format_is_a_module_that_renders(name):
    assert renderer(name)(dossier(verify().verdict), Screen(columns=80, colours=True)).endswith("\n")


@pytest.mark.parametrize("name", REPORTS)
@settings(max_examples=30)
@given(verdict=verdicts())
def test_every_format_says_the_decision_of_every_verdict(name, verdict):
    assert verdict.decision.value in renderer(name)(dossier(verdict), Screen())


def test_a_format_that_is_not_there_is_refused_before_anything_is_decided():
    answer = run("bundle", "missing.tar.gz", "--key", "missing.pub", "--format", "xml")
    assert (answer.status, answer.out) == (2, "")
    assert "--format" in answer.err


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the package with one more format of reports; the one file that had to be changed for it."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "verifier", folder / "verifier", ignore=shutil.ignore_patterns("__pycache__"))
    reports = folder / "verifier" / "reports"
    (reports / "word.py").write_text(TOY)
    table = (reports / "table.py").read_text()
    assert table.count(ROW) == 1
    (reports / "table.py").write_text(table.replace(ROW, f'{ROW}, "word": "word"'))
    return folder


def verify_in(house, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "verifier", *arguments],
        cwd=house,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(house), *sys.path)), "HOME": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_format_costs_a_file_and_a_row(house):
    key = ROOT / "fixtures" / "keys" / "release.pub"
    reported = verify_in(house, "bundle", "missing.tar.gz", "--key", key, "--format", "word")
    assert (reported.returncode, reported.stdout) == (3, "FAILED missing\n")


def test_the_hook_knows_it_without_typer(house):
    code = (
        "import sys; from verifier.cli.app import command_of; from verifier.cli.typed.plain import plain\n"
        "from verifier.cli.typed.environment import Environment\n"
        "known = command_of('preload').parameters\n"
        "given = plain(known, 'a --verdict v --policy p --format word'.split(), Environment({}))\n"
        "print(given['style'], 'typer' in sys.modules)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=house,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(house), *sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == "word False\n"


@pytest.mark.parametrize("command", ["show", "history"])
def test_it_is_refused_where_rows_are_printed(house, command):
    refused = verify_in(house, "ledger", command, "--format", "word")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--format" in refused.stderr
