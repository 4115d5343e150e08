"""The socket that clients connect to: every connection is counted before its TLS handshake begins (T-213).

* who is accepted has a place (`admission`), or is closed before anything was spent on it
* a handshake is over within its time, and sooner where there are more connections than may be served
* where no file can be opened, accepting pauses for a moment: it neither spins nor ends
* a few connections are accepted in a turn of the event loop, so that those that are open are served meanwhile

An event loop's own server would shake hands first, and count afterwards.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

from verifier.gateway.admission import Admission, Place

HANDSHAKE_S: Final = 10.0
"""Until a TLS handshake is over."""
SURPLUS_S: Final = 2.0
"""Until a connection that came when there was no place must have shaken hands, and then have asked for something."""
FAREWELL_S: Final = 5.0
"""How long the other side's end of a TLS session is waited for."""
PAUSE_S: Final = 0.2
"""Between attempts to accept where no file can be opened."""
BACKLOG: Final = 2_048
"""Connections that the system holds until they are accepted."""
_A_TURN: Final = 32

MakeProtocol = Callable[[Place], asyncio.Protocol]


class Listener:
    """Accepts on one bound socket; `close` and `wait_closed` are what an HTTP server asks of its listeners."""

    def __init__(
        self,
        bound: socket.socket,
        admission: Admission,
        *,
        make_protocol: MakeProtocol,
        tls: ssl.SSLContext | None,
        refusal: bytes,
        tell_pause: Callable[[str], None],
    ) -> None:
        """`refusal` is what is sent, without TLS, to an address that has as many connections as it may; `tell_pause`
        is told why nothing can be accepted, once until something is."""
        self._socket, self._admission, self._make_protocol = bound, admission, make_protocol
        self._tls, self._refusal, self._tell_pause = tls, refusal, tell_pause
        self._told = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._is_open = False

    def open(self) -> None:
        """Begin to accept, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._socket.setblocking(False)
        self._socket.listen(BACKLOG)
        self._is_open = True
        self._resume()

    def close(self) -> None:
        """Accept nothing more, and end who has asked for nothing yet."""
        if not self._is_open:
            return
        self._is_open = False
        if self._pause is not None:
            self._pause.cancel()
        else:
            self._loop.remove_reader(self._socket.fileno())
        self.end_waiting()

    def end_waiting(self) -> None:
        """End who has asked for nothing yet: in a handshake with certificates that count no more, say."""
        self._admission.end_waiting()

    async def wait_closed(self) -> None:
        """Nothing that was begun here is under way any more."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(_A_TURN):
            try:
                connected, address = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionError:
                continue  # gone before it was accepted
            except OSError as error:
                self._pause_for(error)
                return
            self._told = False
            self._take(connected, str(address[0]))

    def _pause_for(self, error: OSError) -> None:
        """No file, or no memory, for one more: those that wait are still there in a moment."""
        self._loop.remove_reader(self._socket.fileno())
        self._pause = self._loop.call_later(PAUSE_S, self._resume)
        if not self._told:
            self._tell_pause(error.strerror or str(error))
        self._told = True

    def _take(self, connected: socket.socket, address: str) -> None:
        connected.setblocking(False)
        place = self._admission.enter(address)
        if place is None:
            self._turn_away(connected)
            return
        task = self._loop.create_task(self._serve(connected, place))
        place.end = partial(_abandon, connected, task)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _turn_away(self, connected: socket.socket) -> None:
        with connected, suppress(OSError):  # gone already: nobody to be told
            if self._tls is None:
                connected.send(self._refusal)

    async def _serve(self, connected: socket.socket, place: Place) -> None:
        """Until the protocol has the connection; what becomes of it then is the protocol's."""
        bounds: dict[str, Any] = {}
        if self._tls is not None:
            patience = SURPLUS_S if place.is_surplus else HANDSHAKE_S
            bounds = {"ssl_handshake_timeout": patience, "ssl_shutdown_timeout": FAREWELL_S}
        try:
            await self._loop.connect_accepted_socket(
                lambda: self._make_protocol(place), connected, ssl=self._tls, **bounds
            )
        except BaseException as error:
            self._admission.leave(place)
            connected.close()  # where the event loop has it already, that is the one who closes it
            if not isinstance(error, OSError | asyncio.CancelledError):  # ssl.SSLError is an OSError
                raise


def _abandon(connected: socket.socket, task: asyncio.Task[None]) -> None:
    """End a connection that is on its way to its protocol, however far it has come."""
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
    task.cancel()
    connected.close()
