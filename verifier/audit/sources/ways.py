"""Why a package is there: what asks for it directly, and the ways to it along the edges of a lock. Pure.

* the shortest way comes first; the others lead through other packages that need it
* ways are bounded in number and length: a lock of 20,000 packages in one chain costs no more than one of as many
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from verifier.audit.sources.merged import MAX_PATHS

MAX_LENGTH: Final = 24
"""Packages on one way; a longer one is not told."""

Way = tuple[str, ...]


def ways_to(direct: Collection[str], edges: Mapping[str, Sequence[str]]) -> dict[str, tuple[Way, ...]]:
    """For what is reached from `direct` along `edges`, the ways there: from what is direct to the package itself. What
    is direct itself has none."""
    shortest: dict[str, Way] = {each: (each,) for each in sorted(direct)}
    found: dict[str, list[Way]] = {}
    level = list(shortest)
    while level:
        reached: dict[str, Way] = {}
        for needing in level:
            way = shortest[needing]
            for needed in edges.get(needing, ()):
                _note(found, needed, way)
                if needed not in shortest and needed not in reached:
                    reached[needed] = (*way, needed) if len(way) <= MAX_LENGTH else way
        shortest.update(reached)
        level = list(reached)
    return {each: tuple(ways) for each, ways in found.items() if each not in direct and ways}


def _note(found: dict[str, list[Way]], needed: str, way: Way) -> None:
    ways = found.setdefault(needed, [])
    if len(ways) < MAX_PATHS and len(way) < MAX_LENGTH and needed not in way:
        ways.append((*way, needed))
