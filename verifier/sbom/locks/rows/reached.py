"""Which groups and extras of a project bring which package: the edges of a lock, followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from verifier.core.errors import refuse

MAX_REACHED: Final = 2_000_000
"""Edges that are followed in one lock: 50 groups, each of which brings 40,000."""


class Edge(NamedTuple):
    """A need: the normalised name, and the extras of it that are asked for."""

    name: str
    extras: tuple[str, ...]


def reached(
    starts: Mapping[tuple[str, str], list[Edge]], edges: Mapping[tuple[str, str], list[Edge]], *, path: str
) -> dict[str, set[tuple[str, str]]]:
    """For each name, the groups and extras (the keys of `starts`) that lead to it; `edges` are by name and extra."""
    found: dict[str, set[tuple[str, str]]] = {}
    steps = 0
    for start, first in starts.items():
        seen: set[tuple[str, str]] = set()
        waiting = list(first)
        while waiting:
            edge = waiting.pop()
            found.setdefault(edge.name, set()).add(start)
            for extra in ("", *edge.extras):
                if (edge.name, extra) not in seen:
                    seen.add((edge.name, extra))
                    waiting += edges.get((edge.name, extra), ())
            steps += 1
            if steps > MAX_REACHED:
                raise refuse("input.too-large", path, f"more than {MAX_REACHED} edges to follow for its groups")
    return found
