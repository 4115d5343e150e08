"""Whose question is judged next: the questions of one user one after the other, the users in turn.

* of one user so many are judged at once that a place is left: who asks seldom waits for one question, whoever asks much
* what is put here is done, in bounded numbers: whoever puts it has counted it
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

Work = Callable[[], None]


class Turns:
    """At most `at_once` pieces of work, of one user at most one fewer; safe between threads."""

    def __init__(self, at_once: int, failed: Callable[[BaseException], None]) -> None:
        """`failed` is told of what work has raised, which is a defect."""
        self._pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="verify-agent")
        self._at_once, self._failed = at_once, failed
        self._of_one = max(at_once - 1, 1)
        self._waiting: dict[int, deque[Work]] = {}
        self._doing: Counter[int] = Counter()
        self._changed = threading.Condition()

    def put(self, user: int, work: Work) -> None:
        """Have `work` done for a user, in turn."""
        with self._changed:
            self._waiting.setdefault(user, deque()).append(work)
            self._begin()

    def end(self, within_s: float) -> int:
        """Wait for what was put here, and say how many pieces were not done in time: those that had not begun are not
        begun any more."""
        ends = time.monotonic() + within_s
        with self._changed:
            self._changed.wait_for(lambda: not self._left(), timeout=max(ends - time.monotonic(), 0))
            left = self._left()
            self._waiting.clear()
        self._pool.shutdown(wait=not left, cancel_futures=True)
        return left

    def _left(self) -> int:
        return self._doing.total() + sum(map(len, self._waiting.values()))

    def _begin(self) -> None:
        """Begin what there is a place for; with the lock held."""
        while self._doing.total() < self._at_once:
            user = next((each for each in self._waiting if self._doing[each] < self._of_one), None)
            if user is None:
                return
            waiting = self._waiting.pop(user)
            work = waiting.popleft()
            if waiting:  # behind everybody else who waits
                self._waiting[user] = waiting
            self._doing[user] += 1
            self._pool.submit(work).add_done_callback(partial(self._done, user))

    def _done(self, user: int, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self._failed(error)
        with self._changed:
            self._doing[user] -= 1
            if not self._doing[user]:
                del self._doing[user]
            self._begin()
            self._changed.notify_all()
