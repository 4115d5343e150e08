"""Which order versions of an ecosystem have: one file each, one row each.

* every order is total by its making: a version becomes a key, and keys are compared
* what an order does not define is `unordered`, never a guess; so is an ecosystem that has none here
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from verifier.sbom.difference.orders import apk, dpkg, pep440, rpm, semver
from verifier.versions.schemes import MAX_VERSION_BYTES, OrderKey

Direction = Literal["upgraded", "downgraded", "respelled", "unordered"]
"""`respelled` is another text for what orders as the same version."""

ORDERS: Mapping[str, Callable[[str], OrderKey]] = MappingProxyType(
    {
        "apk": apk.key,
        "deb": dpkg.key,
        "golang": semver.key,
        "npm": semver.key,
        "pypi": pep440.key,
        "rpm": rpm.key,
    }
)
"""By purl type: what turns a version into what it orders by; `ValueError` for what is none."""


def direction(ecosystem: str, old: str, new: str) -> Direction:
    """Which way a version went."""
    before, after = order_of(ecosystem, old), order_of(ecosystem, new)
    if before is None or after is None:
        return "unordered"
    if before == after:
        return "respelled"
    return "upgraded" if before < after else "downgraded"


def order_of(ecosystem: str, version: str) -> OrderKey | None:
    """What a version orders by among others of its ecosystem; None where nobody can say."""
    if not version or len(version) > MAX_VERSION_BYTES or not version.isascii():
        return None
    return _order_of(ecosystem, version)


@lru_cache(maxsize=4096)
def _order_of(ecosystem: str, version: str) -> OrderKey | None:
    order = ORDERS.get(ecosystem)
    try:
        return order(version) if order is not None else None
    except ValueError:
        return None
