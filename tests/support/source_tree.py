"""The project's own source as syntax trees: what the tests of its structure read."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from tests.support.places import ROOT

PACKAGE = ROOT / "verifier"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FOLDERS = ("verifier", "tests", "fixtures", "benchmarks", "tools")
"""Where the project keeps Python."""


def named(path: Path) -> str:
    """The path as it is written in the project."""
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    """The name by which the file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def tree(path: Path) -> ast.Module:
    """The file as Python reads it."""
    return ast.parse(path.read_text())


@functools.cache
def calls(path: Path) -> tuple[ast.Call, ...]:
    """Every call in the file."""
    return tuple(node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


@functools.cache
def called(path: Path) -> frozenset[str]:
    """What the file calls, as it is written there."""
    return frozenset(ast.unparse(call.func) for call in calls(path))


@functools.cache
def attributes(path: Path) -> frozenset[str]:
    """What the file reads of something else, as it is written there."""
    return frozenset(ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute))


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """What the file imports anywhere, for types and within functions too: the module, and the name from it or ""."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports from where it lies"
            yield from ((node.module or "", alias.name) for alias in node.names)


def constants(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """The names that the file gives to values at its top, and the values."""
    for node in tree(path).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _pairs(target, node.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, its)
