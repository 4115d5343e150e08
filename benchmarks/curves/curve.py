"""A curve: how long something takes by how many there are of it, beside a peer, and beside what nobody can do without.

CPU seconds, the least of some runs: that of a quiet moment. What waits for a disk is told by the wall.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.harness import Side, timed

LINEAR = 1.15
"""The exponent from which growth is worse than linear: 1, and what caches and a busy machine make of it. Ten times as
many then take 14 times as long."""
OURS, PEER, LIMIT = "ours", "peer", "limit"
_MOST_RUNS = 7
_SECONDS = 1.5
"""For the runs of one point; two are always run, but of what is too dear."""
_DEAREST = 8.0
"""CPU or wall seconds of a point behind which a series ends: the next would take ten times as long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One line: `points` are how many, and seconds. `note` says why it ends before the others."""

    name: str
    role: str
    points: tuple[tuple[int, float], ...]
    note: str = ""

    @property
    def growth(self) -> float | None:
        """The exponent by which it grows; None where it has not enough points to tell."""
        return growth(self.points)


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """`counted` is what there are more and more of; `unit` says which seconds."""

    title: str
    counted: str
    series: tuple[Series, ...]
    unit: str = "CPU seconds"

    def members(self) -> dict[str, Any]:
        """As JSON."""
        kept = asdict(self)
        for series in kept["series"]:
            series["points"] = [[number, float(f"{seconds:.4g}")] for number, seconds in series["points"]]
        return kept

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Curve:
        """From that JSON."""
        series = tuple(
            Series(**{**each, "points": tuple((number, seconds) for number, seconds in each["points"])})
            for each in members["series"]
        )
        return cls(**{**members, "series": series})

    @property
    def defects(self) -> list[str]:
        """Which of ours grow worse than linear."""
        grown = [(each.name, each.growth) for each in self.series if each.role == OURS]
        return [f"{name} grows by the power of {power:.2f}" for name, power in grown if power and power > LINEAR]


def growth(points: Iterable[tuple[int, float]]) -> float | None:
    """The exponent p of seconds ~ count**p, fitted by least squares to the logarithms of the last two decades.

    What is there however few they are (an interpreter's start) makes it smaller, never larger, and weighs less the more
    there are: therefore the last decades alone. None with fewer than two points, or where nothing was measurable.
    """
    known = [(math.log(count), math.log(seconds)) for count, seconds in points if count > 0 and seconds > 0]
    if not known:
        return None
    last = max(x for x, _ in known)
    kept = [(x, y) for x, y in known if x >= last - 2 * math.log(10) - 1e-9]
    middle_x, middle_y = (sum(values) / len(kept) for values in zip(*kept, strict=True))
    spread = sum((x - middle_x) ** 2 for x, _ in kept)
    return sum((x - middle_x) * (y - middle_y) for x, y in kept) / spread if spread else None


def series(
    name: str,
    role: str,
    sizes: Sequence[int],
    side_of: Callable[[int], Side],
    *,
    by: str = "cpu",
    per: int = 1,
    note: str = "",
) -> Series:
    """Measure one line. `side_of` prepares, which is not timed; a side does its work `per` times."""
    points: list[tuple[int, float]] = []
    for size in sizes:
        seconds = least(side_of(size), by=by)
        points.append((size, seconds / per))
        if seconds > _DEAREST and size != sizes[-1]:
            note = f"ends at {size:,}, which take {seconds:.0f} s"
            return Series(name=name, role=role, points=tuple(points), note=note)
    return Series(name=name, role=role, points=tuple(points), note=note)


def least(side: Side, *, by: str = "cpu") -> float:
    """The least of some runs, as many as fit."""
    taken = [timed(side)]
    if taken[0].cpu < _DEAREST:
        taken.append(timed(side))  # the first compiled what is imported, and read files that were not in memory
    while len(taken) < _MOST_RUNS and sum(each.wall for each in taken) < _SECONDS:
        taken.append(timed(side))
    return min(each.cpu if by == "cpu" else each.wall for each in taken)
