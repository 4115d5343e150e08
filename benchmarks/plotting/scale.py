"""Logarithmic axes: which decades, and how their ticks are said."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


@dataclass(frozen=True, slots=True)
class Scale:
    """Powers of ten from `low` to `high`, between two places on the paper."""

    low: int
    high: int
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where the value is on the paper."""
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    @property
    def decades(self) -> range:
        """The powers that have a tick."""
        return range(self.low, self.high + 1)


def scale(values: Iterable[float], start: float, end: float) -> Scale:
    """Whole decades, at least one, that hold all values; every value is above 0."""
    known = [math.log10(value) for value in values]
    low = math.floor(min(known) + 1e-9)
    high = max(math.ceil(max(known) - 1e-9), low + 1)
    return Scale(low, high, start, end)


def seconds(value: float) -> str:
    """As a tick says it: 10 ms, 100 µs."""
    size, unit = next((each for each in _UNITS if value >= each[0] * (1 - 1e-9)), _UNITS[-1])
    return f"{value / size:.3g} {unit}"
