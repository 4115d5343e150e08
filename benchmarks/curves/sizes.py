"""How many: 1, 10, 100 and on."""

from __future__ import annotations


def upto(most: int, *, first: int = 10) -> tuple[int, ...]:
    """Every power of ten from `first` to `most`."""
    sizes = [first]
    while sizes[-1] * 10 <= most:
        sizes.append(sizes[-1] * 10)
    return tuple(sizes)
