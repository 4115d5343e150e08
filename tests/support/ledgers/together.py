"""Works that one transaction of a SQLite ledger does: they came, in this order, while another had the turn."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager

from tests.support.ledgers.samples import event
from tests.support.patience import PATIENCE_S
from verifier.ledger.interface import Change, EventKind
from verifier.ledger.sqlite.store import SqliteLedger

FIRST = "bundle:first"
"""The scope of who had the turn: its denial is an event before those of the group."""


class Came:
    """What came of a work: what it returned, or what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.answer: object = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], object]) -> None:
        try:
            self.answer = work()
        except BaseException as error:  # noqa: BLE001 - it is looked at
            self.error = error

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def over(self) -> Came:
        self._thread.join(PATIENCE_S)
        assert self.is_over
        return self


@contextmanager
def a_turn_taken(ledger: SqliteLedger):
    """Somebody is in the middle of a transaction of its own, for as long as this lasts."""
    inside, go_on = threading.Event(), threading.Event()

    def judge(view):
        inside.set()
        assert go_on.wait(PATIENCE_S)
        return None, Change(event=event(EventKind.DENIED, FIRST))

    first = Came(lambda: ledger.decide(FIRST, judge))
    try:
        assert inside.wait(PATIENCE_S)
        yield
    finally:
        go_on.set()
        first.over()
    assert first.error is None


def together(ledger: SqliteLedger, works: Sequence[Callable[[], object]]) -> list[Came]:
    """What came of each work, in the order in which they came."""
    with a_turn_taken(ledger):
        started = []
        for number, work in enumerate(works, start=1):
            started.append(Came(work))
            wait_for(lambda wanted=number: len(ledger._turns._waiting) == wanted)
    return [each.over() for each in started]


def wait_for(happened: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < ends
        os.sched_yield()
