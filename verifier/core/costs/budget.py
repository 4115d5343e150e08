"""What reading hostile input may come to: one count a verification, in bytes of memory and in nanoseconds of work.

* what is made is counted, before it is made: values, names, segments, records, events, not only the bytes that are read
* a count has a price, and prices add up: no input gets a bound for each thing that it can make
* the bound is a fixed part and one for each byte that was packed or sent, so that what is large may cost more
* nothing is measured and no clock is asked: the same input is refused on every machine, however busy

Prices stand in `core.costs.prices`; the bounds are `memory-bytes` and `steps` in [limits].
"""

from __future__ import annotations

from typing import Final

from verifier.core.costs.prices import Price
from verifier.core.errors import Refused, refuse
from verifier.core.limits import DEFAULT_LIMITS, Limits

BYTES_FOR_EACH_PACKED: Final = 96
"""Bytes of memory granted beside the fixed part for each byte of an archive as it is stored or sent."""
BYTES_FOR_EACH_SENT: Final = 4
"""The same for a document that is read as it is."""
STEPS_FOR_EACH_BYTE: Final = 1
"""Steps granted beside the fixed part for each byte that was packed or sent."""
STEP: Final = 1_000
"""Nanoseconds of a step."""


class Budget:
    """What has been spent of one verification. Changes; used by one thread."""

    __slots__ = ("_memory_granted", "_work_granted", "counts", "memory", "work")

    def __init__(self, limits: Limits = DEFAULT_LIMITS, *, packed: int = 0, sent: int = 0) -> None:
        self.memory = self.work = 0
        self.counts: dict[str, int] = {}
        self._memory_granted, self._work_granted = limits.memory_bytes, limits.steps * STEP
        self.grant(packed=packed, sent=sent)

    def grant(self, *, packed: int = 0, sent: int = 0) -> None:
        """Allow for so many more bytes of an archive, or of a document that is read as it is."""
        self._memory_granted += BYTES_FOR_EACH_PACKED * packed + BYTES_FOR_EACH_SENT * sent
        self._work_granted += STEPS_FOR_EACH_BYTE * STEP * (packed + sent)

    def spend(self, price: Price, count: int = 1, *, subject: str) -> None:
        """Pay for `count` things that `subject` is about to make; `Refused` (`input.too-costly`) beyond the bound."""
        self.memory += price.memory * count
        self.work += price.work * count
        self.counts[price.what] = self.counts.get(price.what, 0) + count
        if self.memory > self._memory_granted or self.work > self._work_granted:
            raise self._refusal(subject)

    def affords(self, *prices: tuple[Price, int], passing: int = 0) -> bool:
        """Whether so many things could be paid for, with `passing` bytes of memory that are given back at once."""
        memory = self.memory + passing + sum(price.memory * count for price, count in prices)
        work = self.work + sum(price.work * count for price, count in prices)
        return memory <= self._memory_granted and work <= self._work_granted

    def pass_through(self, memory: int, *, subject: str) -> None:
        """Refuse `subject` where `memory` bytes for a moment are more than is left."""
        if self.memory + memory > self._memory_granted:
            self.memory += memory
            raise self._refusal(subject)

    def copy(self) -> Budget:
        """One that has spent as much, to try what something would cost."""
        other = Budget()
        other.memory, other.work, other.counts = self.memory, self.work, dict(self.counts)
        other._memory_granted, other._work_granted = self._memory_granted, self._work_granted
        return other

    def _refusal(self, subject: str) -> Refused:
        if self.memory > self._memory_granted:
            key, seen, most, unit = "memory-bytes", self.memory, self._memory_granted, "bytes of memory"
        else:
            key, seen, most, unit = "steps", self.work // STEP, self._work_granted // STEP, "steps of work"
        dearest = sorted(self.counts.items(), key=lambda item: -item[1])[:3]
        made = ", ".join(f"{count:,} {what}" for what, count in dearest)
        message = f"reading on would take {seen:,} {unit}, expected at most {most:,}; so far {made or 'nothing'}"
        hint = f"If an artifact of yours is that large, raise `{key}` in the policy's [limits]; else ask who made it."
        return refuse("input.too-costly", subject, message, hint)
