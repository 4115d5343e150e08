"""Ranges of versions: `vers:npm/>=1.0.0|<2.0.0`.

* a range is of the scheme that it names, and versions order as that ecosystem has it; where nobody can order them, the
  answer is None: a statement about such a range is about nothing that is known
* constraints are sorted and alternate as the specification has it: what does not make sense is None

Source: https://github.com/package-url/vers-spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from urllib.parse import unquote

from verifier.sbom.difference.orders.table import order_of
from verifier.versions.schemes import OrderKey

MAX_RANGE: Final = 4_096
"""Characters of one range, as CycloneDX has it."""

_RANGE: Final = re.compile(r"vers:([a-z0-9.-]+)/(\S+)\Z")
_CONSTRAINT: Final = re.compile(r"(>=|<=|!=|=|<|>)?([^<>=!|]+)\Z")
_ECOSYSTEMS: Final = {"semver": "npm", "alpine": "apk", "debian": "deb", "rpm": "rpm", "go": "golang"}
"""What schemes are called that are not called as their purl types are."""


def lies_in(version: str, text: str, ecosystem: str) -> bool | None:
    """Whether `version`, of a component of this ecosystem ("" for none), lies in the range; None: nobody can say."""
    found = _RANGE.match(text) if len(text) <= MAX_RANGE else None
    if found is None or not version:
        return None
    scheme = _ECOSYSTEMS.get(found[1], found[1])
    if found[1] != "semver" and ecosystem and ecosystem != scheme:
        return None  # a range of another ecosystem's versions
    if found[2] == "*":
        return True
    key = order_of(scheme, version)
    constraints = _constraints(scheme, found[2])
    if key is None or constraints is None:
        return None
    return _contains(key, constraints)


def _constraints(scheme: str, text: str) -> list[tuple[OrderKey, str]] | None:
    parsed = list(_parsed(scheme, text))
    if any(each is None for each in parsed):
        return None
    constraints = sorted((each for each in parsed if each is not None), key=lambda each: each[0])
    keys = [key for key, _ in constraints]
    return constraints if all(one != other for one, other in pairwise(keys)) else None


def _parsed(scheme: str, text: str) -> Iterator[tuple[OrderKey, str] | None]:
    for each in text.split("|"):
        found = _CONSTRAINT.match(each)
        key = order_of(scheme, unquote(found[2])) if found else None
        yield (key, found[1] or "=") if found and key is not None else None


def _contains(key: OrderKey, constraints: list[tuple[OrderKey, str]]) -> bool | None:
    """The specification's algorithm: equalities first, then the interval that the version falls into."""
    bounds = [(bound, comparator[0]) for bound, comparator in constraints if comparator not in {"=", "!="}]
    if any(one == other for (_, one), (_, other) in pairwise(bounds)):
        return None  # two lower or two upper bounds beside each other
    for bound, comparator in constraints:
        if key == bound:
            return comparator in {"=", "<=", ">="}
    if not bounds:
        return all(comparator == "!=" for _, comparator in constraints)
    below = [direction for bound, direction in bounds if bound < key]
    return below[-1] == ">" if below else bounds[0][1] == "<"
