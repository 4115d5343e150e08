"""How often a run that stays looks for unreachable cycles."""

from __future__ import annotations

import gc

_ALLOCATIONS = 20_000
"""Objects made before Python looks for cycles: this run is a long one, unlike others (`main`)."""


def collect_as_a_service() -> None:
    """Look as often as a process needs that lives for months."""
    gc.set_threshold(_ALLOCATIONS)
