"""Judgements are shared, and none is older than the question that it answers."""

import asyncio
import threading

import pytest

from tests.support.patience import PATIENCE_S
from verifier.gateway.bundles.bundle import ServedBundle
from verifier.gateway.bundles.intake import Unchanged, Unreached
from verifier.gateway.bundles.refresh import delay
from verifier.gateway.pages.answers import Withheld


class SlowIntake:
    """An intake whose judgements end when they are let; it counts them."""

    reference = "slow"
    accepted = None

    def __init__(self):
        self.begun, self.turn = 0, threading.Semaphore(0)

    def standing(self, _):
        self.begun += 1
        assert self.turn.acquire(timeout=PATIENCE_S)

    def take(self, _, **__):
        return Unchanged()

    def close(self):
        self.turn.release(1000)


class BrokenIntake(SlowIntake):
    """An intake with a defect."""

    def standing(self, _):
        raise ZeroDivisionError("in the middle of it")

    def take(self, _, **__):
        raise RecursionError("too deep")


def bundle_of(scene, intake):
    return ServedBundle(scene.bundle(), intake, metrics=scene.metrics, observe=scene.events.put, clock=scene.clock)


async def begun(intake, number):
    while intake.begun < number:
        await asyncio.sleep(0)


def test_who_asks_while_a_judgement_runs_shares_the_next_one(scene):
    async def ask():
        intake = SlowIntake()
        bundle = bundle_of(scene, intake)
        first = bundle.judged()
        await begun(intake, 1)
        others = [bundle.judged() for _ in range(1000)]
        intake.turn.release(2)
        await asyncio.gather(first, *others)
        assert intake.begun == 2
        await bundle.close()

    asyncio.run(ask())


def test_who_asks_in_one_turn_of_the_loop_shares_one(scene):
    async def ask():
        intake = SlowIntake()
        bundle = bundle_of(scene, intake)
        intake.turn.release()
        await asyncio.gather(*(bundle.judged() for _ in range(1000)))
        assert intake.begun == 1
        await bundle.close()

    asyncio.run(ask())


def test_a_judgement_that_had_begun_answers_nobody_who_came_later(scene):
    async def ask():
        intake = SlowIntake()
        bundle = bundle_of(scene, intake)
        first = bundle.judged()
        await begun(intake, 1)
        later = bundle.judged()
        intake.turn.release()
        await first
        assert not later.done()
        intake.turn.release()
        await later
        await bundle.close()

    asyncio.run(ask())


def test_one_client_that_gives_up_takes_nobody_with_it(scene):
    async def ask():
        intake = SlowIntake()
        bundle = bundle_of(scene, intake)

        async def wait():
            return await bundle.judged()

        impatient, patient = asyncio.create_task(wait()), asyncio.create_task(wait())
        await begun(intake, 1)
        impatient.cancel()
        intake.turn.release(2)
        assert isinstance(await patient, Withheld)
        await bundle.close()

    asyncio.run(ask())


def test_a_defect_in_a_judgement_is_a_refusal(scene):
    async def ask():
        bundle = bundle_of(scene, BrokenIntake())
        standing = await bundle.judged()
        assert [reason.code for reason in standing.reasons] == ["internal.error"]
        await bundle.close()

    asyncio.run(ask())


def test_a_defect_while_something_is_verified_is_a_failure_that_is_tried_again(scene):
    async def ask():
        bundle = bundle_of(scene, BrokenIntake())
        bundle.start()
        while bundle.history.failures < 3:
            await asyncio.sleep(0)
        assert [reason.code for reason in bundle.history.last_failure.reasons] == ["internal.error"]
        await bundle.close()

    asyncio.run(ask())


def test_a_defect_that_ends_the_fetching_is_told(scene, monkeypatch):
    async def ask():
        intake = SlowIntake()
        intake.turn.release(1000)  # what it judges first is let end at once
        bundle = bundle_of(scene, intake)
        monkeypatch.setattr(bundle, "_note", None)
        bundle.start()
        while scene.events.empty():
            await asyncio.sleep(0)
        assert scene.saw("bundle.abandoned").facts["codes"] == ["internal.error"]
        await bundle.close()

    asyncio.run(ask())


def test_nothing_is_judged_by_a_bundle_that_is_closed(scene):
    async def ask():
        bundle = bundle_of(scene, SlowIntake())
        await bundle.close()
        standing = await bundle.judged()
        assert [reason.code for reason in standing.reasons] == ["internal.error"]

    asyncio.run(ask())


class TestWhenToAskAgain:
    @pytest.fixture
    def unreached(self):
        return Unreached(reasons=(), correlation_id="c")

    def test_after_a_failure_soon_and_then_ever_later_within_a_bound(self, scene, unreached):
        settings = scene.bundle(poll=scene.bundle().poll * 0, spacing=scene.bundle().spacing * 100)
        for failures in range(1, 6):
            assert 2**failures / 2 <= delay(unreached, settings, failures) <= 2**failures
        assert max(delay(unreached, settings, failures) for failures in range(6, 500)) <= 60

    def test_otherwise_about_as_often_as_configured_but_not_in_step(self, scene):
        settings = scene.bundle()
        poll = settings.poll.total_seconds()
        delays = {delay(Unchanged(), settings, 0) for _ in range(50)}
        assert 0.8 * poll <= min(delays) < max(delays) <= 1.2 * poll

    def test_at_once_where_upstream_holds_its_answer_back(self, scene):
        assert delay(Unchanged(), scene.bundle(wait=scene.bundle().poll), 0) == 0
