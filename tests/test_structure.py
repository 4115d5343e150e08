"""The house rules that a reader relies on, held by machine."""

import ast
import functools
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGE = ROOT / "verifier"
SOURCES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_COMMAND = 350, 45, 120
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the docstring to the end: the parameters of a command are its table of options."""
    return function.end_lineno - function.body[0].lineno + 1


def test_there_is_something_to_hold():
    assert len(SOURCES) > 100


def test_no_file_is_longer_than_can_be_read_in_one_sitting():
    assert [named(path) for path in SOURCES if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{named(path)}:{node.name}"
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_a_command_is_a_short_file():
    commands = sorted((PACKAGE / "cli").rglob("*.py"))
    assert [named(path) for path in commands if len(path.read_text().splitlines()) > LONGEST_COMMAND] == []


def test_packages_hold_no_code_but_the_facade():
    assert [named(path) for path in PACKAGE.rglob("*/__init__.py") if path.read_text()] == []


def test_what_is_frozen_is_a_value():
    """`core/value.py` says why."""
    assert [named(path) for path in SOURCES if "\n@dataclass(frozen=True" in path.read_text()] == []


def test_annotations_are_text_wherever_values_are_defined():
    defining = [path for path in SOURCES if "verifier.core.value import" in path.read_text()]
    assert len(defining) > 50
    assert [named(path) for path in defining if "from __future__ import annotations" not in path.read_text()] == []


def test_every_module_says_what_it_is_for():
    silent = [named(path) for path in SOURCES if path.name != "__init__.py" and not ast.get_docstring(tree(path))]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing():
    assert [named(path) for path in SOURCES if path.stem in VAGUE] == []


@functools.cache
def calls(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}


@functools.cache
def attributes(path: Path) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}


WORKER = PACKAGE / "rego" / "worker.py"
"""Runs in a process of its own and answers on standard output."""


def of_the_command(path: Path) -> bool:
    return "cli" in path.relative_to(PACKAGE).parts


@pytest.mark.parametrize(
    "forbidden",
    ["print", "input", "sys.exit", "os._exit", "exit", "quit", "os.getenv", "getpass", "sys.stdout.write"],
)
def test_only_the_command_prints_exits_and_asks(forbidden):
    library = [path for path in SOURCES if not of_the_command(path) and path != WORKER]
    assert [named(path) for path in library if forbidden in calls(path)] == []


@pytest.mark.parametrize("forbidden", ["os.environ", "sys.argv", "sys.stdout", "sys.stderr"])
def test_only_the_command_sees_the_environment(forbidden):
    library = [path for path in SOURCES if not of_the_command(path) and path != WORKER]
    assert [named(path) for path in library if forbidden in attributes(path)] == []


def test_only_the_facade_and_the_command_read_the_clock():
    clocks = {"datetime.now", "time.time", "datetime.utcnow", "datetime.today", "date.today"}
    readers = {named(path) for path in SOURCES if calls(path) & clocks and not of_the_command(path)}
    assert readers == {"verifier/engine/facade.py"}


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes whatever comes and raises nothing in its stead."""
    broad = handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}
    return broad and not any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_no_exception_is_swallowed_whole_but_at_the_very_top():
    handlers = [(named(path), node) for path in SOURCES for node in ast.walk(tree(path))]
    swallowing = [name for name, node in handlers if isinstance(node, ast.ExceptHandler) and swallows(node)]
    assert swallowing == ["verifier/cli/main.py"]


def test_imports_point_down():
    beside = Path(sys.executable).with_name("lint-imports")
    command = str(beside) if beside.exists() else shutil.which("lint-imports")
    if command is None:
        pytest.fail("import-linter is one of the development dependencies")
    finished = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
