"""One connection: what it may send, and how long it may take (T-213).

* a head is complete within seconds, and within its bounds in bytes and fields
* a connection that asks where all that may be served are busy is told so and closed; those that are open are served on
* an answer that is not read is given up; one that is read slowly is not
* what is not HTTP is answered as a problem, and the connection ends
* a request that came alone and whole is offered to the desk (`front`) before an application is asked

uvicorn bounds none of these with httptools, which is several times as fast as its other parser.
"""

from __future__ import annotations

import asyncio
import http
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from verifier.core.outcome import Reason
from verifier.gateway.admission import Admission, Place
from verifier.gateway.clients import CERTIFIED
from verifier.gateway.listener import SURPLUS_S
from verifier.gateway.pages.answers import RETRY_S, refusal

HEAD_S = 15.0
"""Until a head must be there, from the connection or its first byte."""
MAX_HEAD_BYTES = 32 * 1024
_PIECE = MAX_HEAD_BYTES // 2
MAX_FIELDS = 100
MAX_QUEUED = 32
"""Requests on one connection that wait until those before them are answered."""
STALL_S = 30.0
"""Within which a client takes a piece of its answer, or is given up."""
_LEAST_PIECE = 64 * 1024


class Desk(Protocol):
    """Who may answer what came alone and whole."""

    def offer(self, raw: bytes, scope: Mapping[str, object], headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Whether it does, and has the connection from now on."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds."""

    def __init__(
        self,
        *,
        config: Config,
        server_state: ServerState,
        admission: Admission,
        place: Place,
        desk: Desk,
        **others: Any,
    ) -> None:
        super().__init__(config=config, server_state=server_state, **others)
        self._admission, self._place, self._desk = admission, place, desk
        self._between = True
        """Whether the parser is between two messages, with nothing of either."""
        self._begun = 0
        self._is_put_off = False
        self._put_off: tuple[RequestResponseCycle, Any] | None = None
        self._head_bytes = self._fields = 0
        self._in_head = False
        self._refused_with = 400
        self._idle_since: float | None = None
        self._under_way: deque[RequestResponseCycle] = deque()
        self._late: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._certified = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, which has its place."""
        super().connection_made(transport)
        self._place.end, self._place.idle_since = transport.abort, self._idle
        self._certified = bool(transport.get_extra_info("peercert"))
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers with the connection, and leave its place to another."""
        self._admission.leave(self._place)
        # uvicorn tells the newest request alone; one before it would wait for news on behalf of nobody.
        for cycle in self._under_way:
            cycle.disconnected = True
            cycle.message_event.set()
        for timer in (self._late, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    @property
    def at_rest(self) -> bool:
        """Whether the last request is answered, the answer taken, and nothing of another one here."""
        is_quiet = self._between and not self._under_way and self._stalled is None
        return is_quiet and self._place.is_proven and not self.transport.is_closing()

    def retire(self) -> None:
        """Let somebody else have the connection."""
        self.connections.discard(self)
        self._under_way.clear()
        self._unset_keepalive_if_required()
        for timer in (self._late, self._stalled):
            if timer is not None:
                timer.cancel()
        self.parser = None  # type: ignore[assignment]  # as uvicorn at an end

    def answer_whole(self, raw: bytes) -> None:
        """Read what the desk had, and answer it here."""
        self._read(raw)

    def data_received(self, data: bytes) -> None:
        """Read on; what came alone and whole is offered to the desk."""
        if not self._between or self._under_way or self._stalled is not None:
            self._read(data)
            return
        self._begun, self._is_put_off = 0, True
        self._read(data)
        put_off, self._put_off, self._is_put_off = self._put_off, None, False
        if put_off is None:
            return
        is_whole = self._begun == 1 and self._between and not self.transport.is_closing()
        if not is_whole or not self._desk.offer(data, cast("Mapping[str, object]", self.scope), self.headers):
            super()._start_asgi_task(*put_off)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._is_put_off:
            self._put_off = (cycle, app)
        else:
            super()._start_asgi_task(cycle, app)

    def _read(self, data: bytes) -> None:
        """Read on, unless a head grows beyond its bound."""
        for start in range(0, len(data), _PIECE):  # several heads may be in it, and each has a bound of its own
            piece = data[start : start + _PIECE]
            if self.transport.is_closing():
                return
            if self._in_head:
                self._head_bytes += len(piece)
                if self._head_bytes > MAX_HEAD_BYTES:
                    status = 414 if len(self.url) > _PIECE else 431
                    self._refuse(status, f"the head has more than {MAX_HEAD_BYTES} bytes")
                    return
            super().data_received(piece)
        if self._late is None and not self._in_head and (self.cycle is None or self.cycle.response_complete):
            # No request is under way, and any byte ends uvicorn's own wait for the next one: the rest of a body, say.
            self._expect_head()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._begun, self._between = self._begun + 1, False
        cast("dict[str, object]", self.scope)[CERTIFIED] = self._certified
        self._in_head, self._head_bytes, self._fields = True, 0, 0
        if self._late is None:
            self._expect_head()

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._grow(len(url), 414)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field; those that trail a body are counted, and not taken for fields of the head (RFC 9110, 6.5.1)."""
        self._fields += 1
        self._grow(len(name) + len(value or b""), 431)
        if self._in_head:
            super().on_header(name, value or b"")

    def on_headers_complete(self) -> None:
        """The head is there; how long the rest takes is for who reads it."""
        self._in_head = False
        self._idle_since = None
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if self.url[:1] != b"/":
            self._take_host_of_target()
        if not self._place.is_proven and not self._admission.prove(self._place):
            self._refused_with = 503
            raise ValueError("all connections are busy")  # as in `_grow`
        if len(self.pipeline) >= MAX_QUEUED:
            raise ValueError("too many requests wait for their turn")  # as in `_grow`
        super().on_headers_complete()
        self._under_way.append(self.cycle)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._between = True
        super().on_message_complete()

    def _take_host_of_target(self) -> None:
        """A target that is a whole URL says for whom it is; the field Host is not asked (RFC 9112 section 3.2.2)."""
        parsed = httptools.parse_url(self.url)
        if parsed.schema not in {b"http", b"https"} or parsed.userinfo is not None:
            raise ValueError("a target that is not for a web server")  # as in `_grow`
        host = parsed.host or b""
        authority = b"[" + host + b"]" if b":" in host else host
        self.headers[:] = [each for each in self.headers if each[0] != b"host"]
        self.headers.append((b"host", authority))

    def on_response_complete(self) -> None:
        """The answer is written; whether it is read remains to be seen."""
        self._under_way.popleft()
        super().on_response_complete()
        if self.cycle.response_complete:  # else one more request is under way
            self._idle_since = self.loop.time()
        if self._stalled is None:
            self._watch()

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP, or too much of it, or comes where all are busy."""
        if self._refused_with == 503:
            self._refuse_as_full()
        else:
            self._refuse(self._refused_with, msg)

    def _unsupported_upgrade_warning(self) -> None:
        # The parser reads nothing after a request to upgrade: it is answered as if it had not asked, and is the last.
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def _grow(self, size: int, status: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES or self._fields > MAX_FIELDS:
            self._refused_with = status
            # The parser turns it into its own error, and that into `send_400_response`.
            raise ValueError("the head exceeds its bounds")

    def _idle(self) -> float | None:
        """Since when it waits for its client, who has had all of the answer; None where it does not."""
        return None if self.transport.get_write_buffer_size() else self._idle_since

    def _expect_head(self) -> None:
        waits = self._place.is_surplus and not self._place.is_proven
        self._late = self.loop.call_later(SURPLUS_S if waits else HEAD_S, self._give_up)

    def _give_up(self) -> None:
        self._late = None
        if self._place.is_surplus and not self._place.is_proven:
            self._refuse_as_full()
        elif self._in_head:
            self._refuse(408, f"the head was not complete within {HEAD_S:.0f} seconds")
        else:
            self.transport.close()

    def _watch(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stalled = None
        if left:
            self._stalled = self.loop.call_later(STALL_S, self._require_progress, left)

    def _require_progress(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left and before - left < _LEAST_PIECE:
            self.transport.abort()
            return
        self._watch()

    def _refuse_as_full(self) -> None:
        most = self._admission.most
        self._refuse(503, f"there are {most} connections already", overloaded(f"{most} connections are open"))

    def _refuse(self, status: int, detail: str, reasons: tuple[Reason, ...] = ()) -> None:
        """Say it without an application, and end the connection."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:  # else it would land in another answer
            self.transport.write(farewell(status, detail, reasons))
        self.transport.close()


def farewell(status: int, detail: str, reasons: tuple[Reason, ...] = ()) -> bytes:
    """A whole answer after which the connection ends."""
    retry = [(b"retry-after", str(RETRY_S).encode())] if status == 503 else []
    start, body = refusal(status, detail, reasons=reasons, headers=[*retry, (b"connection", b"close")])
    line = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}".encode()
    fields = [name + b": " + value for name, value in start["headers"]]
    return b"\r\n".join([line, *fields, b"", body])


def overloaded(what: str) -> tuple[Reason, ...]:
    """Why a connection is not served."""
    return (Reason(code="request.overloaded", subject="gateway", message=f"{what}, which is the bound"),)
