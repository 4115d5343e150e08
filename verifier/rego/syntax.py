"""OPA's syntax tree of a module (`opa parse --format json`): its package, its rules and the builtins it calls.

* every call counts: in rules never reached, nested bodies, comprehensions, `every`, template strings, `print`
* a builtin that replaces something (`with f as http.send`) counts; one that is replaced does not
* a call through an import (`import data.http`, then `http.send(…)`) is not a builtin's
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any


def package_of(module: Any) -> tuple[str, ...]:
    """The package's path without `data`."""
    return tuple(str(part["value"]) for part in module["package"]["path"][1:])


def defines(module: Any, rule: str) -> bool:
    """Whether the module has a rule of that name."""
    return any(head["ref"][0]["value"] == rule for head in (one["head"] for one in module.get("rules") or []))


def rules_of(module: Any) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The place below `data` of each rule, up to what is computed; and whether nothing of it is."""
    package = package_of(module)
    for rule in module.get("rules") or []:
        first, *rest = rule["head"]["ref"]
        written = list(takewhile(lambda part: part["type"] == "string", rest))
        names = (first["value"], *(part["value"] for part in written))
        yield (*package, *map(str, names)), len(written) == len(rest)


def builtins_of(module: Any, known: frozenset[str]) -> frozenset[str]:
    """The names in `known` that the module calls."""
    imported = frozenset(_imported(module))
    names = (_name(operator) for operator in _operators(module.get("rules") or []))
    return frozenset(name for name in names if name in known and name.partition(".")[0] not in imported)


def _imported(module: Any) -> Iterator[str]:
    for one in module.get("imports") or []:
        path = one["path"]["value"]
        if path[0]["value"] in {"data", "input"}:
            yield str(one.get("alias") or path[-1]["value"])


def _operators(tree: Any) -> Iterator[Any]:
    """What is called, or stands in for what is called, anywhere in `tree`; without recursion."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
            continue
        if not isinstance(node, dict):
            continue
        if isinstance(node.get("terms"), list):  # an expression that is a call: operator, then operands
            yield node["terms"][0]
        if node.get("type") == "call":
            yield node["value"][0]
        if "target" in node:  # `with target as value`
            yield node["value"]
        stack.extend(value for key, value in node.items() if key != "target")


def _name(term: Any) -> str:
    """The dotted name of a reference or variable, "" for any other term."""
    if term["type"] == "var":
        return str(term["value"])
    if term["type"] != "ref":
        return ""
    return ".".join(str(part["value"]) for part in term["value"])
