"""The gateway on a socket: started, reloaded and stopped.

* SIGTERM and SIGINT: no new connections, who waits is answered at once, what is under way ends, all in bounded time
* SIGHUP: everything is read anew; where anything is wrong the old configuration serves on, and why is said
* what cannot change while it serves (where it listens, whether with TLS) is refused at a reload
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn

from verifier.core.errors import ConfigurationError
from verifier.gateway.admission import SURPLUS, Admission, Place
from verifier.gateway.app import Gateway
from verifier.gateway.events import Event
from verifier.gateway.front.connection import Connection
from verifier.gateway.front.desk import Desk
from verifier.gateway.listener import Listener, MakeProtocol
from verifier.gateway.pages.reload import RefusedReload
from verifier.gateway.protocol import BoundedProtocol, farewell, overloaded
from verifier.gateway.serving import Serving, Surroundings, prepare
from verifier.gateway.settings.settings import GatewaySettings, ListenOn
from verifier.gateway.tls import RenewableContext, server_context
from verifier.ledger.absent import Unopened
from verifier.trust.model import TrustPolicy

KEEP_ALIVE_S = 75
"""How long a connection may idle: longer than OPA's polls are apart by default would be wasted on one that has gone."""
GRACE_S = 10
"""For requests that are under way when the gateway is stopped."""
REOPEN_S = 5.0
"""Between attempts to open a ledger that is lost."""

_LEAST_FILES_BESIDE = 256
_FILES_A_BUNDLE = 8
"""Open files beside the clients' connections: upstreams, the ledger, the cache. Clients must not take these away."""

Load = Callable[[], GatewaySettings]


