"""One budget for all that a verification reads."""

import pytest

from verifier.core.costs.budget import BYTES_FOR_EACH_PACKED, STEP, Budget
from verifier.core.costs.prices import UNPACKED, Price
from verifier.core.errors import Refused
from verifier.core.limits import Limits

THING = Price("things", 10, 3 * STEP)
SMALL = Limits(memory_bytes=100, steps=30)


def test_what_is_within_the_bound_is_paid_for():
    budget = Budget(SMALL)
    budget.spend(THING, 10, subject="s")
    assert (budget.memory, budget.work, budget.counts) == (100, 30 * STEP, {"things": 10})


@pytest.mark.parametrize("bound", [{"memory_bytes": 99}, {"steps": 29}], ids=["memory", "work"])
def test_what_is_beyond_either_bound_is_refused(bound):
    budget = Budget(Limits(**{"memory_bytes": 100, "steps": 30} | bound))
    with pytest.raises(Refused, match=r"input\.too-costly"):
        budget.spend(THING, 10, subject="s")


def test_prices_add_up_over_all_that_is_read():
    budget = Budget(SMALL)
    budget.spend(THING, 6, subject="a")
    with pytest.raises(Refused):
        budget.spend(Price("other things", 10, 0), 5, subject="b")


def test_after_a_refusal_nothing_more_is_paid_for():
    budget = Budget(SMALL)
    for _ in range(2):
        with pytest.raises(Refused):
            budget.spend(THING, 11, subject="s")


def test_the_refusal_says_what_was_counted_and_which_limit_to_raise():
    with pytest.raises(Refused) as refused:
        Budget(SMALL).spend(THING, 11, subject="data.json")
    reason = refused.value.reasons[0]
    assert reason.subject == "data.json"
    assert reason.message == "reading on would take 110 bytes of memory, expected at most 100; so far 11 things"
    assert "`memory-bytes`" in reason.hint


def test_what_is_packed_larger_may_cost_more():
    budget = Budget(SMALL, packed=1)
    budget.spend(UNPACKED, 100 + BYTES_FOR_EACH_PACKED, subject="s")
    with pytest.raises(Refused):
        budget.spend(UNPACKED, 1, subject="s")


def test_memory_for_a_moment_counts_beside_what_stays_and_not_after():
    budget = Budget(SMALL)
    budget.pass_through(100, subject="s")
    budget.spend(UNPACKED, 1, subject="s")
    assert budget.affords(passing=99)
    with pytest.raises(Refused):
        budget.pass_through(100, subject="s")


def test_a_copy_tries_what_the_first_does_not_pay_for():
    budget = Budget(SMALL)
    with pytest.raises(Refused):
        budget.copy().spend(THING, 11, subject="s")
    assert budget.memory == 0
