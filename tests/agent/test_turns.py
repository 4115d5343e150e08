"""One user's questions wait for one another, and leave a place for everybody else's."""

import threading

from tests.support.patience import PATIENCE_S
from verifier.agent.turns import Turns

ALICE, BOB, CAROL = 1001, 1002, 1003


class Slow:
    """Work that ends when it is told to."""

    def __init__(self, order, name=""):
        self.order, self.name = order, name
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self):
        self.begun.set()
        assert self.go_on.wait(PATIENCE_S)
        self.order.append(self.name)


def turns(at_once=4):
    found = []
    return Turns(at_once, found.append), found


def test_one_user_with_many_questions_does_not_keep_another_waiting():
    made, defects = turns()
    held = [Slow([]) for _ in range(16)]
    for each in held:
        made.put(ALICE, each)
    assert all(each.begun.wait(PATIENCE_S) for each in held[:3])
    done = threading.Event()
    made.put(BOB, done.set)
    assert done.wait(PATIENCE_S)
    assert not held[3].begun.is_set()
    for each in held:
        each.go_on.set()
    assert (made.end(PATIENCE_S), defects) == (0, [])
    assert all(each.begun.is_set() for each in held)


def test_users_take_turns_whoever_has_asked_more():
    order = []
    made, _ = turns(at_once=1)
    first = Slow(order, "first")
    made.put(CAROL, first)
    assert first.begun.wait(PATIENCE_S)
    for number in range(3):
        made.put(ALICE, lambda number=number: order.append(f"alice {number}"))
    made.put(BOB, lambda: order.append("bob"))
    first.go_on.set()
    assert made.end(PATIENCE_S) == 0
    assert order == ["first", "alice 0", "bob", "alice 1", "alice 2"]


def test_work_that_raises_is_told_and_the_next_is_done():
    made, defects = turns()
    done = threading.Event()

    def broken():
        raise RuntimeError("broken")

    for work in (broken, broken, broken, broken, done.set):
        made.put(ALICE, work)
    assert done.wait(PATIENCE_S)
    assert made.end(PATIENCE_S) == 0
    assert [str(each) for each in defects] == ["broken"] * 4


def test_what_has_not_begun_when_it_ends_is_not_begun_any_more():
    made, _ = turns(at_once=1)
    held, after = Slow([]), Slow([])
    made.put(ALICE, held)
    made.put(ALICE, after)
    assert held.begun.wait(PATIENCE_S)
    assert made.end(0) == 2
    held.go_on.set()
    assert not after.begun.is_set()
