"""The process that judges, with workers that have the connections: started, told of changes, and ended together.

* each worker has a listening socket of its own on the one port (SO_REUSEPORT), which stays here too: where a worker
  ends, who was about to be accepted waits for the one that is started in its place
* terms are sent before any answer that rests on them; a reload is over once every worker has them, or is gone
* a worker that ends is said aloud, and another one is started; one that does not begin at the start ends the whole
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

import uvloop

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
from verifier.files.sealed import can_seal
from verifier.gateway.front.http import GRACE_S, Handlers, signals
from verifier.gateway.workers.calls import Bodies
from verifier.gateway.workers.member import Member
from verifier.gateway.workers.terms import Terms

if TYPE_CHECKING:
    from verifier.gateway.app import Gateway
    from verifier.gateway.serving import Serving
    from verifier.gateway.settings.settings import GatewaySettings
    from verifier.gateway.tls import Material

BEGIN_S: Final = 60.0
"""Until every worker accepts."""
HAVE_S: Final = 10.0
"""Until a worker has what a reload has changed; one that has not is ended."""
AGAIN_S: Final = 1.0
"""Until a worker is started in the place of one that ended before it accepted."""


class Crewing(Value):
    """How many workers, and the command that is one: it is given the numbers of two descriptors (`worker`)."""

    count: int
    command: tuple[str, ...]

    def check(self, settings: GatewaySettings) -> None:
        """Raise `ConfigurationError` where so many cannot be."""
        if not can_seal() or not sys.platform.startswith("linux"):
            raise ConfigurationError(
                "needs Linux (SO_REUSEPORT, memfd_create)", where="--workers", hint="Leave it away."
            )
        if settings.connections < self.count or settings.connections_per_address < self.count:
            least = min(settings.connections, settings.connections_per_address)
            message = f"{self.count} workers cannot share {least} connections"
            raise ConfigurationError(message, where="--workers", hint="Raise limits.connections, or have fewer.")


class Owner(Protocol):
    """The gateway's server."""

    @property
    def gateway(self) -> Gateway: ...

    @property
    def signals(self) -> Handlers: ...

    def count_ended(self, why: str, count: int = 1) -> None: ...

    def tell(self, name: str, *, error: bool = False, **facts: object) -> None: ...

    async def started(self) -> None: ...

    async def stopping(self) -> None: ...

    async def stopped(self) -> None: ...


class Crew:
    """What `front.http.HttpServer` is for one process."""

    def __init__(
        self,
        owner: Owner,
        crewing: Crewing,
        bound: Sequence[socket.socket],
        settings: GatewaySettings,
        tls: Material | None,
    ) -> None:
        """`bound` is a socket for each worker."""
        self._owner, self._crewing, self._bound, self._settings = owner, crewing, bound, settings
        self._contents = _contents(tls)
        self._members: dict[int, Member] = {}
        self._bodies = Bodies()
        self._renewals = 0
        self._is_stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self) -> None:
        """Serve until told to stop; raises `ConfigurationError` where a worker does not begin."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._run())

    def stop(self) -> None:
        """Begin to end; may be called from any thread."""
        self._is_stopping = True
        if self._loop is not None:
            with suppress(RuntimeError):  # over already
                self._loop.call_soon_threadsafe(self._stop.set)

    def follow(self, serving: Serving) -> None:
        """Let the workers know what serves from now on; in the turn of the event loop in which it takes over."""
        self._bodies.keep(serving.by_path)
        terms = Terms.of(serving).written()
        for member in self._members.values():
            member.watch(serving)
            member.channel.say({"do": "terms", **terms})

    async def renew(self, tls: Material | None) -> None:
        """Wait until every worker has what was said, and these certificates; one that has not in time is ended."""
        self._contents = _contents(tls)
        self._renewals += 1
        members = list(self._members.values())
        had = await asyncio.gather(*(each.renew(self._renewals, self._contents, HAVE_S) for each in members))
        for member, has in zip(members, had, strict=True):
            if not has:
                member.channel.close(f"it had not what was reloaded after {HAVE_S:.0f}s")

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if self._is_stopping:
            return
        with signals(self._owner.signals):
            try:
                for number in range(self._crewing.count):
                    self._start(number)
                await self._all_begun()
                await self._owner.started()
                await self._stop.wait()
                await self._owner.stopping()
            finally:
                await self._end()
            await self._owner.stopped()

    async def _all_begun(self) -> None:
        begun = [member.is_ready for member in self._members.values()]
        stopped = asyncio.ensure_future(self._stop.wait())
        ready = asyncio.gather(*begun)
        until: set[asyncio.Future[Any]] = {stopped, ready}
        await asyncio.wait(until, timeout=BEGIN_S, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not self._stop.is_set() and not (ready.done() and all(ready.result())):
            raise ConfigurationError("a worker did not begin", where="--workers", hint="Standard error says why.")

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        given = (theirs.fileno(), self._bound[number].fileno())
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - an argument list without a shell; the caller names the program
                [*self._crewing.command, *map(str, given)],
                pass_fds=given,
                stdin=subprocess.DEVNULL,
                env={},
                process_group=0,
            )
        gateway, count = self._owner.gateway, self._crewing.count

        def ended(member: Member, why: str) -> None:
            self._soon(self._replace(number, member, why))

        member = Member(process, ours, gateway, self._bodies, ended=ended, count_ended=self._owner.count_ended)
        self._members[number] = member
        member.watch(gateway.serving)
        shares = {
            "connections": self._settings.connections // count,
            "per_address": self._settings.connections_per_address // count,
        }
        member.channel.say({"do": "begin", **shares, **Terms.of(gateway.serving).written()}, *self._contents)

    async def _replace(self, number: int, member: Member, why: str) -> None:
        """Say that a worker has ended, and start another one; not where all are to end."""
        had_begun = member.is_ready.done() and member.is_ready.result()
        status = await self._reaped(member)
        if self._is_stopping:
            return
        self._owner.tell(
            "gateway.worker-ended", error=True, worker=number, pid=member.process.pid, status=status, message=why
        )
        if not had_begun:
            await asyncio.sleep(AGAIN_S)
        if not self._is_stopping:
            self._start(number)

    async def _reaped(self, member: Member) -> int:
        with suppress(subprocess.TimeoutExpired):  # it may be ending by itself, with a status that says why
            return await asyncio.to_thread(member.process.wait, 1.0)
        member.process.kill()
        return await asyncio.to_thread(member.process.wait)

    async def _end(self) -> None:
        self._is_stopping = True
        for each in self._bound:
            each.close()
        members = list(self._members.values())
        for member in members:
            member.channel.say({"do": "drain"})
        overs = {member.over for member in members}
        if overs:
            await asyncio.wait(overs, timeout=GRACE_S + 2.0)
        for member in members:
            member.channel.close()
            await self._reaped(member)
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._bodies.forget("")

    def _soon(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def shared_port(first: socket.socket, count: int) -> list[socket.socket]:
    """`first`, which is bound and had the port for itself, and sockets on the same one, so that there are `count`."""
    sockets = [first]
    first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        while len(sockets) < count:
            another = socket.socket(first.family, first.type, first.proto)
            sockets.append(another)
            another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            another.bind(first.getsockname())
    except OSError as error:
        for each in sockets:
            each.close()
        message = f"the port cannot be shared: {error.strerror}"
        raise ConfigurationError(message, where="--workers", hint="Leave it away, and one process serves.") from error
    return sockets


def _contents(tls: Material | None) -> tuple[bytes, ...]:
    return () if tls is None else (tls.certificate, tls.key, tls.client_ca)
