"""One connection, as the server sees it: plain questions are answered at the desk, everything else is the office's.

* one of the two is in charge at a time; between two requests the desk may take over, within one only the office may
* whatever is out of the ordinary while the desk has a request (more bytes, an end, another answer) makes the office
  read that request from its first byte; nothing of an answer has been written by then
* who is held costs one small object: no task, no parser, no request
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from verifier.gateway.admission import Admission, Place
from verifier.gateway.asgi import CLIENT_GONE
from verifier.gateway.front.desk import Desk, Stands
from verifier.gateway.front.heads import Head
from verifier.gateway.pages.answers import Known, Withheld
from verifier.gateway.protocol import STALL_S, BoundedProtocol

MakeOffice = Callable[["Connection"], BoundedProtocol]


class Connection(asyncio.Protocol):
    """Made for a connection that has its place."""

    __slots__ = (
        "_admission",
        "_bundle",
        "_certified",
        "_desk",
        "_head",
        "_idle_since",
        "_is_held",
        "_keep_alive",
        "_make_office",
        "_office",
        "_open",
        "_ticket",
        "_timer",
        "_transport",
        "_until",
        "place",
    )

    def __init__(
        self,
        *,
        desk: Desk,
        make_office: MakeOffice,
        admission: Admission,
        place: Place,
        connections: set[Any],
        keep_alive: float,
    ) -> None:
        """`connections` has those that are ended when the server is; `keep_alive` is in seconds."""
        self._desk, self._make_office, self._admission, self.place = desk, make_office, admission, place
        self._open, self._keep_alive = connections, keep_alive
        self._office: BoundedProtocol | None = None
        self._head: Head | None = None
        self._bundle: Stands | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._certified = self._is_held = False
        self._idle_since = self._until = 0.0
        self._ticket = 0

    @property
    def clients(self) -> int:
        """It is one."""
        return 1

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is always read by the office."""
        self._transport = transport
        self._certified = bool(transport.get_extra_info("peercert"))
        self._to_office()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the place to another."""
        if self._office is not None:
            self._office.connection_lost(exc)
            self._office = None
            return
        self._open.discard(self)
        self._admission.leave(self.place)
        if self._is_held and self._bundle is not None:
            self._desk.count(self._bundle, CLIENT_GONE)
        self._let_go()
        self._stop_timer()

    def data_received(self, data: bytes) -> None:
        """A request that was read before, or something to be read."""
        office = self._office
        if office is None:
            if self._head is not None:
                self._to_office(self._head.raw).data_received(data)
                return
        elif not office.at_rest:
            office.data_received(data)
            return
        head = self._desk.heads.find(data)
        if head is None or not self.take(head):
            (office or self._to_office()).data_received(data)

    def pause_writing(self) -> None:
        """The desk writes nothing where something is not read yet."""
        if self._office is not None:
            self._office.pause_writing()

    def resume_writing(self) -> None:
        """As `pause_writing`."""
        if self._office is not None:
            self._office.resume_writing()

    def offer(self, raw: bytes, scope: Mapping[str, object], headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Whether the desk answers what the office has read from `raw`, which is the whole of it."""
        head = self._desk.heads.keep(raw, scope, headers)
        return head is not None and self.take(head)

    def take(self, head: Head) -> bool:
        """Answer a request at the desk, which was read in whole; False where that can not be."""
        transport = self._transport
        if transport.is_closing() or transport.get_write_buffer_size():
            return False
        bundle = self._desk.bundle(head, certified=self._certified)
        if bundle is None:
            return False
        if self._office is not None:
            self._office.retire()
            self._office = None
            self._open.add(self)
            self.place.idle_since = self._idle
        self._head, self._bundle = head, bundle
        seconds = self._desk.seconds(head)
        self._until = asyncio.get_running_loop().time() + seconds if seconds else 0.0
        self._ask(bundle)
        return True

    def told(self, ticket: int, standing: Known | Withheld) -> None:
        """A judgement that began after the request was there."""
        head, bundle = self._head, self._bundle
        if ticket != self._ticket or head is None or bundle is None or self._transport.is_closing():
            return
        answer = self._desk.unchanged(head, standing)
        if answer is None or self._desk.bundle(head, certified=self._certified) is not bundle:
            self._to_office(head.raw)
            return
        left = 0.0 if self._desk.draining or not self._until else self._until - self._loop.time()
        if left > 0 and standing is bundle.standing:
            self._hold(bundle, left)
            return
        if left > 0:  # something newer came between the judgement and this turn of the loop
            self._ask(bundle)
            return
        self._let_go()
        self._desk.count(bundle, 304)
        self._transport.write(answer)
        self._rest()

    def look_again(self) -> None:
        """There may be news for who is held."""
        if self._is_held and self._bundle is not None:
            self._is_held = False
            self._bundle.let_go(self)
            self._stop_timer()
            self._ask(self._bundle)

    def shutdown(self) -> None:
        """End after the answer that is waited for, or at once; asked by the server."""
        if self._head is None:
            self._transport.close()
        else:
            self._to_office(self._head.raw).shutdown()

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def _ask(self, bundle: Stands) -> None:
        self._ticket += 1
        bundle.tell(self, self._ticket)

    def _hold(self, bundle: Stands, seconds: float) -> None:
        self._is_held = True
        bundle.hold(self)
        self._stop_timer()
        self._timer = self._loop.call_later(seconds, self._end_hold)

    def _end_hold(self) -> None:
        self._timer = None
        self.look_again()

    def _let_go(self) -> None:
        if self._is_held and self._bundle is not None:
            self._bundle.let_go(self)
        self._head = self._bundle = None
        self._is_held = False

    def _rest(self) -> None:
        self._idle_since = self._loop.time()
        if self._transport.get_write_buffer_size():
            self._stop_timer()
            self._timer = self._loop.call_later(STALL_S, self._end_stall)
        elif self._timer is None:
            self._timer = self._loop.call_later(self._keep_alive, self._end_idle)

    def _end_stall(self) -> None:
        """An answer that nobody reads is given up; else it would hold its place for ever."""
        self._timer = None
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._timer = self._loop.call_later(self._keep_alive, self._end_idle)

    def _end_idle(self) -> None:
        """One timer for all the pauses between requests: it looks whether this one is over."""
        left = self._keep_alive if self._head is not None else self._idle_since + self._keep_alive - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._end_idle)
        else:
            self._timer = None
            self._transport.close()

    def _idle(self) -> float | None:
        """As `BoundedProtocol`'s."""
        return None if self._head is not None or self._transport.get_write_buffer_size() else self._idle_since

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _to_office(self, begun: bytes = b"") -> BoundedProtocol:
        """Put the office in charge, which reads what had `begun` as if nobody had."""
        self._let_go()
        self._stop_timer()
        self._ticket += 1
        self._open.discard(self)
        office = self._office = self._make_office(self)
        office.connection_made(self._transport)
        if begun:
            office.answer_whole(begun)
        return office
