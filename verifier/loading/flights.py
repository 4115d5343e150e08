"""Answering a question once for all threads that ask it at the same time.

* while one finds the answer the others wait, and take it where they may
* where the first one fails, or its answer does not do for another, the next one finds its own
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self) -> None:
        self.landed = threading.Event()
        self.answers: list[T] = []


class Flights(Generic[T]):
    """Questions that are being answered, by their keys."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[str, _Flight[T]] = {}

    def share(self, key: str, find: Callable[[], T], will_do: Callable[[T], bool]) -> T:
        """What `find` answers, in this thread or in one that was faster and whose answer `will_do`."""
        while True:
            with self._lock:
                ahead = self._flights.get(key)
                if ahead is None:
                    flight = self._flights[key] = _Flight()
                    break
            ahead.landed.wait()
            if ahead.answers and will_do(ahead.answers[0]):
                return ahead.answers[0]
        try:
            answer = find()
            flight.answers.append(answer)
            return answer
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()
