"""Images in the event loop: who asks about the same at the same time shares one verification.

* an answer rests on a reading of the ledger that began after it was asked for; what was found of the image may be
  older, by as much as the configuration says
* so many references are verified at a time, so many more wait, and no address has more than half of them
* who has waited long enough is told so (`request.unfinished`); the verification goes on, for who asks next
* a failure to decide, a defect too, is an error and never a value
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.verdict import Verdict
from verifier.formats.gatekeeper.external_data import Item
from verifier.gateway.admission import group_of
from verifier.gateway.events import Event, Level, Observe, told
from verifier.gateway.images.judge import ImageJudge, Proven
from verifier.gateway.images.reference import Admitted, read_key
from verifier.gateway.metrics import Metrics
from verifier.gateway.settings.images import MAX_UNDER_WAY, ImageSettings
from verifier.reports.escape import printable

T = TypeVar("T")
_MAX_KEPT: Final = 4_096
"""References of which something is remembered."""
_MAX_WHOLE: Final = 16
"""Images that are kept with all that was read of them: some may have a million files."""
_LONGEST_MESSAGE: Final = 500
"""Characters of the message in an error: whoever wants all reasons asks `verify image`."""
_INFO: Final[Level] = "info"
_WARNING: Final[Level] = "warning"


class _Asked:
    """One reference: what was found of it, and who waits for what is said of that."""

    def __init__(self, admitted: Admitted) -> None:
        self.admitted = admitted
        self.proven: Proven | None = None
        self.waiting: asyncio.Future[Verdict] | None = None
        self.work: asyncio.Task[None] | None = None
        self.told: tuple[object, ...] | None = None
        self.denied: tuple[object, ...] | None = None


class Images:
    """Belongs to one event loop; what blocks runs in threads of its own."""

    def __init__(
        self,
        settings: ImageSettings,
        judge: ImageJudge,
        *,
        metrics: Metrics,
        observe: Observe,
        clock: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self._judge, self._metrics, self._observe, self._clock = judge, metrics, observe, clock
        self._proving = ThreadPoolExecutor(settings.workers, thread_name_prefix="image")
        self._settling = ThreadPoolExecutor(settings.workers, thread_name_prefix="image-ledger")
        self._kept: OrderedDict[str, _Asked] = OrderedDict()
        self._whole: OrderedDict[str, _Asked] = OrderedDict()
        self._by_group: Counter[str] = Counter()
        self.under_way = 0
        """References that are verified, or wait for it."""
        self.for_the_ledger = False
        """Whether the last answer was an error for want of the ledger."""

    @property
    def remembered(self) -> int:
        """References of which something is remembered."""
        return len(self._kept)

    async def answers(self, keys: Sequence[str], address: str) -> list[Item]:
        """What is said of each key, in their order, to a client at `address`."""
        until = asyncio.get_running_loop().time() + self.settings.wait.total_seconds()
        return list(await asyncio.gather(*(self._answer(key, group_of(address), until) for key in keys)))

    def take_over(self, before: Images) -> None:
        """Know of the ledger what those `before` knew; of images, nothing."""
        self._judge.know(before._judge)

    async def close(self) -> None:
        """End what is under way, and see the threads to the end of what they are at."""
        self._judge.close()
        works = [asked.work for asked in self._kept.values() if asked.work is not None]
        if works:
            await asyncio.wait(works)
        for pool in (self._proving, self._settling):
            await asyncio.to_thread(pool.shutdown)

    async def _answer(self, key: str, group: str, until: float) -> Item:
        try:
            admitted = read_key(key, self.settings.repositories)
        except Refused as refusal:
            return self._refused(key, refusal.reasons)
        waiting = self._judged(admitted, group)
        if waiting is None:
            message = f"{self.under_way} images are being verified, which is as many as may be"
            return self._undecided(key, "request.overloaded", admitted, message)
        await asyncio.wait({waiting}, timeout=max(until - asyncio.get_running_loop().time(), 0.0))
        if not waiting.done():
            message = f"it was not verified within {self.settings.wait.total_seconds():.0f}s, and that goes on"
            return self._undecided(key, "request.unfinished", admitted, message)
        if (error := waiting.exception()) is not None:  # a defect, whatever it is, is no answer that allows anything
            return self._undecided(key, "internal.error", admitted, f"{type(error).__name__}: {error}")
        return self._said(key, admitted, waiting.result())

    def _said(self, key: str, admitted: Admitted, verdict: Verdict) -> Item:
        digest = verdict.subject.digest
        if not verdict.passed:
            return self._refused(key, [each for each in verdict.reasons if each.is_error])
        if digest is None:
            return self._undecided(key, "internal.error", admitted, "what was accepted has no digest")
        self._metrics.images.labels("accepted").inc()
        return Item(key=key, value=f"{admitted.repository}@{digest}")

    def _undecided(self, key: str, code: str, admitted: Admitted, message: str) -> Item:
        return self._refused(key, (Reason(code=code, subject=admitted.reference, message=message),))

    def _refused(self, key: str, reasons: Sequence[Reason]) -> Item:
        codes = dict.fromkeys(each.code for each in reasons) or {"internal.error": None}
        for code in codes:
            self._metrics.images.labels(code).inc()
        message = reasons[0].message if reasons else "denied without a reason"
        return Item(key=key, error=f"{', '.join(codes)}: {printable(message, longest=_LONGEST_MESSAGE)}")

    def _judged(self, admitted: Admitted, group: str) -> asyncio.Future[Verdict] | None:
        """What is said of an image by a reading of the ledger that begins after this call; None where all are busy."""
        asked = self._kept.get(admitted.reference)
        if asked is None:
            asked = self._kept[admitted.reference] = _Asked(admitted)
        self._kept.move_to_end(admitted.reference)
        if asked.work is None:
            if self.under_way >= MAX_UNDER_WAY or self._by_group[group] >= MAX_UNDER_WAY // 2:
                self._forget()
                return None
            self.under_way += 1
            self._by_group[group] += 1
            asked.work = asyncio.get_running_loop().create_task(self._work(asked, group))
        if asked.waiting is None:
            asked.waiting = asyncio.get_running_loop().create_future()
        self._forget()
        return asked.waiting

    async def _work(self, asked: _Asked, group: str) -> None:
        """Verify where that is needed, and settle, for as long as anybody waits."""
        try:
            while asked.waiting is not None:
                await self._one(asked)
        finally:
            asked.work = None
            self.under_way -= 1
            self._by_group[group] -= 1
            if not self._by_group[group]:
                del self._by_group[group]

    async def _one(self, asked: _Asked) -> None:
        """Answer all who wait: what came while it was verified shares that."""
        correlation_id = str(uuid.uuid4())
        found, is_news = await self._found(asked, correlation_id)
        # Who comes from here on waits for the next reading of the ledger.
        waiting, asked.waiting = asked.waiting, None
        if waiting is None:
            return
        if isinstance(found, Proven):
            settle = partial(self._judge.settle, asked.admitted, found, is_news=is_news, correlation_id=correlation_id)
            settled = await self._done(self._settling, settle)
            if isinstance(settled, Verdict):
                self._conclude(asked, found, settled)
                waiting.set_result(settled)
                return
            found = settled
        asked.proven = None
        waiting.set_exception(found)
        waiting.exception()  # nobody may be left who asks

    async def _found(self, asked: _Asked, correlation_id: str) -> tuple[Proven | BaseException, bool]:
        """What is found of an image, or the defect that kept it from being found; and whether a ledger is told."""
        if asked.proven is not None and asked.proven.holds(self._clock()):
            return asked.proven, False
        self._metrics.image_verifications.inc()
        found = await self._done(self._proving, partial(self._judge.prove, asked.admitted, correlation_id))
        if not isinstance(found, Proven):
            return found, False
        before, asked.denied = asked.denied, _denial(found)
        # The same over and over, and what cannot even be reached, would fill a ledger for whoever makes Pods.
        return found, asked.denied is None or not (found.kept.finding.undecided or before == asked.denied)

    def _conclude(self, asked: _Asked, proven: Proven, verdict: Verdict) -> None:
        asked.proven = proven if proven.holds(self._clock()) else None
        if proven.is_whole:
            self._keep_few(asked)
        self.for_the_ledger = any(each.is_undecided and each.code.startswith("ledger.") for each in verdict.reasons)
        self._tell(asked, verdict)

    async def _done(self, pool: ThreadPoolExecutor, call: Callable[[], T]) -> T | BaseException:
        """What `call` returns or raises, in a thread of `pool`."""
        try:
            work = asyncio.get_running_loop().run_in_executor(pool, call)
        except RuntimeError as error:  # closed meanwhile: nothing more is judged here
            return error
        await asyncio.wait({work})
        return work.exception() or work.result()

    def _keep_few(self, asked: _Asked) -> None:
        """Of what is kept with all that was read of it, the newest alone."""
        self._whole[asked.admitted.reference] = asked
        self._whole.move_to_end(asked.admitted.reference)
        while len(self._whole) > _MAX_WHOLE:
            self._whole.popitem(last=False)[1].proven = None

    def _forget(self) -> None:
        """Forget what nobody has asked about for longest."""
        if len(self._kept) <= _MAX_KEPT:
            return
        for reference, asked in self._kept.items():
            if asked.work is None:
                del self._kept[reference]
                return

    def _tell(self, asked: _Asked, verdict: Verdict) -> None:
        """Say what became of an image, where that is news."""
        errors = [each for each in verdict.reasons if each.is_error]
        now = (verdict.subject.digest, *(each.code for each in errors))
        if now == asked.told:
            return
        asked.told = now
        facts = {
            "image": asked.admitted.reference,
            "name": asked.admitted.name,
            "digest": str(verdict.subject.digest) if verdict.subject.digest else None,
            "version": verdict.subject.version,
            **({} if verdict.passed else told(errors)),
        }
        name, level = ("image.accepted", _INFO) if verdict.passed else ("image.refused", _WARNING)
        self._observe(Event(name=name, level=level, correlation_id=verdict.correlation_id, facts=facts))


def _denial(proven: Proven) -> tuple[object, ...] | None:
    """What denies, whatever a ledger says; None where nothing does."""
    finding = proven.kept.finding
    errors = tuple(each.code for each in finding.reasons if each.is_error)
    return (finding.subject.digest, *errors) if errors else None
