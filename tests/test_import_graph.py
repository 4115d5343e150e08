"""Who may import whom: down only, in no circle, and a test never from a test."""

import shutil
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.source_tree import PACKAGE, SOURCES, TESTS, imported, module, named

FACADE = "verifier"
"""Its names are fetched when they are asked for; modules of the package import each other, never the facade."""
MODULES = {module(path) for path in SOURCES}


def graph() -> dict[str, set[str]]:
    """For every module of the package what it imports, for types and within functions too."""
    found = {}
    for path in SOURCES:
        named_here = {
            f"{source}.{name}" if f"{source}.{name}" in MODULES else source for source, name in imported(path)
        }
        found[module(path)] = {name for name in named_here if name in MODULES}
    return found


def circle(edges: dict[str, set[str]]) -> list[str]:
    """The modules of one circle, or none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as found:
        names: list[str] = found.args[1]
        return names
    return []


def test_no_modules_import_each_other_in_a_circle_not_even_for_types():
    edges = graph()
    del edges[FACADE]
    assert sum(map(len, edges.values())) > 1000
    assert circle(edges) == []


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})


def test_no_module_imports_the_facade():
    assert [name for name, imports in graph().items() if FACADE in imports and name != FACADE] == []


def test_imports_point_down():
    beside = Path(sys.executable).with_name("lint-imports")
    command = str(beside) if beside.exists() else shutil.which("lint-imports")
    if command is None:
        pytest.fail("import-linter is one of the development dependencies")
    finished = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_tests_share_what_lies_in_support_and_nothing_else():
    borrowed = [
        f"{named(path)}: {source}"
        for path in TESTS
        for source, _ in imported(path)
        if source.partition(".")[0] == "tests" and not f"{source}.".startswith("tests.support.")
    ]
    assert borrowed == []


def test_the_product_imports_no_tests_and_no_tools():
    beside = {path.name for path in ROOT.iterdir() if path.is_dir()} - {PACKAGE.name}
    assert [named(path) for path in SOURCES if beside & {name.partition(".")[0] for name, _ in imported(path)}] == []
