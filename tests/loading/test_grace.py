"""Without the ledger: what goes on for a while, and everything that does not."""

import errno
from datetime import timedelta

import pytest

from tests.support.loading import loading
from tests.support.loading.emitted import CONTENT, DIGEST, denied, emit, trusting
from tests.support.loading.loading import Reachable, renewed, standing
from tests.support.material import NOW, signer
from tests.support.stories import SCOPE, URI, archive, signed, warnings
from verifier.core.errors import refuse
from verifier.core.verdict import MONOTONIC_LEVEL
from verifier.engine.levels import SIGNED_LEVEL
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader
from verifier.trust.sections.version import VersionUnchecked
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

GRACE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
TRUST = trusting(offline_grace=GRACE)
GONE = refuse("ledger.unavailable", "ledger", "no route to host")
VERDICT = emit(trust=TRUST)
FLOOR = Floor(epoch=0, version="2.0.0", scheme=Scheme.SEMVER)


def load(loader, artifact=CONTENT, verdict=VERDICT, **changes):
    """By the verdict that was made under TRUST."""
    return loading.load(loader, artifact, verdict, **changes)


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield Reachable(opened)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture
def loader(ledger):
    """A loader that has accepted CONTENT at NOW."""
    made = Loader(TRUST, ledger)
    assert load(made).verified
    return made


class TestWhatGoesOn:
    @pytest.mark.parametrize("after", [timedelta(0), GRACE - TICK, GRACE])
    def test_what_was_accepted_is_handed_on_loudly_for_as_long_as_allowed(self, loader, ledger, after):
        ledger.lost()
        for preloaded in (load(loader, now=NOW + after), standing(loader, NOW + after)):
            assert preloaded.verified.content == CONTENT
            assert warnings(preloaded.verdict) == ["ledger.offline-grace", "ledger.unavailable"]
            assert preloaded.verdict.ledger is None

    def test_it_is_not_called_compared_with_a_ledger(self, ledger):
        emit(trust=TRUST, ledger=ledger, record=True)
        verdict = emit(trust=TRUST, ledger=ledger, record=True)
        loader = Loader(TRUST, ledger)
        assert MONOTONIC_LEVEL in load(loader, verdict=verdict).verdict.levels
        ledger.lost()
        assert load(loader, verdict=verdict).verdict.levels == (SIGNED_LEVEL,)

    def test_nor_where_it_was_verified_in_full(self, ledger):
        loader = Loader(TRUST, ledger)
        assert load(loader, verdict=None).verified
        ledger.lost()
        assert load(loader, verdict=None).verdict.levels == (SIGNED_LEVEL,)

    def test_a_write_that_fails_is_a_ledger_that_is_gone(self, loader, ledger):
        ledger.writing = GONE
        later = NOW + timedelta(minutes=2)
        assert warnings(load(loader, now=later).verdict) == ["ledger.offline-grace", "ledger.unavailable"]

    def test_each_yes_of_the_ledger_begins_it_anew(self, loader, ledger):
        assert standing(loader, NOW + GRACE).verified
        ledger.lost()
        assert standing(loader, NOW + GRACE + GRACE).verified
        assert denied(standing(loader, NOW + GRACE + GRACE + TICK))

    def test_what_is_not_ordered_goes_on_too(self, ledger):
        trust = trusting(offline_grace=GRACE, version=VersionUnchecked())
        loader, verdict = Loader(trust, ledger), emit(trust=trust)
        load(loader, verdict=verdict)
        ledger.lost()
        assert load(loader, verdict=verdict, now=NOW + GRACE).verified

    def test_where_the_rule_wants_a_floor_for_the_first_use(self, ledger):
        trust = trusting(offline_grace=GRACE, first_use="require-floor", floor="1.0.0")
        loader, verdict = Loader(trust, ledger), emit(trust=trust)
        assert load(loader, verdict=verdict).verified
        ledger.lost()
        assert load(loader, verdict=verdict).verified


