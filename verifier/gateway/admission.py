"""Who may hold a connection: counted from the moment it is accepted, before anything is spent on it (T-213).

* so many connections are served at a time, and no more from one address than it may have
* a connection that has asked for nothing yet (in the TLS handshake, in its first head, silent) takes nobody's place: a
  few more than are served may wait so, for a short time, and each newcomer beyond those ends the oldest of them, of
  the address that has the most
* a connection that asks where all are served takes the place of one that has been idle longest; where none is idle it
  is told so
* addresses of one IPv6 network of a household or a machine (/64) count as one

nginx does the same where its `worker_connections` are used up. Pure bookkeeping: no socket, no clock.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

SURPLUS: Final = 256
"""Connections beyond those that are served, which may wait until they have asked for something."""
_ENDED_AT_ONCE: Final = 16
"""Idle connections that make room together: who comes by the hundred does not have all looked through each time."""
_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that name a network; the rest is free for who has it (RFC 6177)."""


def _nothing() -> None:
    """How a place ends that nothing is known of yet."""


def _busy() -> float | None:
    return None


@dataclass(eq=False, slots=True)
class Place:
    """One connection, from when it is accepted. `end` closes it; `idle_since` says since when it waits for its client.

    `is_surplus` is whether there was one more than may be served when it came.
    """

    group: str
    is_surplus: bool
    is_proven: bool = False
    end: Callable[[], object] = field(default=_nothing)
    idle_since: Callable[[], float | None] = field(default=_busy)


class Admission:
    """The places of one listener. Used in the event loop alone."""

    def __init__(self, *, most: int, per_address: int, count: Callable[[str], None]) -> None:
        """`count` is told of each connection that is ended or turned away why: silent, idle, full, address, renewed."""
        self.most, self._count = most, count
        self.per_address = per_address if per_address < most else most + SURPLUS
        self._waiting: dict[str, dict[Place, None]] = {}
        self._proven: set[Place] = set()
        self._of_group: Counter[str] = Counter()
        self.held = 0
        """Connections of any kind."""

    @property
    def waiting(self) -> int:
        """Connections that have asked for nothing yet."""
        return self.held - len(self._proven)

    def enter(self, address: str) -> Place | None:
        """A place for a connection that was accepted; None where its address has as many as it may, all in use."""
        group = group_of(address)
        if self._of_group[group] >= self.per_address and not self._end_oldest(group):
            self._count("address")
            return None
        if self.held >= self.most + SURPLUS:
            # There is one: no more than `most` have asked for anything.
            self._end_oldest(max(self._waiting, key=lambda each: len(self._waiting[each])))
        place = Place(group, is_surplus=self.held >= self.most)
        self._waiting.setdefault(group, {})[place] = None
        self._of_group[group] += 1
        self.held += 1
        return place

    def prove(self, place: Place) -> bool:
        """It has asked for something; False where it cannot be served: all are busy, or it was ended meanwhile."""
        if place not in self._waiting.get(place.group, {}):
            return False
        if len(self._proven) >= self.most and not self._end_idle():
            self._count("full")
            return False
        self._stop_waiting(place)
        place.is_proven = True
        self._proven.add(place)
        return True

    def leave(self, place: Place) -> None:
        """It is closed; said twice, it changes nothing."""
        if place in self._proven:
            self._proven.remove(place)
        elif not self._stop_waiting(place):
            return
        self.held -= 1
        self._of_group[place.group] -= 1
        if not self._of_group[place.group]:
            del self._of_group[place.group]

    def end_waiting(self) -> None:
        """End every connection that has asked for nothing yet."""
        for group in tuple(self._waiting):
            while self._end_oldest(group, "renewed"):
                pass

    def _stop_waiting(self, place: Place) -> bool:
        of_group = self._waiting.get(place.group, {})
        if place not in of_group:
            return False
        del of_group[place]
        if not of_group:
            del self._waiting[place.group]
        return True

    def _end_oldest(self, group: str, why: str = "silent") -> bool:
        oldest = next(iter(self._waiting.get(group, ())), None)
        if oldest is None:
            return False
        self._end(oldest, why)
        return True

    def _end_idle(self) -> bool:
        idle = [(since, each) for each in self._proven if (since := each.idle_since()) is not None]
        for _, each in sorted(idle, key=lambda pair: pair[0])[:_ENDED_AT_ONCE]:
            self._end(each, "idle")
        return bool(idle)

    def _end(self, place: Place, why: str) -> None:
        self._count(why)
        self.leave(place)
        place.end()


def group_of(address: str) -> str:
    """What counts as one address: an IPv4 address, also one inside IPv6, and an IPv6 network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _HOUSEHOLD), strict=False))
