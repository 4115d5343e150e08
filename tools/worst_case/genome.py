"""What an input is grown from: a few named numbers, small enough to be kept where the input is not.

* the same numbers give the same input on every machine
* a number that was never asked for is drawn when it is, over orders of magnitude
* a child differs from its parent in a few of them
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Genome:
    """Named numbers between 0 and 1 as thousandths; `read` says which were asked for."""

    def __init__(self, numbers: Mapping[str, int], chance: random.Random | None = None) -> None:
        self.numbers = dict(numbers)
        self.read: set[str] = set()
        self._chance = chance

    def integer(self, name: str, low: int, high: int) -> int:
        """A number from `low` to `high`, each order of magnitude as likely as another."""
        share = self._share(name)
        return min(high, max(low, round(math.exp(share * math.log(high - low + 2)) - 1 + low)))

    def choice(self, name: str, among: Sequence[T]) -> T:
        """One of several."""
        return among[min(len(among) - 1, int(self._share(name) * len(among)))]

    def child(self, chance: random.Random) -> Genome:
        """One that differs in one to three numbers that were asked for."""
        numbers = dict(self.numbers)
        for name in chance.sample(sorted(numbers), k=min(len(numbers), chance.choice((1, 1, 2, 3)))):
            moved = numbers[name] + round(chance.gauss(0, 120))
            numbers[name] = min(1000, max(0, moved if chance.random() < 0.6 else chance.randrange(1001)))
        return Genome(numbers, chance)

    def _share(self, name: str) -> float:
        if name not in self.numbers:
            # Where nothing is drawn, what a kept input does not say is small.
            self.numbers[name] = self._chance.randrange(1001) if self._chance else 0
        self.read.add(name)
        return self.numbers[name] / 1000
