"""A worker: connections, TLS and the desk, for one process that judges. It has no policy, no ledger and no answer of
its own.

* it begins when it is told on which terms, and ends when it is told to, or when there is no judge any more
* signals are the judge's: who stops or reloads the gateway tells that one process
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Sequence

import uvloop

from verifier.gateway.admission import Admission
from verifier.gateway.events import Event, Observe
from verifier.gateway.front.http import Handlers, HttpServer, refusal_of
from verifier.gateway.listener import Listener, MakeProtocol
from verifier.gateway.tls import Material, RenewableContext
from verifier.gateway.workers import said
from verifier.gateway.workers.channel import Channel, NotUnderstoodError, Said
from verifier.gateway.workers.relay import COUNTED_S, Relay
from verifier.gateway.workers.terms import Terms

MOST_OF_THE_JUDGE = 1 << 40
"""Bytes of one content that the judge sends: whatever its policy has let in."""


class Worker:
    """Owns one HTTP server."""

    admission: Admission
    gateway: Relay

    def __init__(self, end: socket.socket, listening: socket.socket, observe: Observe) -> None:
        """`end` is this worker's of the channel; `listening` is bound, and nobody else accepts on it."""
        self._end, self._listening, self._observe = end, listening, observe
        self._server: HttpServer | None = None
        self._tls: RenewableContext | None = None

    def run(self) -> bool:
        """Serve until told to stop; False where the judge has ended instead."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(self._run())

    async def _run(self) -> bool:
        self._began: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._channel = Channel(self._end, most=MOST_OF_THE_JUDGE, heard=self._heard, ended=self._lost)
        if not await self._began or self._server is None:
            return False
        await self._server.serve([self._listening])
        return self._channel.is_open

    @property
    def signals(self) -> Handlers:
        """They are the judge's."""
        return dict.fromkeys((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), _ignore)

    def listener(self, make_protocol: MakeProtocol) -> Listener:
        """What accepts on the socket."""
        return Listener(
            self._listening,
            self.admission,
            make_protocol=make_protocol,
            tls=self._tls.outer if self._tls else None,
            refusal=refusal_of(self.admission.per_address),
            tell_pause=self._tell_pause,
        )

    async def started(self) -> None:
        """Say so."""
        self._counting = asyncio.get_running_loop().create_task(self._count())
        self._channel.say({"do": "ready"})

    async def stopping(self) -> None:
        """Hold nobody."""
        self.gateway.drain()

    async def stopped(self) -> None:
        """Say what was counted last."""
        self._counting.cancel()
        self.gateway.flush()

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(COUNTED_S)
            self.gateway.flush()

    def _lost(self, _: str) -> None:
        """Without a judge there is nothing to say, and nobody to say it for."""
        if not self._began.done():
            self._began.set_result(False)
        elif self._server is not None:
            self.gateway.end()
            self._server.should_exit = self._server.force_exit = True

    def _heard(self, head: Said, contents: Sequence[bytes]) -> None:
        match head.get("do"):
            case "begin" if self._server is None:
                self._begin(head, contents)
            case _ if self._server is None:
                raise NotUnderstoodError("it does not begin")
            case "told":
                self.gateway.told(head)
            case "news":
                self.gateway.news(said.text(head, "path"))
            case "terms":
                self.gateway.take_over(Terms.read(head))
            case "renew":
                self._renew(head, contents)
            case "drain":
                self._server.should_exit = True
            case _:
                self.gateway.heard(head, contents)

    def _begin(self, head: Said, contents: Sequence[bytes]) -> None:
        self.gateway = Relay(self._channel, Terms.read(head))
        most, per_address = said.number(head, "connections"), said.number(head, "per_address")
        self.admission = Admission(most=most, per_address=per_address, count=self.gateway.count_ended)
        material = _material(contents)
        self._tls = RenewableContext(material.context()) if material else None
        self._server = HttpServer(self)
        self._began.set_result(True)

    def _renew(self, head: Said, contents: Sequence[bytes]) -> None:
        material = _material(contents)
        if self._tls is not None and material is not None and self._server is not None:
            self._tls.renew(material.context())
            self._server.end_connections()  # whoever is connected shows its certificate again
        self._channel.say({"do": "has", "number": said.number(head, "number")})

    def _tell_pause(self, why: str) -> None:
        self._observe(Event(name="gateway.accepting-paused", level="error", facts={"message": why}))


def _ignore() -> None:
    """The judge is told as well."""


def _material(contents: Sequence[bytes]) -> Material | None:
    if not contents:
        return None
    certificate, key, client_ca = contents
    return Material(certificate=certificate, key=key, client_ca=client_ca)
