"""Who holds a connection, by what is known when it is accepted."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.gateway.admission import SURPLUS, Admission, group_of


@pytest.fixture
def counted():
    return Counter()


def admission(counted, most=2, per_address=2):
    return Admission(most=most, per_address=per_address, count=lambda why: counted.update([why]))


def enter(places, address="192.0.2.1"):
    """A place whose end is noted in `ended`."""
    place = places.enter(address)
    if place is not None:
        place.end = lambda: ended.append(place)
    return place


@pytest.fixture(autouse=True)
def _nobody_was_ended():
    ended.clear()


ended = []


def test_more_may_wait_than_are_served(counted):
    places = admission(counted)
    assert [enter(places).is_surplus for _ in range(2 + SURPLUS)] == [False, False] + [True] * SURPLUS
    assert not ended


def test_one_more_than_may_wait_ends_the_oldest(counted):
    places = admission(counted)
    first, *_ = [enter(places) for _ in range(2 + SURPLUS)]
    assert enter(places) is not None
    assert (ended, places.held, counted) == ([first], 2 + SURPLUS, {"silent": 1})


def test_it_is_one_of_the_address_that_has_the_most(counted):
    places = admission(counted, most=4, per_address=4)
    lonely = enter(places, "192.0.2.9")
    for _ in range(3 + SURPLUS):
        enter(places)
    enter(places, "192.0.2.8")
    assert lonely not in ended
    assert [each.group for each in ended] == ["192.0.2.1"]


def test_who_has_asked_is_not_ended_for_who_has_not(counted):
    places = admission(counted)
    busy = enter(places)
    assert places.prove(busy)
    for _ in range(3 * SURPLUS):
        enter(places)
    assert busy not in ended


def test_who_asks_takes_the_place_of_who_idles_longest(counted):
    places = admission(counted)
    idle, idler, third = (enter(places) for _ in range(3))
    for each, since in ((idle, 2.0), (idler, 1.0)):
        places.prove(each)
        each.idle_since = lambda since=since: since
    assert places.prove(third)
    assert ended[0] is idler
    assert counted["idle"] == len(ended)


def test_where_all_are_busy_who_asks_is_not_served(counted):
    places = admission(counted)
    for _ in range(2):
        places.prove(enter(places))
    third = enter(places)
    assert not places.prove(third)
    assert (ended, counted) == ([], {"full": 1})


def test_an_address_has_no_more_than_it_may(counted):
    places = admission(counted, most=100, per_address=3)
    for _ in range(3):
        assert places.prove(enter(places))
    assert enter(places) is None
    assert enter(places, "192.0.2.2") is not None
    assert counted == {"address": 1}


def test_what_an_address_has_open_for_nothing_makes_room_for_its_own(counted):
    places = admission(counted, most=100, per_address=3)
    silent = [enter(places) for _ in range(3)]
    assert enter(places) is not None
    assert ended == silent[:1]


def test_who_was_ended_meanwhile_is_not_served_any_more(counted):
    places = admission(counted, most=1, per_address=100)
    first, *_ = [enter(places) for _ in range(1 + SURPLUS)]
    enter(places)
    assert not places.prove(first)
    places.leave(first)
    assert (places.held, places.waiting, counted) == (1 + SURPLUS, 1 + SURPLUS, {"silent": 1})


def test_a_place_is_left_once(counted):
    places = admission(counted)
    place = enter(places)
    places.leave(place)
    places.leave(place)
    assert (places.held, places.waiting) == (0, 0)


def test_a_place_that_was_taken_away_is_not_left_again(counted):
    places = admission(counted, most=1, per_address=100)
    first, *_ = [enter(places) for _ in range(1 + SURPLUS)]
    enter(places)
    places.leave(first)
    assert places.held == 1 + SURPLUS


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("not an address", "another", False),
    ],
)
def test_addresses_of_one_network_of_a_household_are_one(one, other, same):
    assert (group_of(one) == group_of(other)) is same


_STEPS = st.lists(st.tuples(st.sampled_from(["enter", "prove", "leave", "idle"]), st.integers(0, 30)), max_size=80)


@given(_STEPS, st.integers(1, 4), st.integers(1, 6))
def test_whatever_happens_no_more_is_open_than_may_be(steps, most, per_address):
    places = Admission(most=most, per_address=per_address, count=lambda _: None)
    bound = per_address if per_address < most else most + SURPLUS
    alive = []
    for what, which in steps:
        if what == "enter":
            place = places.enter(f"192.0.2.{which % 3}")
            if place is not None:
                place.end = lambda place=place: alive.remove(place)
                alive.append(place)
        elif alive:
            place = alive[which % len(alive)]
            if what == "prove" and not place.is_proven:
                places.prove(place)
            elif what == "leave":
                alive.remove(place)
                places.leave(place)
            elif what == "idle":
                place.idle_since = lambda which=which: which
        proven = [each for each in alive if each.is_proven]
        assert places.held == len(alive) <= most + SURPLUS
        assert places.waiting == len(alive) - len(proven)
        assert len(proven) <= most
        assert max(Counter(each.group for each in alive).values(), default=0) <= bound
