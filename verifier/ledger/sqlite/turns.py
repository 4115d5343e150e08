"""Threads that write take turns, and whoever has the turn writes for all that wait: one transaction, one fsync.

* the work of each is done in the order in which they came, and sees what those before it have written
* nobody is answered before what was written is durable: an answer, or an exception, is its caller's own
* what fails before it has written anything fails alone; what fails later undoes the transaction, and then each of its
  group gets one to itself
* a transaction that cannot begin or end fails all that it was for, none of which has happened
* a thread that is interrupted while it has the turn fails those that it wrote for, and leaves nobody waiting
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol, TypeVar

from verifier.core.errors import Refused, refuse

T = TypeVar("T")

MOST: Final = 256
"""Works of one transaction: bounds how long the first of them waits for the last."""
_LOOK_AGAIN: Final = 1.0
"""Seconds after which who waits looks whether anybody has the turn: a thread may have died before it handed it on."""


class Transaction(Protocol):
    """What the work of a group is done in; what the store says is raised as `Refused`."""

    @property
    def spoiled(self) -> bool:
        """Whether there is something to undo: of the work that was `marked` last, or the whole transaction is gone."""

    def begin(self) -> None:
        """Wait for writers of other processes, and shut them out."""

    def mark(self) -> None:
        """From here on another work is done."""

    def commit(self) -> None:
        """Return once what was written is durable."""

    def undo(self) -> None:
        """Leave nothing of what was written, and no transaction; also where there is none."""


class _Waiting:
    """One work, and what came of it."""

    __slots__ = ("answer", "bell", "error", "settled", "work")

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.answer: Any = None
        self.error: BaseException | None = None
        self.settled = False
        self.bell: SimpleQueue[None] = SimpleQueue()  # rung where it is settled, or the turn is free

    def settle(self, answer: object, error: BaseException | None) -> None:
        self.answer, self.error = answer, error
        self.settled = True
        self.bell.put(None)


class Turns:
    """The turn to write by one connection, which `alone` guards against whoever reads by it."""

    def __init__(self, transaction: Transaction, alone: AbstractContextManager[object]) -> None:
        self._transaction, self._alone = transaction, alone
        self._turn = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._whose: int | None = None

    def take(self, work: Callable[[], T]) -> T:
        """What `work` returns, once what it has written is durable; raises what it raises, or why it cannot be written.

        It is done by any of the threads that wait, and done again where another of its group has to be undone.
        """
        if self._whose == threading.get_ident():
            raise RuntimeError("who decides inside a transaction asks the view that it was given, and nobody else")
        mine = _Waiting(work)
        self._waiting.append(mine)
        try:
            while not mine.settled:
                if self._turn.acquire(blocking=False):
                    self._lead(mine)
                else:
                    self._rest(mine)
        except BaseException:
            self._forget(mine)
            raise
        if mine.error is not None:
            raise mine.error
        answer: T = mine.answer
        return answer

    def _rest(self, mine: _Waiting) -> None:
        try:
            mine.bell.get(timeout=_LOOK_AGAIN)
        except Empty:
            return

    def _forget(self, mine: _Waiting) -> None:
        """Who does not wait any more wants nothing written, unless it is under way."""
        try:
            self._waiting.remove(mine)
        except ValueError:
            return

    def _lead(self, mine: _Waiting) -> None:
        """Have the turn: write for all that wait, and hand it on."""
        try:
            if not mine.settled:
                self._whose = threading.get_ident()
                with self._alone:
                    self._serve()
        finally:
            self._whose = None
            self._turn.release()
            for following in tuple(self._waiting)[:1]:
                following.bell.put(None)

    def _serve(self) -> None:
        came, group = len(self._waiting), list[_Waiting]()
        try:
            try:
                self._transaction.begin()
            except Refused as refusal:
                group = self._taken(came)  # who came while it waited for other processes waits for as long
                _fail(group, refusal)
                return
            group = self._taken(MOST)
            try:
                self._write(group)
            except _Spoiled as spoiled:
                self._transaction.undo()
                if len(group) > 1:
                    self._one_by_one(group)
                else:
                    group[0].settle(None, spoiled.__cause__)
        finally:
            self._transaction.undo()
            if not all(each.settled for each in group):
                _fail(group, _interrupted())

    def _taken(self, most: int) -> list[_Waiting]:
        taken: list[_Waiting] = []
        while len(taken) < most:
            try:
                taken.append(self._waiting.popleft())
            except IndexError:  # its thread has given it up
                break
        return taken

    def _one_by_one(self, group: Sequence[_Waiting]) -> None:
        for each in group:
            try:
                self._transaction.begin()
                self._write([each])
            except Refused as refusal:
                _fail([each], refusal)
            except _Spoiled as spoiled:
                self._transaction.undo()
                each.settle(None, spoiled.__cause__)

    def _write(self, group: Sequence[_Waiting]) -> None:
        """Do the work of a group in the transaction that has begun; raises `_Spoiled` where one is to be undone."""
        answers = list[tuple[object, BaseException | None]]()
        for each in group:
            self._transaction.mark()
            try:
                answers.append((each.work(), None))
            except Exception as error:
                if self._transaction.spoiled:
                    raise _Spoiled from error
                answers.append((None, error))  # it is raised where this work came from
        try:
            self._transaction.commit()
        except Refused as refusal:
            self._transaction.undo()
            _fail(group, refusal)
        for each, (answer, failure) in zip(group, answers, strict=True):
            if not each.settled:
                each.settle(answer, failure)


class _Spoiled(Exception):
    """A work has failed when it had written: its cause is why."""


def _interrupted() -> Refused:
    message = "the thread that wrote for several was interrupted: whether this was written is not known"
    return refuse("ledger.unavailable", "ledger", message, hint="Ask again.")


def _fail(group: Sequence[_Waiting], refusal: Refused) -> None:
    """Refuse what is not settled yet: each by an exception of its own, which remembers who has raised it."""
    for each in group:
        if not each.settled:
            each.settle(None, Refused(*refusal.reasons))
