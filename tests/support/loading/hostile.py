"""A bundle server that answers as a test says, request by request, and notes what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.support.gateway.scene import etag_of
from tests.support.net.servers import Exchange, Scripted, server
from tests.support.patience import PATIENCE_S

Reply = Callable[[Exchange], None]


class BundleServer:
    """`reply` answers the next request; it may be exchanged at any time, and a test can wait until it was asked."""

    def __init__(self, running: Scripted, first: Reply) -> None:
        self.url = f"{running.url}/authz.tar.gz"
        self.reply = first
        self._asked = threading.Condition()
        self._count = 0

    def say(self, exchange: Exchange) -> None:
        with self._asked:
            self._count += 1
            reply = self.reply
            self._asked.notify_all()
        reply(exchange)

    def asked(self, times: int = 2) -> None:
        """Wait until it was asked again so often; after the second time the first one's answer was taken."""
        with self._asked:
            until = self._count + times
            assert self._asked.wait_for(lambda: self._count >= until, PATIENCE_S), "it is not asked any more"


@contextmanager
def bundle_server(first: Reply) -> Iterator[BundleServer]:
    """A server on loopback until the end of the block."""
    with server(first) as running:
        found = BundleServer(running, first)
        running.say = found.say
        yield found


def gives(content: bytes, tag: str | None = None) -> Reply:
    """A decent server: an entity tag, the content's own by default, and 304 to who has it."""
    named = tag or etag_of(content)

    def reply(exchange: Exchange) -> None:
        if exchange.headers["If-None-Match"] == named:
            exchange.answer(304, ETag=named)
        else:
            exchange.answer(200, content, ETag=named)

    return reply


def forgets(content: bytes) -> Reply:
    """Content without an entity tag."""
    return lambda exchange: exchange.answer(200, content)


def gone(exchange: Exchange) -> None:
    """A server that has an error for everybody."""
    exchange.answer(500)


def in_turn(*replies: Reply) -> Reply:
    """Another one at each request, round and round."""
    lock, turn = threading.Lock(), [0]

    def reply(exchange: Exchange) -> None:
        with lock:
            chosen = replies[turn[0] % len(replies)]
            turn[0] += 1
        chosen(exchange)

    return reply
