"""A chain a scope, replayed by the checker from texts alone: what an intruder did is noticed, at the event."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledgers.memory import MemoryLedger
from tests.support.ledgers.samples import COUNTING, at, counted
from verifier.core.digest import Digest
from verifier.core.value import replace
from verifier.ledger.advance import record
from verifier.ledger.chains.heads import over
from verifier.ledger.checker import Checker
from verifier.ledger.interface import Head
from verifier.ledger.record import canonical, event_text

A, B, C = "bundle:a", "bundle:b", "bundle:c"


def rechained(scopes, trunk=0, step=1):
    """The texts of acceptances in these scopes: `trunk` events in one chain, the others in chains of a scope each."""
    ledger, numbers = MemoryLedger(), dict.fromkeys(scopes, 0)
    for scope in scopes:
        numbers[scope] += 1
        assert record(ledger, scope, counted(numbers[scope]), COUNTING, at()).accepted
    checker, texts = Checker(), []
    for number, entry in enumerate(ledger.events()):
        text = entry.text
        if number >= trunk:
            before = checker.last
            end = checker._chains.end(entry.event.scope)
            own = replace(
                entry.event,
                sequence=before[0] + step,
                previous=Digest(algorithm="sha256", value=end[1]),
                beside=Head(sequence=before[0], digest=Digest(algorithm="sha256", value=before[1])),
            )
            text = event_text(own)
        checker.add(text)
        texts.append(text)
    return texts


def judged(texts):
    """The checker that has taken in all of them."""
    checker = Checker()
    for text in texts:
        checker.add(text)
    return checker


def changed(text, **members):
    """The text with other members."""
    return canonical(json.loads(text) | members)


@given(st.lists(st.sampled_from([A, B, C]), max_size=12), st.integers(0, 12), st.integers(1, 40))
def test_any_history_is_sound_and_each_of_its_beginnings_has_a_head_of_its_own(scopes, trunk, step):
    texts = rechained(scopes, trunk, step)
    heads = [judged(texts[:length]).head for length in range(len(texts) + 1)]
    assert len(set(heads)) == len(heads)
    assert heads == sorted(heads)
    assert judged(texts).count == len(texts)


def test_a_head_says_where_every_scope_stands_whatever_the_order():
    texts = rechained([A, B, A, C])
    assert judged(texts).head[0] == 4
    trunk, ends = (0, "00" * 32), {A: (3, "11" * 32), B: (2, "22" * 32)}
    head = over(trunk, ends)
    assert over(trunk, dict(reversed(ends.items()))) == head
    exchanged = {A: ends[B], B: ends[A]}
    joined = {"bundle:ab": ends[A]}
    for other in (exchanged, joined, {A: ends[A]}, {A: (4, "11" * 32), B: ends[B]}):
        assert over(trunk, other) != head
    assert over((1, "00" * 32), ends) != head
    assert over(trunk, {}) == trunk


class TestIntruders:
    """Texts [a1, b2, a3, b4, c5] where one thing was done."""

    @pytest.fixture
    def texts(self):
        return rechained([A, B, A, B, C])

    @staticmethod
    def require_found(texts, why):
        with pytest.raises(ValueError, match=why):
            judged(texts)

    def test_an_event_that_was_dropped(self, texts):
        self.require_found(texts[:2] + texts[3:], "beside")
        self.require_found(texts[1:], "which no event before it led to")

    def test_the_end_of_one_scope_that_was_cut_off(self, texts):
        self.require_found([*texts[:3], texts[4]], "beside")

    def test_a_whole_scope_that_was_taken_out(self, texts):
        self.require_found([text for text in texts if A not in text], "beside")

    def test_two_events_that_changed_places(self, texts):
        self.require_found([texts[0], texts[2], texts[1], *texts[3:]], "beside")

    def test_an_event_that_was_moved_to_another_scope(self, texts):
        self.require_found([*texts[:2], changed(texts[2], scope=B), *texts[3:]], "does not follow event 2")
        self.require_found([*texts[:2], changed(texts[2], scope=C), *texts[3:]], "does not follow event 0")

    def test_an_event_that_follows_another_scope_s(self, texts):
        other = json.loads(texts[3])["previous"]
        self.require_found([*texts[:2], changed(texts[2], previous=other)], "does not follow event 1")

    def test_an_event_that_comes_twice(self, texts):
        self.require_found([*texts[:3], texts[2]], "says to be event 3, after event 3")

    def test_an_event_that_goes_back_to_the_one_chain(self, texts):
        members = json.loads(texts[2])
        del members["previous"], members["beside"]
        self.require_found([*texts[:2], canonical(members)], "does not name the event before it")

    @pytest.mark.parametrize("missing", ["previous", "beside"])
    def test_an_event_with_half_of_its_links(self, texts, missing):
        members = json.loads(texts[2])
        del members[missing]
        self.require_found([*texts[:2], canonical(members)], "it has not the members")

    @pytest.mark.parametrize(
        "beside", [None, 2, "", "2", "2@", "@", "x@sha256:00", "3@sha256:00", "02@sha256:00", "9" * 30]
    )
    def test_an_event_beside_nothing(self, texts, beside):
        self.require_found([*texts[:2], changed(texts[2], beside=beside)], "it was written beside")

    @pytest.mark.parametrize("place", [None, "3", 3.0, True, -1, 2, 2**63])
    def test_a_place_that_is_none(self, texts, place):
        self.require_found([*texts[:2], changed(texts[2], sequence=place)], "it says to be event")

    def test_content_that_is_another(self, texts):
        self.require_found([texts[0].replace("2026", "2025", 1), *texts[1:]], ".")
