"""The threat model's text, and the tests that it may name."""

import ast
from functools import cache

from tests.support.places import ROOT

TEXT = (ROOT / "docs/security/threat-model.md").read_text(encoding="utf-8")


@cache
def names_in(path):
    """The tests of a file, as pytest names them."""
    names = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{child.name}" for child in node.body if isinstance(child, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
    return names
