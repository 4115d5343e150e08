"""The library for an event loop: the same answers, a loop that goes on, and work that is carried to its end."""

import asyncio
import threading

import pytest

import verifier
from tests.support.loading.emitted import CONTENT, RUNTIME
from tests.support.loading.loading import VERDICT, Reachable
from tests.support.material import NOW
from tests.support.stories import NAME, URI, policy
from verifier.ledger.history import history
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.aio import AsyncLoader, require_async, verify_async
from verifier.loading.loader import Loader

ASKED = {"name": NAME, "resource_uri": URI, "now": NOW, "correlation_id": "c-1"}


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield Reachable(opened)


async def loaded(ledger, content=CONTENT):
    async with AsyncLoader(Loader(RUNTIME, ledger)) as loading:
        return await loading.load(content, VERDICT, **ASKED)


def test_a_loader_that_is_awaited_answers_as_one_that_is_called(ledger):
    awaited = asyncio.run(loaded(ledger))
    called = Loader(RUNTIME, ledger).load(CONTENT, VERDICT, **ASKED)
    assert (awaited.content, awaited.verdict.decision) == (called.content, called.verdict.decision)
    assert awaited.content == CONTENT


def test_a_denial_that_is_required_is_raised_where_it_is_awaited(ledger):
    async def run():
        async with AsyncLoader(Loader(RUNTIME, ledger)) as loading:
            return await loading.require(CONTENT + b"x", VERDICT, **ASKED)

    with pytest.raises(verifier.Denied):
        asyncio.run(run())
    with pytest.raises(verifier.Denied):
        asyncio.run(require_async(b"", name=NAME, policy=policy()))


def test_a_verification_that_is_awaited_is_neither_true_nor_false():
    verification = asyncio.run(verify_async(b"", name=NAME, policy=policy()))
    assert not verification.verdict.passed
    with pytest.raises(TypeError, match="its `verdict"):
        bool(verification)


class Held(Loader):
    """A loader that decides once it is let go, and says when it has begun."""

    def __init__(self, *given):
        super().__init__(*given)
        self.begun, self.free, self.decided = threading.Event(), threading.Event(), threading.Event()

    def load(self, *given, **said):
        self.begun.set()
        self.free.wait()
        try:
            return super().load(*given, **said)
        finally:
            self.decided.set()


def test_the_loop_goes_on_while_something_is_decided(ledger):
    async def run():
        held = Held(RUNTIME, ledger)
        loading = AsyncLoader(held, threads=1)
        work = asyncio.ensure_future(loading.load(CONTENT, VERDICT, **ASKED))
        await asyncio.to_thread(held.begun.wait)
        held.free.set()  # only a loop that goes on can let it go
        answer = await work
        await loading.close()
        return answer

    assert asyncio.run(run()).content == CONTENT


def test_whoever_stops_waiting_loses_the_answer_and_the_ledger_keeps_it(ledger):
    async def run():
        held = Held(RUNTIME, ledger)
        loading = AsyncLoader(held, threads=1)
        work = asyncio.ensure_future(loading.load(CONTENT, VERDICT, **ASKED))
        await asyncio.to_thread(held.begun.wait)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        held.free.set()
        await loading.close()
        assert held.decided.is_set()

    asyncio.run(run())
    assert [event.kind.value for event in history(ledger)][-1] == "accepted"


def test_what_is_asked_after_the_end_is_refused(ledger):
    async def run():
        loading = AsyncLoader(Loader(RUNTIME, ledger))
        await loading.close()
        await loading.load(CONTENT, VERDICT, **ASKED)

    with pytest.raises(RuntimeError):
        asyncio.run(run())
