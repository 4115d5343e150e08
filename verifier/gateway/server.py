"""The gateway on a socket: started, reloaded and stopped.

* SIGTERM and SIGINT: no new connections, who waits is answered at once, what is under way ends, all in bounded time
* SIGHUP: everything is read anew; where anything is wrong the old configuration serves on, and why is said
* what cannot change while it serves (where it listens, whether with TLS) is refused at a reload
"""

from __future__ import annotations

import asyncio
import errno
import resource
import signal
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from verifier.core.errors import ConfigurationError
from verifier.gateway.admission import SURPLUS, Admission
from verifier.gateway.app import Gateway
from verifier.gateway.events import Event
from verifier.gateway.front.http import GRACE_S, Handlers, HttpServer, refusal_of
from verifier.gateway.listener import Listener, MakeProtocol
from verifier.gateway.pages.reload import RefusedReload
from verifier.gateway.serving import Serving, Surroundings, prepare
from verifier.gateway.settings.settings import GatewaySettings, ListenOn
from verifier.gateway.tls import Material, RenewableContext, server_context
from verifier.ledger.absent import Unopened
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.gateway.workers.crew import Crew, Crewing

REOPEN_S = 5.0
"""Between attempts to open a ledger that is lost."""

_LEAST_FILES_BESIDE = 256
_FILES_A_BUNDLE = 8
"""Open files beside the clients' connections: upstreams, the ledger, the cache. Clients must not take these away."""

Load = Callable[[], GatewaySettings]