class TestWhatDoesNot:
    def test_nothing_where_the_policy_allows_no_grace(self, ledger):
        trust = trusting()
        loader = Loader(trust, ledger)
        load(loader, verdict=emit(trust=trust))
        ledger.lost()
        assert denied(load(loader, verdict=emit(trust=trust))) == ["ledger.unavailable"]

    def test_nothing_once_the_grace_has_ended(self, loader, ledger):
        ledger.lost()
        for preloaded in (load(loader, now=NOW + GRACE + TICK), standing(loader, NOW + GRACE + TICK)):
            assert denied(preloaded) == ["ledger.unavailable", "ledger.unavailable"]
            assert "more than the 0:15:00" in preloaded.verdict.reasons[0].message
            assert preloaded.verdict.undecided

    @pytest.mark.parametrize("code", ["ledger.corrupt", "ledger.locked"])
    def test_nothing_where_the_ledger_is_not_merely_gone(self, loader, ledger, code):
        ledger.lost(code)
        assert denied(load(loader)) == [code]
        assert denied(standing(loader)) == [code]

    def test_not_what_was_never_accepted(self, ledger):
        ledger.lost()
        loader = Loader(TRUST, ledger)
        assert denied(load(loader)) == ["ledger.unavailable"]
        assert standing(loader) is None

    def test_not_what_a_ledger_was_only_asked_about(self, ledger):
        loader = Loader(TRUST, ledger)
        assert load(loader, record=False).verified
        ledger.lost()
        assert denied(load(loader)) == ["ledger.unavailable"]

    @pytest.mark.parametrize("version", ["1.0.1", "1.1.0"])
    def test_not_other_bytes(self, loader, ledger, version):
        ledger.lost()
        other = signed(archive(version))
        assert denied(load(loader, other, emit(other, TRUST))) == ["ledger.unavailable"]

    def test_not_the_same_bytes_by_another_verdict(self, loader, ledger):
        ledger.lost()
        assert denied(load(loader, verdict=emit(trust=TRUST, holds=timedelta(days=2)))) == ["ledger.unavailable"]

    def test_not_the_one_before_the_last(self, loader, ledger):
        newer = signed(archive("1.1.0"))
        load(loader, newer, emit(newer, TRUST))
        ledger.lost()
        assert denied(load(loader)) == ["ledger.unavailable"]
        assert standing(loader).verified.content == newer

    def test_not_after_the_clock_was_set_back(self, loader, ledger):
        load(loader, now=NOW + HOUR)
        ledger.lost()
        back = NOW + HOUR - timedelta(minutes=5)
        assert load(loader, now=back).verified
        assert denied(load(loader, now=back - TICK)) == ["ledger.unavailable", "clock.backwards"]

    @pytest.mark.parametrize("withdrawn", [True, False], ids=["quarantine", "floor"])
    def test_not_what_the_ledger_has_said_no_to(self, loader, ledger, withdrawn):
        if withdrawn:
            withdraw_digest(ledger, SCOPE, DIGEST, Circumstances(now=NOW))
        else:
            set_floor(ledger, SCOPE, FLOOR, Circumstances(now=NOW))
        assert denied(standing(loader))
        ledger.lost()
        assert denied(standing(loader)) == ["ledger.unavailable"]
        assert denied(load(loader)) == ["ledger.unavailable"]

    def test_not_what_a_floor_forbids_that_was_seen_with_another_artifact(self, loader, ledger):
        set_floor(ledger, SCOPE, FLOOR, Circumstances(now=NOW))
        assert denied(load(loader, signed(archive("1.1.0"))))
        ledger.lost()
        assert denied(load(loader)) == ["ledger.unavailable", "version.below-floor"]

    def test_not_what_has_expired_meanwhile(self, ledger):
        loader, verdict = Loader(TRUST, ledger), emit(trust=TRUST, holds=timedelta(minutes=1))
        load(loader, verdict=verdict)
        ledger.lost()
        assert "verdict.expired" in denied(load(loader, verdict=verdict, now=NOW + timedelta(minutes=1)))

    def test_not_what_is_not_fresh_any_more(self, ledger):
        trust = trusting(offline_grace=GRACE, freshness=timedelta(minutes=1))
        loader, verdict = Loader(trust, ledger), emit(trust=trust)
        load(loader, verdict=verdict)
        ledger.lost()
        stale = NOW + timedelta(minutes=1) + TICK
        assert denied(load(loader, verdict=verdict, now=stale)) == ["ledger.unavailable", "freshness.expired"]

    def test_not_where_the_comparison_is_demanded(self, ledger):
        loader = Loader(TRUST, ledger)
        load(loader, verdict=None)
        load(loader, verdict=None, levels=(MONOTONIC_LEVEL,))
        ledger.lost()
        assert denied(standing(loader)) == ["verdict.level-missing", "ledger.unavailable"]

    def test_not_under_another_rule(self, ledger):
        loader, other = Loader(TRUST, ledger), trusting(offline_grace=GRACE + TICK)
        load(loader)
        ledger.lost()
        assert denied(load(Loader(other, ledger), verdict=emit(trust=other))) == ["ledger.unavailable"]


