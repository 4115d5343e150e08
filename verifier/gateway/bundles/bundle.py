"""One bundle in the event loop: refreshed from upstream, judged for every client, news told to who waits.

* a client's answer rests on a judgement that began after it asked; who asks while one runs shares the next one
* an upstream or a ledger that is slow holds up its own bundle and no other
* a defect while something is verified is a refusal (`internal.error`), and the next poll tries again
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, assert_never

from verifier.core.verdict import Verdict
from verifier.engine.verification import Verification
from verifier.gateway.asgi import Receive
from verifier.gateway.bundles.asking import Asker, tell_all
from verifier.gateway.bundles.history import History, Incident
from verifier.gateway.bundles.intake import Decided, Delivery, Intake, Taken, Unchanged, Unreached
from verifier.gateway.bundles.refresh import delay, is_refusing
from verifier.gateway.events import Event, Level, Observe, told
from verifier.gateway.metrics import Metrics
from verifier.gateway.pages import answers
from verifier.gateway.pages.answers import Served, Standing
from verifier.gateway.settings.settings import BundleSettings
from verifier.ledger.interface import LedgerEvent

NO_FACTS: Mapping[str, object] = MappingProxyType({})


class ServedBundle:
    """Belongs to one event loop; what blocks runs in two threads of its own."""

    def __init__(
        self,
        settings: BundleSettings,
        intake: Intake,
        *,
        metrics: Metrics,
        observe: Observe,
        clock: Callable[[], datetime],
    ) -> None:
        self.settings, self.intake, self.history = settings, intake, History()
        self.standing: Standing = answers.nothing_accepted(settings.name, ())
        self._metrics, self._observe, self._clock = metrics, observe, clock
        self._judgements = metrics.judgements.labels(settings.name)
        self._fetching = ThreadPoolExecutor(1, thread_name_prefix=f"fetch-{settings.name}")
        self._judging = ThreadPoolExecutor(1, thread_name_prefix=f"judge-{settings.name}")
        self._running: asyncio.Future[Standing] | None = None
        self._next: asyncio.Future[Standing] | None = None
        self._waiting: set[asyncio.Future[bool]] = set()
        self._held: set[Asker] = set()
        self._asking: list[tuple[Asker, int]] = []
        self._answered: list[tuple[Asker, int]] = []
        """Whom the judgement that runs is for."""
        self._wake = asyncio.Event()
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """By which the policy and the metrics know it."""
        return self.settings.name

    @property
    def held(self) -> int:
        """Clients that wait for news."""
        return len(self._waiting) + sum(asker.clients for asker in tuple(self._held))

    def start(self) -> None:
        """Begin to ask the upstream."""
        self._refreshing = asyncio.get_running_loop().create_task(self._refresh())
        self._refreshing.add_done_callback(self._tell_end)

    def judged(self) -> asyncio.Future[Standing]:
        """What stands, by a judgement that begins after this call."""
        return asyncio.shield(self._begin())  # one who gives up takes nobody with it

    def tell(self, asker: Asker, ticket: int) -> None:
        """Tell `asker` what stands, by a judgement that begins after this call, as soon as it has ended."""
        self._asking.append((asker, ticket))
        self._begin()

    def hold(self, asker: Asker) -> None:
        """Tell `asker` to look again when there may be news, until it is let go."""
        self._held.add(asker)

    def let_go(self, asker: Asker) -> None:
        """Hold it no more."""
        self._held.discard(asker)

    async def adopt(self, delivery: Delivery) -> None:
        """Judge what a bundle before this one had accepted, where nothing stands yet."""
        if not isinstance(await self.judged(), Served):
            self._note(await self._work(partial(self.intake.adopt, delivery)))
            await self.judged()

    async def events(self, newest: int) -> tuple[LedgerEvent, ...]:
        """The newest events of its scope in the ledger, oldest first."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._judging, self.intake.events, newest)
        except RuntimeError:  # closed meanwhile
            return ()

    def refresh_soon(self) -> None:
        """Ask the upstream as soon as it may be asked again."""
        self._wake.set()

    def release(self) -> None:
        """Let everybody who waits look again."""
        for waiting in self._waiting:
            _settle(waiting, still_there=True)
        for asker in tuple(self._held):
            asker.look_again()

    async def news(self, seconds: float, receive: Receive) -> bool:
        """Wait until there may be news or the time is over; False where the client has gone."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[bool] = loop.create_future()
        gone = loop.create_task(_disconnected(receive))
        gone.add_done_callback(lambda _: _settle(waiting, still_there=False))
        timer = loop.call_later(seconds, lambda: _settle(waiting, still_there=True))
        self._waiting.add(waiting)
        try:
            return await waiting
        finally:
            self._waiting.discard(waiting)
            timer.cancel()
            gone.cancel()

    async def close(self) -> None:
        """Stop asking, let go of who waits, and see both threads to the end of what they are at."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})
        self.release()
        self.intake.close()
        for thread in (self._fetching, self._judging):
            await asyncio.get_running_loop().run_in_executor(thread, _nothing)
        while self._running is not None:
            await asyncio.wait({self._running})
        for thread in (self._fetching, self._judging):
            thread.shutdown(wait=False)

    def _begin(self) -> asyncio.Future[Standing]:
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.create_future()
            if self._running is None:
                loop.call_soon(self._judge)  # not at once: whoever asks in this turn of the loop shares it
        return self._next

    def _judge(self) -> None:
        if self._next is None or self._running is not None:
            return
        self._running, self._next = self._next, None
        self._answered, self._asking = self._asking, []
        self._judgements.inc()
        try:
            work = self._judging.submit(self.intake.standing, str(uuid.uuid4()))
        except RuntimeError as error:  # closed meanwhile: nothing more is judged here
            self._settle_all(answers.defective(self.settings.name, error))
            return
        work.add_done_callback(partial(_bring_back, asyncio.get_running_loop(), self._conclude))

    def _conclude(self, work: Future[Verification | None]) -> None:
        before, self.standing = self.standing, self._standing_of(work)
        self._tell_change(before)
        self._settle_all(self.standing)

    def _settle_all(self, standing: Standing) -> None:
        """Answer whoever shared the judgement, while the next one runs."""
        running, self._running = self._running, None
        answered, self._answered = self._answered, []
        self._judge()
        if running is not None and not running.done():
            running.set_result(standing)
        tell_all(answered, standing)

    def _standing_of(self, work: Future[Verification | None]) -> Standing:
        error = work.exception()
        if error is not None:
            return answers.defective(self.settings.name, error)
        preloaded = work.result()
        if preloaded is None:
            return answers.nothing_accepted(self.settings.name, self.history.reasons)
        return answers.standing_of(preloaded, self.standing)

    def _tell_change(self, before: Standing) -> None:
        now = self.standing
        if isinstance(now, Served) and not (isinstance(before, Served) and before.etag == now.etag):
            self._tell("bundle.served", now.verdict)
            self.release()
        elif not isinstance(now, Served) and isinstance(before, Served):
            errors = [reason for reason in now.reasons if reason.is_error]
            self._tell("bundle.withheld", now.verdict, level="error", facts=told(errors))

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        # What an earlier run had accepted comes first: an older ledger that was put back learns of it.
        await self.judged()
        while True:
            self._wake.clear()
            # An upstream that has what is refused would not hold its answer back.
            wait = 0 if self.history.refusing else int(self.settings.wait.total_seconds())
            taken = await self._work(partial(self.intake.take, wait=wait))
            ended = loop.time()
            self._note(taken)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay(taken, self.settings, self.history.failures)):
                    await self._wake.wait()
            await asyncio.sleep(ended + self.settings.spacing.total_seconds() - loop.time())

    def _tell_end(self, refreshing: asyncio.Task[None]) -> None:
        error = None if refreshing.cancelled() else refreshing.exception()
        if error is not None:  # nothing newer will come: what stands expires, and the time since the last contact grows
            reason = answers.defect(self.settings.name, error)
            self._event("bundle.abandoned", "error", "", told((reason,)))

    async def _work(self, call: Callable[[str], Taken]) -> Taken:
        """What `call` says, in the thread that fetches; a defect is a refusal like another."""
        correlation_id = str(uuid.uuid4())
        work = asyncio.get_running_loop().run_in_executor(self._fetching, call, correlation_id)
        await asyncio.wait({work})
        error = work.exception()
        if error is None:
            return work.result()
        return Unreached(reasons=(answers.defect(self.settings.name, error),), correlation_id=correlation_id)

    def _note(self, taken: Taken) -> None:
        now = self._clock()
        history, name = self.history, self.settings.name
        was_refusing, history.refusing = history.refusing, is_refusing(taken)
        match taken:
            case Unreached():
                outcome = "unreached"
                self._note_failure(taken, now)
            case Decided():
                outcome = "accepted" if taken.verdict.passed else "refused"
                self._note_verdict(taken.verdict, now, was_refusing=was_refusing)
            case Unchanged():
                outcome = "unchanged" if taken.refused is None else "still_refused"
                self._note_unchanged(taken.refused, now, was_refusing=was_refusing)
            case _:
                assert_never(taken)
        if not isinstance(taken, Unreached):
            self._note_contact(now)
        self._metrics.refreshes.labels(name, outcome).inc()
        self.judged()

    def _note_contact(self, now: datetime) -> None:
        history = self.history
        if history.failures:
            self._event("bundle.reached", "info", "", {"failures": history.failures})
        history.contacted_at, history.failures = now, 0

    def _note_failure(self, taken: Unreached, now: datetime) -> None:
        history = self.history
        history.last_failure = Incident(time=now, correlation_id=taken.correlation_id, reasons=taken.reasons)
        history.failures += 1
        self._metrics.count_codes(self.settings.name, taken.reasons)
        if history.failures & (history.failures - 1) == 0:  # the first, second, fourth, ... in a row
            facts = {"failures": history.failures, **told(taken.reasons)}
            self._event("bundle.unreached", "warning", taken.correlation_id, facts)

    def _note_unchanged(self, refused: Verdict | None, now: datetime, *, was_refusing: bool) -> None:
        if refused is not None:
            self._note_refusal(refused, now, was_refusing=was_refusing)
        elif was_refusing:  # upstream has again what stands
            self._event("bundle.recovered", "info", "", self._counted())

    def _note_verdict(self, verdict: Verdict, now: datetime, *, was_refusing: bool) -> None:
        self._metrics.decided(self.settings.name, verdict)
        if not verdict.passed:
            self._note_refusal(verdict, now, was_refusing=was_refusing)
            return
        self.history.accepted_at = now
        self._tell("bundle.accepted", verdict, facts=self._counted())

    def _note_refusal(self, verdict: Verdict, now: datetime, *, was_refusing: bool) -> None:
        """Tell of a refusal once; how often the same came again is told with what comes next."""
        history, refusal = self.history, Incident.of(verdict, now)
        before, history.last_refusal = history.last_refusal, refusal
        if was_refusing and refusal.is_like(before):
            history.repeats += 1
            return
        errors = [reason for reason in verdict.reasons if reason.is_error]
        self._tell("bundle.refused", verdict, level="warning", facts={**self._counted(), **told(errors)})

    def _counted(self) -> Mapping[str, object]:
        """How often the refusal before came again, where it did; counted anew from now on."""
        repeats, self.history.repeats = self.history.repeats, 0
        return {"repeats": repeats} if repeats else {}

    def _tell(
        self, event: str, verdict: Verdict | None, *, level: Level = "info", facts: Mapping[str, object] = NO_FACTS
    ) -> None:
        if verdict is not None:
            digest = str(verdict.subject.digest) if verdict.subject.digest else None
            facts = {"digest": digest, "version": verdict.subject.version, **facts}
        self._event(event, level, verdict.correlation_id if verdict is not None else "", facts)

    def _event(self, event: str, level: Level, correlation_id: str, facts: Mapping[str, object]) -> None:
        facts = {"bundle": self.settings.name, "upstream": self.intake.reference, **facts}
        self._observe(Event(name=event, level=level, correlation_id=correlation_id, facts=facts))


def _bring_back(
    loop: asyncio.AbstractEventLoop, conclude: Callable[[Future[Verification | None]], None], work: Future[Any]
) -> None:
    """Back into the event loop, from the thread that judges; where that has ended nobody waits."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(conclude, work)


def _nothing() -> None:
    """What is run last."""


def _settle(waiting: asyncio.Future[bool], *, still_there: bool) -> None:
    if not waiting.done():
        waiting.set_result(still_there)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
