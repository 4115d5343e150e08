"""A search for the input that costs most: small evolution over numbers, one population for each class.

* what costs more than any before survives, and its children are tried
* both memory and work are looked for, each by itself: the dearest of either kind is kept
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from tools.worst_case.genome import Genome
from tools.worst_case.kept import Kept
from tools.worst_case.measure import Cost, apart, measured
from tools.worst_case.readers import CLASSES, TINY, Family, archive

SURVIVORS: Final = 6
FRESH: Final = 0.35
"""The share of tries that begin anew."""


class Found(NamedTuple):
    """One input that was tried: its class, the family's name and numbers that it grows from, what it cost."""

    kind: str
    family: str
    numbers: Mapping[str, int]
    size: int
    cost: Cost


def grown(kind: str, family: str, numbers: Mapping[str, int]) -> bytes:
    """The input of a class that grows from a family's numbers."""
    return next(each for each in CLASSES[kind][1] if each.__name__ == family)(Genome(numbers))


class Population:
    """The dearest inputs of one class so far."""

    def __init__(self, kind: str, chance: random.Random, kept: Iterable[Kept] = ()) -> None:
        self.kind, self._chance = kind, chance
        self._first = [each for each in kept if each.kind == kind]
        self._reader, self._families = CLASSES[kind]
        self.tried = 0
        self._kept: list[tuple[Found, Genome]] = []

    def step(self) -> Found | None:
        """Try one more; None where it is too large to be grown."""
        if self._first:
            first = self._first.pop()
            return self._try(
                next(each for each in self._families if each.__name__ == first.family), Genome(first.numbers)
            )
        parent = self._chance.choice(self._kept) if self._kept and self._chance.random() > FRESH else None
        if parent is None:
            family, genome = self._chance.choice(self._families), Genome({}, self._chance)
        else:
            family = next(each for each in self._families if each.__name__ == parent[0].family)
            genome = parent[1].child(self._chance)
        return self._try(family, genome)

    def dearest(self) -> tuple[Found, Found]:
        """That which took most memory, and that which took longest."""
        tried = [found for found, _ in self._kept]
        return max(tried, key=lambda each: each.cost.memory), max(tried, key=lambda each: each.cost.seconds)

    def _try(self, family: Family, genome: Genome) -> Found | None:
        seed = self._chance.randrange(2**32)
        try:
            made = apart(lambda: _made(family, genome, seed))
        except RuntimeError:
            return None
        said, _, content = made.partition(b"\n")
        numbers = json.loads(said)
        cost = measured(self._reader, content)
        found = Found(self.kind, family.__name__, numbers, len(content), cost)
        self.tried += 1
        self._keep(found, Genome(numbers, self._chance))
        return found

    def _keep(self, found: Found, genome: Genome) -> None:
        self._kept.append((found, genome))
        by_memory = sorted(self._kept, key=lambda each: -each[0].cost.memory)[:SURVIVORS]
        by_work = sorted(self._kept, key=lambda each: -each[0].cost.seconds)[:SURVIVORS]
        kept = {id(each[0]): each for each in (*by_memory, *by_work)}
        self._kept = list(kept.values())


def _made(family: Family, genome: Genome, seed: int) -> bytes:
    """The numbers that were asked for, and behind them what grew from them."""
    grows = Genome(genome.numbers, random.Random(seed))  # noqa: S311 - as below
    content = family(grows)
    return json.dumps({name: grows.numbers[name] for name in sorted(grows.read)}).encode() + b"\n" + content


def search(
    seconds: float, *, seed: int, kinds: tuple[str, ...] = tuple(CLASSES), kept: tuple[Kept, ...] = ()
) -> Iterator[tuple[Population, Found]]:
    """Try inputs of each class in turn for so long, what was kept before first; yields each one that was tried."""
    archive(TINY)  # the baseline: everything that reading needs is loaded
    chance = random.Random(seed)  # noqa: S311 - it is a search
    populations = [Population(kind, chance, kept) for kind in kinds]
    # Archives are where most can be hidden.
    turns = [each for each in populations for _ in range(4 if each.kind.startswith("archive") else 1)]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for population in turns:
            found = population.step()
            if found is not None:
                yield population, found
            if time.monotonic() > until:
                break