class TestOverARestart:
    def test_the_cache_remembers_when_the_ledger_said_yes(self, ledger, cache):
        load(Loader(TRUST, ledger, cache=cache))
        again = Loader(TRUST, GONE, cache=cache)
        assert load(again, now=NOW + GRACE).verified.content == CONTENT
        assert standing(Loader(TRUST, GONE, cache=cache), NOW + GRACE).verified.content == CONTENT
        assert denied(load(again, now=NOW + GRACE + TICK))[0] == "ledger.unavailable"

    def test_a_later_yes_is_remembered_within_a_tenth_of_the_grace(self, ledger, cache):
        loader = Loader(TRUST, ledger, cache=cache)
        load(loader)
        standing(loader, NOW + GRACE / 10)
        again = Loader(TRUST, GONE, cache=cache)
        assert standing(again, NOW + GRACE / 10 + GRACE).verified
        assert denied(standing(again, NOW + GRACE / 10 + GRACE + TICK))

    def test_a_no_is_remembered_at_once(self, ledger, cache):
        loader = Loader(TRUST, ledger, cache=cache)
        load(loader)
        set_floor(ledger, SCOPE, FLOOR, Circumstances(now=NOW))
        assert denied(load(loader)) == ["version.below-floor"]
        assert denied(standing(Loader(TRUST, GONE, cache=cache))) == ["ledger.unavailable"]

    def test_also_by_a_loader_that_found_it_on_disk(self, ledger, cache):
        load(Loader(TRUST, ledger, cache=cache))
        set_floor(ledger, SCOPE, FLOOR, Circumstances(now=NOW))
        assert denied(standing(Loader(TRUST, ledger, cache=cache))) == ["version.below-floor"]
        assert denied(standing(Loader(TRUST, GONE, cache=cache))) == ["ledger.unavailable"]

    def test_a_no_that_the_disk_does_not_take_forgets_the_yes(self, ledger, cache, monkeypatch):
        loader = Loader(TRUST, ledger, cache=cache)
        load(loader)
        set_floor(ledger, SCOPE, FLOOR, Circumstances(now=NOW))

        def full(*_, **__):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("verifier.loading.cache.store.write_whole", full)
        preloaded = standing(loader)
        assert (denied(preloaded), warnings(preloaded.verdict)) == (["version.below-floor"], ["cache.unavailable"])
        assert standing(Loader(TRUST, GONE, cache=cache)) is None

    def test_a_clock_that_was_set_back_before_the_restart_is_seen(self, ledger, cache):
        load(Loader(TRUST, ledger, cache=cache), now=NOW + HOUR)
        back = NOW + HOUR - timedelta(minutes=5) - TICK
        assert denied(load(Loader(TRUST, GONE, cache=cache), now=back)) == ["ledger.unavailable", "clock.backwards"]

    def test_another_rule_or_key_is_another_matter(self, ledger, cache):
        load(Loader(TRUST, ledger, cache=cache))
        exchanged = renewed(TRUST, signers=TRUST.signers | {"p256": signer("p256", "p256-2")})
        for other in (exchanged, trusting(offline_grace=GRACE * 2)):
            assert "ledger.unavailable" in denied(load(Loader(other, GONE, cache=cache), verdict=emit(trust=other)))
            assert "ledger.unavailable" in denied(standing(Loader(other, GONE, cache=cache)))

    def test_a_policy_that_says_the_same_of_it_is_the_same_matter(self, ledger, cache):
        load(Loader(TRUST, ledger, cache=cache))
        other = renewed(TRUST, digest=DIGEST, signers=TRUST.signers | {"spare": signer("ed25519")})
        again = load(Loader(other, GONE, cache=cache))
        assert (again.verified.content, again.verdict.policy.digest) == (CONTENT, DIGEST)

    def test_another_verifier_is_another_matter(self, ledger, cache):
        load(Loader(TRUST, ledger, cache=cache))
        other = Loader(TRUST, GONE, cache=cache, verifier_id="https://example.org/another")
        assert denied(load(other)) == ["ledger.unavailable"]

    def test_a_cache_that_was_changed_helps_nobody(self, ledger, cache, tmp_path):
        load(Loader(TRUST, ledger, cache=cache))
        (good,) = (tmp_path / "cache" / "good").iterdir()
        good.chmod(0o600)
        good.write_bytes(good.read_bytes().replace(b"2026", b"2027"))
        preloaded = load(Loader(TRUST, GONE, cache=cache))
        assert denied(preloaded) == ["ledger.unavailable"]
        assert warnings(preloaded.verdict) == ["cache.corrupt"]
        assert standing(Loader(TRUST, GONE, cache=cache)) is None

    def test_without_a_cache_a_restart_ends_it(self, ledger):
        load(Loader(TRUST, ledger))
        assert denied(load(Loader(TRUST, GONE))) == ["ledger.unavailable"]


def test_the_same_bytes_for_another_resource_are_another_question(loader, ledger):
    ledger.lost()
    assert "verdict.resource-mismatch" in denied(load(loader, resource_uri=URI + "x"))
