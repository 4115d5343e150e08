"""Every guard of the values that decide is missed: taken out of a copy, the tests beside this file fail.

A guard is an `if` in `outcome`, `verdict` or `errors`, whatever it does; and the two lines below, which are none.
"""

import ast
import os
import shutil
import subprocess
import sys

import pytest

from tests.support.places import ROOT

CORE = ROOT / "verifier" / "core"
GUARDED = ("outcome", "verdict", "errors")
OTHERS = {
    "an unknown code": (
        "reasons/words.py",
        'codes_of(code.partition(".")[0])[code]',
        'codes_of(code.partition(".")[0]).get(code)',
    ),
    "a denial": ("verdict.py", "decision = Decision.FAILED", "pass"),
}
TESTS = [f"tests/core/test_{name}.py" for name in GUARDED]
FAILED = 1
"""What pytest ends with where tests ran and failed; a mistake in the copy would be another number."""


def without(source: str, line: int) -> str:
    """The source with nothing done by the `if` at this line."""
    tree = ast.parse(source)
    (guard,) = (node for node in ast.walk(tree) if isinstance(node, ast.If) and node.lineno == line)
    guard.body = [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree))


def guards():
    """Every mutilated file: its path in core/, and its text without one guard."""
    for name in GUARDED:
        source = (CORE / f"{name}.py").read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.If) and ast.unparse(node.test) != "TYPE_CHECKING":
                yield pytest.param(f"{name}.py", without(source, node.lineno), id=f"{name}: {ast.unparse(node.test)}")
    for said, (path, line, instead) in OTHERS.items():
        source = (CORE / path).read_text()
        assert source.count(line) == 1
        yield pytest.param(path, source.replace(line, instead), id=said)


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the package and of what its tests of core need."""
    copy = tmp_path_factory.mktemp("mutilated")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for folder in ("verifier", "tests/core", "tests/support"):
        shutil.copytree(ROOT / folder, copy / folder)
    shutil.copy(ROOT / "tests" / "__init__.py", copy / "tests")
    return copy


def what_tests_say(copy):
    """The exit status of the tests of core in the copy, and what they said."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS]
    alone = os.environ | {"PYTHONPATH": str(copy), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run(command, cwd=copy, env=alone, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def test_the_copy_passes_while_nothing_is_taken_out(copied):
    status, said = what_tests_say(copied)
    assert status == 0, said


@pytest.mark.parametrize(("path", "mutilated"), list(guards()))
def test_a_guard_that_is_taken_out_is_missed(copied, path, mutilated):
    file = copied / "verifier" / "core" / path
    whole = file.read_text()
    file.write_text(mutilated)
    try:
        status, said = what_tests_say(copied)
    finally:
        file.write_text(whole)
    assert status == FAILED, said
