"""One worker, as the judge has it: its process, its channel, and what it has asked.

What a worker says is read strictly, and bounded: a worker reads what strangers send, so that one may be taken over. It
can then answer its own clients what it likes; to the judge it can say nothing but what stands here.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from verifier.gateway.asgi import CLIENT_GONE
from verifier.gateway.pages.answers import Served
from verifier.gateway.workers import said
from verifier.gateway.workers.calls import Bodies, Call
from verifier.gateway.workers.channel import Channel, NotUnderstoodError, Said

if TYPE_CHECKING:
    from verifier.gateway.app import Gateway
    from verifier.gateway.bundles.bundle import ServedBundle
    from verifier.gateway.pages.answers import Known, Withheld
    from verifier.gateway.serving import Serving

MOST_OF_A_WORKER: Final = 1024 * 1024
"""Bytes of one content that a worker sends: a piece of a request's body."""
_STATUSES: Final = {"304": 304, str(CLIENT_GONE): CLIENT_GONE}
_WHY: Final = frozenset({"silent", "idle", "full", "address", "renewed"})
_COUNTED: Final = 3


class Watch:
    """Held with a bundle for all clients that a worker holds."""

    def __init__(self, member: Member, bundle: ServedBundle) -> None:
        self._member, self.bundle = member, bundle
        bundle.hold(self)

    @property
    def clients(self) -> int:
        """How many, when the worker said it last."""
        return self._member.held.get(self.bundle.name, 0)

    def told(self, ticket: int, standing: Known | Withheld) -> None:
        """It asks nothing itself."""

    def look_again(self) -> None:
        """Let the worker's clients do so."""
        self._member.channel.say({"do": "news", "path": self.bundle.settings.path})


class Member:
    """Made once its process runs."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        end: socket.socket,
        gateway: Gateway,
        bodies: Bodies,
        *,
        ended: Callable[[Member, str], None],
        count_ended: Callable[[str, int], None],
    ) -> None:
        self.process, self._gateway, self._bodies, self._count_ended = process, gateway, bodies, count_ended
        loop = asyncio.get_running_loop()
        self.is_ready: asyncio.Future[bool] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self.held: dict[str, int] = {}
        self._has: dict[int, asyncio.Future[None]] = {}
        self._watches: list[Watch] = []
        self._calls: dict[int, Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = ended
        self.channel = Channel(end, most=MOST_OF_A_WORKER, heard=self._heard, ended=self._end)

    @property
    def clients(self) -> int:
        """Who asks for a judgement is not held with it."""
        return 0

    def told(self, ticket: int, standing: Known | Withheld) -> None:
        """What stands, by a judgement that began after the worker asked."""
        etag = standing.etag.decode() if isinstance(standing, Served) else ""
        self.channel.say({"do": "told", "number": ticket, "etag": etag})

    def look_again(self) -> None:
        """It waits for nothing."""

    def watch(self, serving: Serving) -> None:
        """Tell the worker of news of these bundles, and no others."""
        self._let_go()
        self._watches = [Watch(self, bundle) for bundle in serving.bundles]

    async def renew(self, number: int, contents: Sequence[bytes], seconds: float) -> bool:
        """Whether the worker has within `seconds` all that was said before, and these certificates; or is over."""
        self._has[number] = asyncio.get_running_loop().create_future()
        self.channel.say({"do": "renew", "number": number}, *contents)
        has = self._has[number]
        await asyncio.wait({has, self.over}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return has.done() or self.over.done()

    def _heard(self, head: Said, contents: Sequence[bytes]) -> None:
        match head.get("do"):
            case "ask":
                self._ask(said.number(head, "number"), said.text(head, "path"))
            case "call":
                self._begin(head)
            case "got" | "left" as what:
                self._go_on(what, head, contents)
            case "counts":
                self._count(head)
            case "ready" if not self.is_ready.done():
                self.is_ready.set_result(True)
            case "has":
                self._take_note(said.number(head, "number"))
            case other:
                raise NotUnderstoodError(f"there is no {str(other)[:20]!r}")

    def _go_on(self, what: str, head: Said, contents: Sequence[bytes]) -> None:
        call = self._calls.get(said.number(head, "call"))
        if call is None:
            return  # it is answered already
        if what == "got":
            call.got(head, contents)
        else:
            call.leave()

    def _take_note(self, number: int) -> None:
        has = self._has.pop(number, None)
        if has is not None and not has.done():
            has.set_result(None)

    def _ask(self, number: int, path: str) -> None:
        bundle = self._gateway.serving.by_path.get(path)
        if bundle is None:  # done away with since
            self.channel.say({"do": "told", "number": number, "etag": ""})
        else:
            bundle.tell(self, number)

    def _begin(self, head: Said) -> None:
        is_bundle = said.text(head, "path") in self._gateway.serving.by_path
        call = Call(self.channel, head, self._bodies if is_bundle else None)
        if call.number in self._calls:
            raise NotUnderstoodError("a request has the number of another")
        self._calls[call.number] = call
        task = asyncio.get_running_loop().create_task(self._answer(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, call: Call) -> None:
        try:
            await call.answer(self._gateway)
        finally:
            del self._calls[call.number]

    def _count(self, head: Said) -> None:
        names = {bundle.name for bundle in self._gateway.serving.bundles}
        requests = head.get("requests")
        for each in requests if isinstance(requests, list) else ():
            counted = said.texts({"": each}, "")
            if len(counted) != _COUNTED or counted[1] not in _STATUSES or not counted[2].isdigit():
                raise NotUnderstoodError("a count is of nothing that a desk answers")
            if counted[0] in names:  # else it is of a bundle that is served no more
                self._gateway.count(counted[0], _STATUSES[counted[1]], int(counted[2]))
        for why, count in said.counts(head, "ended").items():
            if why not in _WHY:
                raise NotUnderstoodError("connections do not end so")
            self._count_ended(why, count)
        self.held = said.counts(head, "held")

    def _end(self, why: str) -> None:
        self._let_go()
        for call in tuple(self._calls.values()):
            call.leave()
        if not self.is_ready.done():
            self.is_ready.set_result(False)
        if not self.over.done():
            self.over.set_result(None)
        self._ended(self, why)

    def _let_go(self) -> None:
        for each in self._watches:
            each.bundle.let_go(each)
        self._watches = []
