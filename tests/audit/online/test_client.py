"""Several questions at once: their order, and their end."""

from __future__ import annotations

import pytest

from tests.support.net.servers import server
from verifier.audit.online.client import JsonClient
from verifier.core.errors import Refused, refuse
from verifier.net.access import Access


@pytest.fixture
def client():
    with server(lambda exchange: exchange.answer(200, b"{}")) as running:
        made = JsonClient(running.url, Access(), pause=lambda _: None)
        yield made
        made.close()


def test_answers_come_in_the_order_of_their_questions(client):
    def ask(number):
        if number % 7 == 0:
            raise refuse("input.unreachable", "x", "no")
        return client.get(f"{number}", max_bytes=10).status

    found = list(client.each(ask, range(50)))
    assert [number for number, _ in found] == list(range(50))
    assert [isinstance(answer, Refused) for _, answer in found] == [number % 7 == 0 for number in range(50)]


def test_whoever_interrupts_it_does_not_wait_for_the_rest(client):
    asked = []

    def ask(number):
        asked.append(number)
        if number == 0:
            raise KeyboardInterrupt
        return client.get(f"{number}", max_bytes=10).status

    with pytest.raises(KeyboardInterrupt):
        list(client.each(ask, range(20_000)))
    assert len(asked) < 20_000


def test_a_connection_is_kept_for_the_next_question():
    peers = set()

    def say(exchange):
        peers.add(exchange.client_address)
        exchange.answer(200, b"{}")

    with server(say) as running:
        client = JsonClient(running.url, Access())
        for number in range(10):
            client.get(f"{number}", max_bytes=10)
        client.close()
    assert len(peers) == 1
