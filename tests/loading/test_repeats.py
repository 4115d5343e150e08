"""What the ledger says already: when it is written again, and when it is not."""

from datetime import timedelta

import pytest

from tests.support.loading.emitted import CONTENT, DIGEST, RUNTIME, emit, trusting
from tests.support.material import NOW
from tests.support.stories import NAME, SCOPE, URI, archive, signed, verify
from verifier.core.clock import CLOCK_SKEW
from verifier.engine.recording import REPEAT_AFTER
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import history, max_time_seen
from verifier.ledger.interface import EventKind
from verifier.ledger.operate import withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.loader import Loader
from verifier.loading.preload import preload
from verifier.trust.sections.version import VersionUnchecked

TICK = timedelta(microseconds=1)
VERDICT = emit()


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


@pytest.fixture(params=["hook", "loader"])
def ask(request, ledger):
    """The hook as it is, or as a loader that lives on: whether it was accepted, and how many events there are."""
    loaders = {}

    def asked(now=NOW, artifact=CONTENT, verdict=VERDICT, trust=RUNTIME):
        chosen = {"name": NAME, "resource_uri": URI, "now": now, "correlation_id": "story"}
        if request.param == "hook":
            preloaded = preload(artifact, trust, verdict, ledger, **chosen)
        else:
            loader = loaders.setdefault(id(trust), Loader(trust, ledger))
            preloaded = loader.load(artifact, verdict, **chosen)
        assert preloaded.verdict.ledger.recorded
        return preloaded.verified is not None, len(list(history(ledger)))

    return asked


class TestARepeat:
    def test_is_not_written_within_a_minute_of_the_newest_time_seen(self, ask):
        assert ask() == (True, 1)
        assert ask(NOW + REPEAT_AFTER - TICK) == (True, 1)

    def test_is_written_after_a_minute_so_that_the_clock_cannot_go_back_for_long(self, ask, ledger):
        ask()
        assert ask(NOW + REPEAT_AFTER) == (True, 2)
        assert max_time_seen(ledger) == NOW + REPEAT_AFTER
        assert REPEAT_AFTER < CLOCK_SKEW

    def test_reports_what_stands(self, ledger):
        chosen = {"name": NAME, "resource_uri": URI, "now": NOW, "correlation_id": "story"}
        first, second = (preload(CONTENT, RUNTIME, VERDICT, ledger, **chosen).verdict for _ in range(2))
        assert (first.ledger.before, first.ledger.after) == (None, "0:1.0.0")
        assert (second.ledger.before, second.ledger.after, second.ledger.recorded) == ("0:1.0.0", "0:1.0.0", True)
        assert first.levels == second.levels

    def test_by_another_verdict_is_written(self, ask):
        ask()
        assert ask(verdict=emit(holds=timedelta(days=2))) == (True, 2)

    def test_of_another_version_is_written(self, ask):
        ask()
        newer = signed(archive("1.1.0"))
        assert ask(artifact=newer, verdict=emit(newer)) == (True, 2)

    def test_of_what_the_pipeline_has_recorded_is_written(self, ask, ledger):
        verify(CONTENT, RUNTIME, ledger=ledger, record=True)
        assert ask() == (True, 2)

    def test_that_is_denied_is_written_each_time(self, ask, ledger):
        ask()
        withdraw_digest(ledger, SCOPE, DIGEST, Circumstances(now=NOW))
        assert ask() == (False, 3)
        assert ask() == (False, 4)


def test_the_pipelines_own_verification_is_written_each_time(ledger):
    for count in (1, 2, 3):
        assert verify(CONTENT, RUNTIME, ledger=ledger, record=True).verdict.passed
        assert len(list(history(ledger))) == count
    assert {event.kind for event in history(ledger)} == {EventKind.ACCEPTED}


@pytest.mark.parametrize("rule", [{}, {"version": VersionUnchecked()}], ids=["recorded-by-another", "unordered"])
def test_what_the_scope_cannot_say_a_loader_remembers(ledger, rule):
    trust = trusting(**rule)
    verify(CONTENT, trust, ledger=ledger, record=True)
    loader, verdict = Loader(trust, ledger), emit(trust=trust)
    for now, count in ((NOW, 2), (NOW + REPEAT_AFTER - TICK, 2), (NOW + REPEAT_AFTER, 3)):
        chosen = {"name": NAME, "resource_uri": URI, "now": now, "correlation_id": "story"}
        assert loader.load(CONTENT, verdict, **chosen).verified
        assert len(list(history(ledger))) == count
