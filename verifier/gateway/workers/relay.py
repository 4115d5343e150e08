"""A worker's application: every request that its desk does not answer is the judge's, word by word as ASGI has it.

* the worker decides nothing: what may be asked, by whom and how much of it is read is for the judge to say
* of a body, one piece is read whenever the judge wants one
* where there is no judge there is no answer but 503
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from verifier.core.outcome import Reason
from verifier.gateway.asgi import Receive, Scope, Send
from verifier.gateway.clients import CERTIFIED
from verifier.gateway.pages.answers import RETRY_S, Message, refusal
from verifier.gateway.workers import said
from verifier.gateway.workers.asked import AskedBundle, AskedServing
from verifier.gateway.workers.channel import Channel, NotUnderstoodError, Said
from verifier.gateway.workers.terms import Terms

COUNTED_S: Final = 1.0
"""At most so long after an answer the judge's metrics have it."""
GONE: Final[Said] = {"do": "gone"}


class Relay:
    """`Behind` a worker's desk. Belongs to one event loop."""

    def __init__(self, channel: Channel, terms: Terms) -> None:
        self._channel, self.draining = channel, False
        self._questions: dict[int, AskedBundle] = {}
        self._calls: dict[int, _Call] = {}
        self._bodies: dict[str, tuple[int, bytes]] = {}
        self._last = 0
        self._counted: Counter[tuple[str, int]] = Counter()
        self._ended: Counter[str] = Counter()
        self._held: dict[str, int] = {}
        self.serving = AskedServing(terms, self._ask)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not self._channel.is_open:
            await _unavailable(send)
            return
        self.flush()
        number = self._number()
        call = self._calls[number] = _Call(self._channel, number, receive, send, self._body_of(scope["path"]))
        self._channel.say(_asked(number, scope))
        try:
            await call.run()
        finally:
            del self._calls[number]
            call.leave()

    def count(self, bundle: str, status: int) -> None:
        """Count an answer of the desk."""
        self._counted[bundle, status] += 1

    def count_ended(self, why: str) -> None:
        """Count a connection that was ended or turned away."""
        self._ended[why] += 1

    def flush(self) -> None:
        """Tell the judge what was counted since it was told last, and how many are held."""
        requests = [[bundle, str(status), str(count)] for (bundle, status), count in self._counted.items()]
        held = self.serving.held()
        if not requests and not self._ended and held == self._held:
            return
        self._held = held
        self._channel.say({"do": "counts", "requests": requests, "ended": dict(self._ended), "held": held})
        self._counted.clear()
        self._ended.clear()

    def told(self, head: Said) -> None:
        """What the judge says of a bundle that it was asked about."""
        bundle = self._questions.pop(said.number(head, "number"), None)
        if bundle is None:
            raise NotUnderstoodError("it answers what was not asked")
        bundle.heard(said.text(head, "etag"))

    def news(self, path: str) -> None:
        """There may be something else."""
        bundle = self.serving.by_path.get(path)
        if bundle is not None:
            bundle.release()

    def take_over(self, terms: Terms) -> None:
        """Other terms are in force; who is held looks again, and is the judge's where anything has changed."""
        before, self.serving = self.serving, AskedServing(terms, self._ask)
        self._bodies.clear()
        before.release()

    def drain(self) -> None:
        """Hold nobody any more."""
        self.draining = True
        self.serving.release()

    def heard(self, head: Said, contents: Sequence[bytes]) -> None:
        """A word of the judge's for one request; one that is over needs it no more."""
        call = self._calls.get(said.number(head, "call"))
        if call is not None:
            call.words.put_nowait((head, contents))

    def end(self) -> None:
        """There is no judge any more."""
        for call in self._calls.values():
            call.words.put_nowait((GONE, ()))

    def _ask(self, bundle: AskedBundle) -> None:
        number = self._number()
        self._questions[number] = bundle
        self._channel.say({"do": "ask", "number": number, "path": bundle.path})

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _body_of(self, path: str) -> _Bodies:
        return _Bodies(path if path in self.serving.by_path else "", self._bodies)


class _Bodies:
    """The newest body of each bundle, which all its clients share."""

    def __init__(self, path: str, kept: dict[str, tuple[int, bytes]]) -> None:
        self._path, self._kept = path, kept

    def shared(self, number: int, body: bytes) -> bytes:
        """`body`, or the same one that is here already; `number` is the judge's for it, 0 for one of no bundle."""
        if not number or not self._path:
            return body
        known = self._kept.get(self._path)
        if known is None or known[0] != number:
            known = self._kept[self._path] = (number, body)
        return known[1]


class _Call:
    """One request, while the judge answers it."""

    def __init__(self, channel: Channel, number: int, receive: Receive, send: Send, bodies: _Bodies) -> None:
        self._channel, self._number, self._receive, self._send = channel, number, receive, send
        self._bodies = bodies
        self.words: asyncio.Queue[tuple[Said, Sequence[bytes]]] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._is_over = self._has_begun = False

    async def run(self) -> None:
        """Do what the judge says, to its end."""
        while not self._is_over:
            head, contents = await self.words.get()
            match head.get("do"):
                case "want":
                    self._reading = asyncio.get_running_loop().create_task(self._read())
                case "start":
                    self._has_begun = True
                    status, fields = said.number(head, "status"), said.pairs(head, "fields")
                    await self._send({"type": "http.response.start", "status": status, "headers": fields})
                case "body":
                    body = self._bodies.shared(said.number(head, "known"), contents[0])
                    await self._send({"type": "http.response.body", "body": body, "more_body": said.flag(head, "more")})
                case "end":
                    self._is_over = True
                    if said.flag(head, "failed"):
                        raise RuntimeError("the judge failed at this request; its log says why")
                case _:
                    self._is_over = True
                    if self._has_begun:
                        raise RuntimeError("the judge has ended within its answer")
                    await _unavailable(self._send)

    def leave(self) -> None:
        """Nobody does anything here any more."""
        if self._reading is not None:
            self._reading.cancel()
        if not self._is_over:
            self._channel.say({"do": "left", "call": self._number})

    async def _read(self) -> None:
        message = await self._receive()
        is_gone = message["type"] == "http.disconnect"
        head = {"do": "got", "call": self._number, "gone": is_gone, "more": bool(message.get("more_body", False))}
        self._channel.say(head, bytes(message.get("body", b"")))


def _asked(number: int, scope: Scope) -> Said:
    client = scope.get("client")
    return {
        "do": "call",
        "call": number,
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "version": scope["http_version"],
        "client": [client[0], str(client[1])] if client else [],
        "certified": bool(scope.get(CERTIFIED)),
        "fields": said.named(scope["headers"]),
    }


async def _unavailable(send: Send) -> None:
    reason = Reason(code="internal.error", subject="gateway", message="the process that judges has ended")
    headers: list[tuple[bytes, bytes]] = [(b"retry-after", str(RETRY_S).encode()), (b"connection", b"close")]
    start, body = refusal(503, "nothing can be judged here", reasons=(reason,), headers=headers)
    end: Message = {"type": "http.response.body", "body": body}
    await send(start)
    await send(end)
