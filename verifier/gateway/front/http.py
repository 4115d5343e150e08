"""uvicorn with a listener, a desk and bounds of its own: what every process that has connections runs.

Its owner is who is told when it starts and stops: the gateway's server, or a worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol, cast

import uvicorn

from verifier.gateway.admission import Admission, Place
from verifier.gateway.asgi import Receive, Scope, Send
from verifier.gateway.front.connection import Connection
from verifier.gateway.front.desk import Behind, Desk
from verifier.gateway.listener import Listener, MakeProtocol
from verifier.gateway.protocol import BoundedProtocol, farewell, overloaded

KEEP_ALIVE_S: Final = 75
"""How long a connection may idle: longer than OPA's polls are apart by default would be wasted on one that has gone."""
GRACE_S: Final = 10
"""For requests that are under way when the gateway is stopped."""

Handlers = dict[signal.Signals, Callable[[], Any]]


class Application(Behind, Protocol):
    """What answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Owner(Protocol):
    """Who runs it."""

    admission: Admission

    @property
    def gateway(self) -> Application: ...

    @property
    def signals(self) -> Handlers:
        """What each signal does."""

    def listener(self, make_protocol: MakeProtocol) -> Listener:
        """What accepts."""

    async def started(self) -> None:
        """The socket is open."""

    async def stopping(self) -> None:
        """Nothing more is accepted; answer who waits."""

    async def stopped(self) -> None:
        """Every connection is closed."""


class HttpServer(uvicorn.Server):
    """uvicorn, which asks the gateway before it stops and leaves the signals to it."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(_configuration(owner.gateway))
        self._owner = owner
        self._listener: Listener | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - the listener has it
        """Open the socket, then begin to work."""
        await super().startup([])  # of its own it has no socket: it would shake hands first, and count afterwards
        self._desk = Desk(self._owner.gateway, lambda: self.server_state.default_headers)
        self._listener = listener = self._owner.listener(self._protocol)
        self.servers = [cast("asyncio.Server", listener)]
        listener.open()
        await self._owner.started()

    def _protocol(self, place: Place) -> asyncio.Protocol:
        return Connection(
            desk=self._desk,
            make_office=self._office,
            admission=self._owner.admission,
            place=place,
            connections=self.server_state.connections,
            keep_alive=KEEP_ALIVE_S,
        )

    def _office(self, connection: Connection) -> BoundedProtocol:
        return BoundedProtocol(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            admission=self._owner.admission,
            place=connection.place,
            desk=connection,
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the socket and wait for what is under way."""
        await self._owner.stopping()
        await super().shutdown(sockets)
        await self._owner.stopped()

    def end_connections(self) -> None:
        """End every connection after the answer that it waits for, and at once those that wait for none."""
        if self._listener is not None:
            self._listener.end_waiting()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A stop that was asked for is no failure, and raised no more."""
        with signals(self._owner.signals):
            yield


def refusal_of(most: int) -> bytes:
    """What an address is told that has as many connections as it may."""
    return farewell(503, f"this address has {most} connections already", overloaded(f"{most} are open from there"))


@contextlib.contextmanager
def signals(handlers: Handlers) -> Iterator[None]:
    """Signals as callbacks of the running event loop, in the main thread; raised no more."""
    loop = asyncio.get_running_loop()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


def _configuration(app: Application) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
