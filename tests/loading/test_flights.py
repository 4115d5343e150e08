"""One answer for all who ask at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.patience import PATIENCE_S
from verifier.loading.flights import Flights


class Counted:
    """A lock that says how often it was let go."""

    def __init__(self):
        self.lock, self.arrived = threading.Lock(), threading.Semaphore(0)

    def __enter__(self):
        self.lock.acquire()

    def __exit__(self, *_):
        self.lock.release()
        self.arrived.release()


class Watched(Flights):
    """Flights that say how many have come to look: each looks once before it finds or waits."""

    def __init__(self):
        super().__init__()
        self._lock = Counted()

    def wait_for(self, number):
        for _ in range(number):
            assert self._lock.arrived.acquire(timeout=PATIENCE_S)


def ask_together(will_do, finds):
    """The first of `finds` does not land before all others wait; what each thread got, or raised."""
    flights, results = Watched(), []

    def leading():
        waiting.set()
        flights.wait_for(len(finds))
        return finds[0]()

    waiting = threading.Event()
    with ThreadPoolExecutor(len(finds)) as pool:
        first = pool.submit(flights.share, "key", leading, will_do)
        assert waiting.wait(PATIENCE_S)
        others = [pool.submit(flights.share, "key", find, will_do) for find in finds[1:]]
        for future in (first, *others):
            try:
                results.append(future.result(PATIENCE_S))
            except LookupError as error:
                results.append(error)
    assert flights._flights == {}
    return results


def fails():
    raise LookupError


def test_those_who_wait_take_the_first_ones_answer():
    assert ask_together(lambda _: True, [lambda: 1, fails, fails, fails]) == [1, 1, 1, 1]


def test_an_answer_that_will_not_do_is_not_taken():
    assert ask_together(lambda answer: answer > 1, [lambda: 1, lambda: 2, lambda: 2]) == [1, 2, 2]


def test_where_the_first_one_fails_the_next_one_finds_the_answer():
    first, *others = ask_together(lambda _: True, [fails, lambda: 2, lambda: 2])
    assert isinstance(first, LookupError)
    assert others == [2, 2]


def test_another_question_is_not_waited_for():
    flights = Flights()
    assert flights.share("a", lambda: flights.share("b", lambda: 2, bool), bool) == 2


def test_what_has_landed_is_asked_anew():
    flights = Flights()
    answers = iter((1, 2))
    assert [flights.share("key", lambda: next(answers), bool) for _ in range(2)] == [1, 2]
    with pytest.raises(StopIteration):
        flights.share("key", lambda: next(answers), bool)
