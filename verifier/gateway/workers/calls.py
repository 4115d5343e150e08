"""A request that a worker has handed on, as the application sees it: read and answered through a channel."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any, Final

from verifier.files.sealed import sealed
from verifier.gateway.asgi import Receive, Scope, Send
from verifier.gateway.clients import CERTIFIED
from verifier.gateway.workers import said
from verifier.gateway.workers.channel import SHORT, Channel, NotUnderstoodError, Said

_LOG: Final = logging.getLogger("uvicorn.error")
"""Where the HTTP server says it of a request of its own."""
_CLIENT: Final = 2
Answer = Callable[[Scope, Receive, Send], Awaitable[None]]


class Bodies:
    """Sealed memory files with what bundles are answered with, one for each path, made once for each body."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[bytes, int, int]] = {}
        self._last = 0

    def of(self, path: str, body: bytes) -> tuple[int, bytes | int]:
        """A number for the body, and what to send: short ones as they are, with the number 0."""
        if len(body) <= SHORT:
            return 0, body
        made = self._made.get(path)
        if made is None or made[0] is not body:
            self.forget(path)
            self._last += 1
            made = self._made[path] = (body, self._last, sealed(body))
        return made[1], made[2]

    def keep(self, paths: Mapping[str, object]) -> None:
        """Forget those of other paths."""
        for path in set(self._made) - set(paths):
            self.forget(path)

    def forget(self, path: str) -> None:
        """Keep nothing for this path, "" for all."""
        for each in [path] if path else list(self._made):
            made = self._made.pop(each, None)
            if made is not None:
                with suppress(OSError):
                    os.close(made[2])


class Call:
    """Made where a worker hands a request on."""

    def __init__(self, channel: Channel, head: Said, bodies: Bodies | None) -> None:
        """`bodies` is for a bundle's path."""
        self.number, self.scope = said.number(head, "call"), _scope(head)
        self._channel, self._bodies = channel, bodies
        self._got: deque[MutableMapping[str, Any]] = deque()
        self._comes: asyncio.Future[None] | None = None
        self._is_wanted = self._is_gone = False

    async def answer(self, application: Answer) -> None:
        """Let the application answer; a failure of it is written down, and is no answer."""
        work = asyncio.ensure_future(application(self.scope, self._receive, self._send))
        await asyncio.wait({work})
        error = work.exception()
        if error is not None:
            _LOG.error("Exception in ASGI application", exc_info=error)
        self._channel.say({"do": "end", "call": self.number, "failed": error is not None})

    def got(self, head: Said, contents: Sequence[bytes]) -> None:
        """A piece of its body, or that the client has gone."""
        self._is_wanted = False
        if said.flag(head, "gone"):
            self.leave()
            return
        if len(contents) != 1:
            raise NotUnderstoodError("a piece of a body is missing")
        self._got.append({"type": "http.request", "body": contents[0], "more_body": said.flag(head, "more")})
        self._wake()

    def leave(self) -> None:
        """The client has gone, or its worker."""
        self._is_gone = True
        self._wake()

    async def _receive(self) -> MutableMapping[str, Any]:
        while not self._got and not self._is_gone:
            if not self._is_wanted:
                self._is_wanted = True
                self._channel.say({"do": "want", "call": self.number})
            self._comes = asyncio.get_running_loop().create_future()
            await self._comes
        return self._got.popleft() if self._got else {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            fields = said.named(message["headers"])
            head = {"do": "start", "call": self.number, "status": message["status"], "fields": fields}
            self._channel.say(head)
            return
        body = bytes(message.get("body", b""))
        known, content = (0, body) if self._bodies is None else self._bodies.of(self.scope["path"], body)
        more = bool(message.get("more_body", False))
        self._channel.say({"do": "body", "call": self.number, "known": known, "more": more}, content)

    def _wake(self) -> None:
        if self._comes is not None and not self._comes.done():
            self._comes.set_result(None)


def _scope(head: Said) -> Scope:
    client = said.texts(head, "client")
    if len(client) not in {0, _CLIENT} or not all(each.isdigit() for each in client[1:]):
        raise NotUnderstoodError("a client is no address and port")
    try:
        query = said.text(head, "query").encode("latin-1")
    except UnicodeEncodeError:
        raise NotUnderstoodError("a query is no text of bytes") from None
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": said.text(head, "version"),
        "scheme": "http",
        "method": said.text(head, "method"),
        "root_path": "",
        "path": said.text(head, "path"),
        "query_string": query,
        "headers": said.pairs(head, "fields"),
        "client": (client[0], int(client[1])) if client else None,
        "server": None,
        CERTIFIED: said.flag(head, "certified"),
    }