class GatewayServer:
    """One gateway on one socket."""

    def __init__(self, settings: GatewaySettings, around: Surroundings, *, load: Load) -> None:
        """Read what `settings` name and bind the socket; `load` reads settings anew. `ConfigurationError` if wrong."""
        self._settings, self._around, self._load = settings, around, load
        self._ended: dict[str, int] = {}
        _allow_files(_files_for(settings))
        self.admission = Admission(
            most=settings.connections, per_address=settings.connections_per_address, count=self._count_ended
        )
        self._tls = RenewableContext(settings.tls) if settings.tls else None
        self._socket = _bound(settings.listen)
        try:
            self.gateway = Gateway(prepare(settings, around), around)
        except ConfigurationError:
            self._socket.close()
            raise
        self._reloading = asyncio.Lock()
        self._server = _Server(self._configuration(), self)

    @property
    def address(self) -> ListenOn:
        """Where clients connect to."""
        host, port = self._socket.getsockname()[:2]
        return ListenOn(host=host, port=port)

    def listener(self, make_protocol: MakeProtocol) -> Listener:
        """What accepts on the socket."""
        most = self._settings.connections_per_address
        told = farewell(503, f"this address has {most} connections already", overloaded(f"{most} are open from there"))
        tls = self._tls.outer if self._tls else None
        return Listener(
            self._socket,
            self.admission,
            make_protocol=make_protocol,
            tls=tls,
            refusal=told,
            tell_pause=lambda why: self._tell("gateway.accepting-paused", error=True, message=why),
        )

    def run(self) -> None:
        """Serve until told to stop, by a signal or by `stop`."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Begin to end; may be called from any thread."""
        self._server.should_exit = True

    async def started(self) -> None:
        """The socket is open: begin to ask the upstreams."""
        self._loop = asyncio.get_running_loop()
        self.gateway.start()
        self._changing: set[asyncio.Task[Any]] = {self._loop.create_task(self._mend())}
        names = [each.name for each in self._settings.bundles]
        self._tell("gateway.started", listen=str(self.address), bundles=names)

    async def stopping(self) -> None:
        """Answer who waits; what is under way has its time."""
        self._tell("gateway.stopping")
        for task in self._changing:
            task.cancel()
        self.gateway.drain()

    async def stopped(self) -> None:
        """Every connection is closed."""
        await asyncio.wait(self._changing, timeout=GRACE_S)
        await self.gateway.close(GRACE_S)
        self._tell("gateway.stopped")

    async def reload(self) -> bool:
        """Read everything anew and let it take over; False, and no change, where anything is wrong with it."""
        async with self._reloading:
            try:
                settings, context = await asyncio.to_thread(self._read)
                serving = await self._prepared(settings)
                await _require_another_ledger(serving, self._settings)
            except ConfigurationError as error:
                self._around.metrics.reloads.labels("refused").inc()
                before = self.gateway.refused_reload
                self.gateway.refused_reload = RefusedReload.of(error, self._around.clock(), before)
                self._tell("gateway.reload-refused", error=True, message=str(error), hint=error.hint)
                return False
            await self.gateway.take_over(serving)
            if self._tls and context:
                self._tls.renew(context)
                self._server.end_connections()  # whoever is connected shows its certificate again
            self._settings, self.gateway.refused_reload = settings, None
            self._around.metrics.reloads.labels("done").inc()
            self._tell("gateway.reloaded", policy=str(serving.policy.digest))
            return True

    def reload_soon(self) -> None:
        """Begin to reload; may be called from any thread once the gateway has started."""
        self._loop.call_soon_threadsafe(self._begin_reload)

    def _begin_reload(self) -> None:
        reloading = self._loop.create_task(self.reload())
        self._changing.add(reloading)
        reloading.add_done_callback(self._changing.discard)

    def _read(self) -> tuple[GatewaySettings, ssl.SSLContext | None]:
        settings, before = self._load(), self._settings
        fixed = {
            "listen": (settings.listen, before.listen),
            "tls": (settings.tls is None, before.tls is None),
            "tls.client_ca": (settings.needs_certificate, before.needs_certificate),
            "limits.connections": (settings.connections, before.connections),
            "limits.connections_per_address": (settings.connections_per_address, before.connections_per_address),
        }
        for key, (now, then) in fixed.items():
            if now != then:
                raise ConfigurationError("cannot change while the gateway serves: restart it", where=key)
        _allow_files(_files_for(settings))
        return settings, server_context(settings.tls) if settings.tls else None

    async def _prepared(self, settings: GatewaySettings, policy: TrustPolicy | None = None) -> Serving:
        """Prepared in a thread, which goes on where this is cancelled: what it has opened is closed then."""
        preparing = asyncio.create_task(asyncio.to_thread(prepare, settings, self._around, policy=policy))
        try:
            return await asyncio.shield(preparing)
        except asyncio.CancelledError:
            await asyncio.wait({preparing})
            if preparing.exception() is None:
                await preparing.result().close()
            raise

    async def _mend(self) -> None:
        """Where the ledger is lost, open it anew until it is there."""
        while True:
            await asyncio.sleep(REOPEN_S)
            async with self._reloading:
                if self.gateway.serving.ledger_is_lost():
                    await self._reopen(self.gateway.serving)

    async def _reopen(self, before: Serving) -> None:
        try:
            again = await self._prepared(before.settings, before.policy)
        except ConfigurationError as error:
            self._tell("gateway.ledger-not-reopened", error=True, message=str(error))
            return
        if isinstance(again.ledger, Unopened):
            await again.close()
            return
        await self.gateway.take_over(again)
        self._tell("gateway.ledger-reopened")

    def _configuration(self) -> uvicorn.Config:
        return uvicorn.Config(
            self.gateway,
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

    def _count_ended(self, why: str) -> None:
        ended = self._ended[why] = self._ended.get(why, 0) + 1
        self._around.metrics.ended.labels(why).inc()
        if ended & (ended - 1) == 0:  # the first, second, fourth, ...
            facts = {"why": why, "ended": ended, "open": self.admission.held}
            self._around.observe(Event(name="gateway.connections-ended", level="warning", facts=facts))

    def _tell(self, name: str, *, error: bool = False, **facts: object) -> None:
        self._around.observe(Event(name=name, level="error" if error else "info", facts=facts))


class _Server(uvicorn.Server):
    """uvicorn, which asks the gateway before it stops and leaves the signals to it."""

    def __init__(self, config: uvicorn.Config, owner: GatewayServer) -> None:
        super().__init__(config)
        self._owner = owner

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - the listener has it
        """Open the socket, then begin to work."""
        await super().startup([])  # of its own it has no socket: it would shake hands first, and count afterwards
        self._desk = Desk(self._owner.gateway, lambda: self.server_state.default_headers)
        self._listener = self._owner.listener(self._protocol)
        self.servers = [cast("asyncio.Server", self._listener)]
        self._listener.open()
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
        self._listener.end_waiting()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals as callbacks of the event loop; a stop that was asked for is no failure, and raised no more."""
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handlers: dict[signal.Signals, Callable[[], Any]] = {
            signal.SIGTERM: self._owner.stop,
            signal.SIGINT: self._owner.stop,
            signal.SIGHUP: self._owner.reload_soon,
        }
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)


async def _require_another_ledger(serving: Serving, before: GatewaySettings) -> None:
    """A ledger that was named anew must be there; the one of before may be about to come back."""
    ledger = serving.ledger
    if not isinstance(ledger, Unopened) or serving.settings.ledger == before.ledger:
        return
    await serving.close()
    first = ledger.reasons[0]
    raise ConfigurationError(f"cannot be opened: {first.code}: {first.message}", where="ledger", hint=first.hint)


def _files_for(settings: GatewaySettings) -> int:
    beside = max(_LEAST_FILES_BESIDE, _FILES_A_BUNDLE * len(settings.bundles))
    return settings.connections + SURPLUS + beside


def _allow_files(least: int) -> None:
    """Let this process open so many files: else whoever connects often enough cuts the gateway off from upstream."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < least:
        message = f"needs {least} open files, and at most {hard} are allowed (LimitNOFILE, ulimit -Hn)"
        raise ConfigurationError(message, where="limits.connections")
    if soft != resource.RLIM_INFINITY and soft < least:
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, hard))


def _bound(listen: ListenOn) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(listen, error) from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _unusable(listen, error) from error
    return bound


def _unusable(listen: ListenOn, error: OSError) -> ConfigurationError:
    hint = "Name an address of this machine and a port that you may open, as in 127.0.0.1:8282."
    if error.errno == errno.EADDRINUSE:
        hint = "Stop what listens there (`ss -ltnp` names it), or listen on another port."
    return ConfigurationError(f"{listen} cannot be used: {error.strerror}", where="listen", hint=hint)