class GatewayServer:
    """One gateway on one port: in one process, or with workers that have the connections."""

    def __init__(
        self, settings: GatewaySettings, around: Surroundings, *, load: Load, crewing: Crewing | None = None
    ) -> None:
        """Read what `settings` name and bind the socket; `load` reads settings anew. `ConfigurationError` if wrong."""
        self._settings, self._around, self._load, self._crewing = settings, around, load, crewing
        self._ended: dict[str, int] = {}
        _allow_files(_files_for(settings))
        self.admission = Admission(
            most=settings.connections, per_address=settings.connections_per_address, count=self.count_ended
        )
        tls = self._certificates(settings)
        self._tls = RenewableContext(tls) if isinstance(tls, ssl.SSLContext) else None
        self._socket = _bound(settings.listen)
        try:
            host, port = self._socket.getsockname()[:2]
            self._address = ListenOn(host=host, port=port)
            self.gateway = Gateway(prepare(settings, around), around)
            self._crew = None if crewing is None else self._crew_of(crewing, tls)
        except ConfigurationError:
            self._socket.close()
            raise
        self._reloading = asyncio.Lock()
        self._server = HttpServer(self)

    @property
    def address(self) -> ListenOn:
        """Where clients connect to."""
        return self._address

    @property
    def signals(self) -> Handlers:
        """What each signal does."""
        return {signal.SIGTERM: self.stop, signal.SIGINT: self.stop, signal.SIGHUP: self.reload_soon}

    def listener(self, make_protocol: MakeProtocol) -> Listener:
        """What accepts on the socket."""
        return Listener(
            self._socket,
            self.admission,
            make_protocol=make_protocol,
            tls=self._tls.outer if self._tls else None,
            refusal=refusal_of(self._settings.connections_per_address),
            tell_pause=lambda why: self.tell("gateway.accepting-paused", error=True, message=why),
        )

    def run(self) -> None:
        """Serve until told to stop, by a signal or by `stop`."""
        if self._crew is not None:
            self._crew.run()
        else:
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Begin to end; may be called from any thread."""
        self._server.should_exit = True
        if self._crew is not None:
            self._crew.stop()

    async def started(self) -> None:
        """The socket is open: begin to ask the upstreams."""
        self._loop = asyncio.get_running_loop()
        self.gateway.start()
        self._changing: set[asyncio.Task[Any]] = {self._loop.create_task(self._mend())}
        names = [each.name for each in self._settings.bundles]
        self.tell("gateway.started", listen=str(self.address), bundles=names)

    async def stopping(self) -> None:
        """Answer who waits; what is under way has its time."""
        self.tell("gateway.stopping")
        for task in self._changing:
            task.cancel()
        self.gateway.drain()

    async def stopped(self) -> None:
        """Every connection is closed."""
        await asyncio.wait(self._changing, timeout=GRACE_S)
        await self.gateway.close(GRACE_S)
        self.tell("gateway.stopped")

    async def reload(self) -> bool:
        """Read everything anew and let it take over; False, and no change, where anything is wrong with it."""
        async with self._reloading:
            try:
                settings, tls = await asyncio.to_thread(self._read)
                serving = await self._prepared(settings)
                await _require_another_ledger(serving, self._settings)
            except ConfigurationError as error:
                self._around.metrics.reloads.labels("refused").inc()
                before = self.gateway.refused_reload
                self.gateway.refused_reload = RefusedReload.of(error, self._around.clock(), before)
                self.tell("gateway.reload-refused", error=True, message=str(error), hint=error.hint)
                return False
            await self._take_over(serving)
            if self._crew is not None:
                await self._crew.renew(tls if isinstance(tls, Material) else None)
            elif self._tls and isinstance(tls, ssl.SSLContext):
                self._tls.renew(tls)
                self._server.end_connections()  # whoever is connected shows its certificate again
            self._settings, self.gateway.refused_reload = settings, None
            self._around.metrics.reloads.labels("done").inc()
            self.tell("gateway.reloaded", policy=str(serving.policy.digest))
            return True

    def reload_soon(self) -> None:
        """Begin to reload; may be called from any thread once the gateway has started."""
        self._loop.call_soon_threadsafe(self._begin_reload)

    def _begin_reload(self) -> None:
        reloading = self._loop.create_task(self.reload())
        self._changing.add(reloading)
        reloading.add_done_callback(self._changing.discard)

    async def _take_over(self, serving: Serving) -> None:
        await self.gateway.take_over(serving)
        if self._crew is not None:
            self._crew.follow(serving)

    def _certificates(self, settings: GatewaySettings) -> ssl.SSLContext | Material | None:
        """What connections are encrypted with: made here, or what workers make it of."""
        if settings.tls is None:
            return None
        return server_context(settings.tls) if self._crewing is None else Material.read(settings.tls)

    def _crew_of(self, crewing: Crewing, tls: ssl.SSLContext | Material | None) -> Crew:
        from verifier.gateway.workers.crew import Crew, shared_port  # noqa: PLC0415 - Linux alone has it

        crewing.check(self._settings)
        bound = shared_port(self._socket, crewing.count)
        return Crew(self, crewing, bound, self._settings, tls if isinstance(tls, Material) else None)

    def _read(self) -> tuple[GatewaySettings, ssl.SSLContext | Material | None]:
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
        return settings, self._certificates(settings)

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
            self.tell("gateway.ledger-not-reopened", error=True, message=str(error))
            return
        if isinstance(again.ledger, Unopened):
            await again.close()
            return
        await self._take_over(again)
        self.tell("gateway.ledger-reopened")

    def count_ended(self, why: str, count: int = 1) -> None:
        """Count connections that were ended or turned away, and tell of them now and then."""
        before = self._ended.get(why, 0)
        ended = self._ended[why] = before + count
        self._around.metrics.ended.labels(why).inc(count)
        if before.bit_length() != ended.bit_length():  # the first, second, fourth, ...
            facts = {"why": why, "ended": ended, "open": self.admission.held}
            self._around.observe(Event(name="gateway.connections-ended", level="warning", facts=facts))

    def tell(self, name: str, *, error: bool = False, **facts: object) -> None:
        """Write an event."""
        self._around.observe(Event(name=name, level="error" if error else "info", facts=facts))


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
