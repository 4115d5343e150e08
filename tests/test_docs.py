"""What the documentation says can be typed, works.

A fenced block below the comment `<!-- runs -->` is run as it is written. The blocks of one page run one after the
other in one empty folder, with `verify` on PATH and nothing else of this project.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from tests.support.places import ROOT
from verifier.cli.app import command_line
from verifier.core.reasons.table import CATALOGUE

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"(?P<runs><!-- runs -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
ABSOLUTE = re.compile(r"[a-z]+:")


class Block(NamedTuple):
    language: str
    text: str
    runs: bool


def blocks(page: Path) -> list[Block]:
    found = BLOCK.finditer(page.read_text())
    return [Block(match["language"], match["text"], match["runs"] is not None) for match in found]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


RUNNING = [page for page in PAGES if any(block.runs for block in blocks(page))]


@pytest.fixture
def stage(tmp_path):
    """An empty folder, and an environment in which `verify` is a command."""
    commands, folder = tmp_path / "bin", tmp_path / "empty"
    commands.mkdir()
    folder.mkdir()
    verify = commands / "verify"
    verify.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
    verify.chmod(0o755)
    path = os.pathsep.join((str(commands), "/usr/bin", "/bin"))
    return folder, {"PATH": path, "HOME": str(folder), "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}


@pytest.mark.rego  # the policy that `verify trust init` writes asks what modules can do
@pytest.mark.parametrize("page", RUNNING, ids=named)
def test_what_runs_is_run_as_it_is_written(page, stage):
    folder, environment = stage
    interpreters = {"sh": ["/bin/sh", "-eu"], "python": [sys.executable, "-W", "error"]}
    for block in blocks(page):
        if not block.runs:
            continue
        finished = subprocess.run(
            [*interpreters[block.language], "-c", block.text],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert finished.returncode == 0, f"{block.text}\n{finished.stdout}{finished.stderr}"
        assert "FAILED" not in finished.stdout


def test_the_readme_has_something_that_runs():
    assert ROOT / "README.md" in RUNNING


def typed_commands(page: Path):
    """Every `verify …` line of a page's shell blocks, as words."""
    for block in blocks(page):
        if block.language != "sh":
            continue
        for line in block.text.replace("\\\n", " ").splitlines():
            if line.startswith("verify "):
                yield shlex.split(line, comments=True)[1:]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_and_option_that_is_shown_exists(page):
    for words in typed_commands(page):
        command = typer.main.get_command(command_line())
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        command = command.unnamed() if hasattr(command, "unnamed") else command
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert not getattr(command, "commands", {}), words
        assert {word.partition("=")[0] for word in words if word.startswith("--")} - known <= {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_inside_the_project_leads_somewhere(page):
    links = [link for link in LINK.findall(page.read_text()) if not ABSOLUTE.match(link)]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_reason_code_that_is_mentioned_exists(page):
    areas = "|".join(sorted({code.partition(".")[0] for code in CATALOGUE}))
    mentioned = set(re.findall(rf"`((?:{areas})\.[a-z0-9]+(?:-[a-z0-9]+)+)`", page.read_text()))
    assert mentioned <= set(CATALOGUE)
