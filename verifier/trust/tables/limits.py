"""`[limits]`: bounds on what is read.

* limits are lowered freely, and raised only beside `allow-raised-limits = true`
* what the parsers' stacks bound is never raised
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.value import field_names

if TYPE_CHECKING:
    from verifier.formats.toml.table import Table

_RAISE = "allow-raised-limits"
_LIMITS = {name.replace("_", "-"): name for name in field_names(Limits)}
_MAX_LIMIT = 2**50
"""Far above any machine, far below where arithmetic or a database would notice."""

KEYS = frozenset({*_LIMITS, _RAISE})


def parse(top: Table) -> Limits:
    """The policy's limits; raises `ConfigurationError`."""
    table = top.table("limits", KEYS)
    if table is None:
        return DEFAULT_LIMITS
    bounds = {
        name: table.integer(key, low=1, high=_MAX_LIMIT, default=getattr(DEFAULT_LIMITS, name))
        for key, name in _LIMITS.items()
    }
    may_raise = table.flag(_RAISE, default=False)
    for key, name in _LIMITS.items():
        default = getattr(DEFAULT_LIMITS, name)
        if bounds[name] <= default:
            continue
        if name == "json_depth":  # bounded by the parsers' stacks
            raise table.error(key, f"is {bounds[name]} and can only be lowered from {default}")
        if not may_raise:
            hint = f"lower it, or write {_RAISE} = true in this table"
            raise table.error(key, f"is {bounds[name]}, above its default of {default}", hint)
    return Limits(**bounds)


def words(limits: Limits) -> Iterator[str]:
    """A sentence for each limit that is not the default."""
    raised = limits.raised()
    for key, name in _LIMITS.items():
        limit = getattr(limits, name)
        if limit != getattr(DEFAULT_LIMITS, name):
            yield f"The limit {key} is {'raised' if name in raised else 'lowered'} to {limit}."


def weaknesses(limits: Limits) -> Iterator[tuple[str, str]]:
    """The limits above their defaults, each behind its place."""
    for name in limits.raised():
        yield f"limits.{name.replace('_', '-')}", "stands above its default"
