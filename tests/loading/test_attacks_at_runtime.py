"""Attacks on what decides at runtime: the loader, its memory and its cache, and the ledger it asks."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest

from tests.support.loading.emitted import CONTENT, denied, emit, trusting
from tests.support.loading.loading import Reachable, load, renewed, standing
from tests.support.material import NOW, signer
from tests.support.stories import EMBEDDED, RULES, archive, signed
from verifier.core.clock import format_rfc3339
from verifier.core.rego import RegoModule
from verifier.core.value import replace
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield Reachable(opened)


def test_a_rule_of_the_organisation_that_looks_at_the_time_is_asked_again(ledger):
    source = 'package release\n\nimport rego.v1\n\ndeny contains "too late" if input.time >= "HOUR"\n'
    rules = RegoModule(path=RULES.path, source=source.replace("HOUR", format_rfc3339(NOW + HOUR)))
    loader = Loader(replace(trusting(organisation=EMBEDDED), organisation=(rules,)), ledger)
    assert load(loader, verdict=None).verified
    assert standing(loader, NOW + HOUR - MINUTE).verified
    assert denied(standing(loader, NOW + HOUR)) == ["organisation.denied"]


class TestAClockThatIsSetBack:
    def test_does_not_make_fresh_again_what_was_served_for_long_and_expired(self, ledger):
        loader = Loader(trusting(freshness=7 * DAY), ledger)
        assert load(loader, verdict=None).verified
        for day in range(8):
            assert standing(loader, NOW + day * DAY).verified
        assert denied(standing(loader, NOW + 8 * DAY)) == ["freshness.expired"]
        assert denied(standing(loader, NOW + DAY)) == ["clock.backwards"]
        assert denied(load(loader, verdict=None, now=NOW + DAY)) == ["clock.backwards"]

    def test_does_not_make_a_grace_begin_again(self, ledger):
        loader = Loader(trusting(offline_grace=HOUR), ledger)
        assert load(loader, verdict=None).verified
        ledger.lost()
        assert load(loader, verdict=None, now=NOW + HOUR).verified
        assert denied(load(loader, verdict=None, now=NOW + HOUR + MINUTE)) == ["ledger.unavailable"] * 2
        assert denied(load(loader, verdict=None, now=NOW + HOUR)) == ["ledger.unavailable"] * 2
        assert denied(load(loader, verdict=None, now=NOW)) == ["ledger.unavailable", "clock.backwards"]
        assert denied(standing(loader, NOW)) == ["ledger.unavailable", "clock.backwards"]


class TestWhatWasFoundOfOneQuestion:
    """Attacks that were refused: a finding is believed for its question and for no other."""

    def test_is_not_the_finding_of_another_name(self, ledger):
        everything = replace(trusting().artifacts[0], pattern="bundle:*")
        trust = replace(trusting(), artifacts=(everything,))
        loader, verdict = Loader(trust, ledger), emit(trust=trust)
        assert load(loader, verdict=verdict).verified
        assert denied(load(loader, verdict=verdict, name="other")) == [
            "verdict.subject-mismatch",
            "verdict.scope-mismatch",
        ]
        assert loader.standing(name="other", now=NOW, correlation_id="asked") is None

    def test_is_not_the_finding_at_a_higher_level(self, ledger):
        loader = Loader(trusting(), ledger)
        assert load(loader).verified
        assert denied(load(loader, levels=("SLSA_BUILD_LEVEL_3",))) == ["verdict.level-missing"]

    def test_is_not_the_finding_for_another_resource(self, ledger):
        loader = Loader(trusting(), ledger)
        assert load(loader).verified
        assert denied(load(loader, resource_uri="https://elsewhere.example.org/")) == ["verdict.resource-mismatch"]

    def test_denies_nothing_to_who_brings_better_evidence(self, ledger):
        loader = Loader(trusting(), ledger)
        assert denied(load(loader, verdict=emit(key="p256"))) == ["signer.untrusted"]
        assert load(loader).verified

    def test_is_not_a_finding_under_another_policy_over_the_same_cache(self, ledger, tmp_path):
        cache = Cache(tmp_path / "cache")
        assert load(Loader(trusting(), ledger, cache=cache), verdict=None).verified
        stranger = renewed(trusting(), signers={"p384": signer("p384"), "p256": signer("p256", "p256-2")})
        assert "signature.invalid" in denied(standing(Loader(stranger, ledger, cache=cache)))

    def test_is_not_made_by_the_bytes_of_another_version_under_the_same_one(self, ledger):
        loader = Loader(trusting(), ledger)
        assert load(loader, verdict=None).verified
        other = signed(archive("1.0.0", data_json=b"{}"))
        assert denied(load(loader, other, verdict=None)) == ["version.equivocation"]
        assert standing(loader).verified.content == CONTENT


class TestBytesThatNobodyVerified:
    @pytest.mark.parametrize("again", [replace, dataclasses.replace])
    def test_do_not_take_the_place_of_those_that_were(self, ledger, again):
        verified = load(Loader(trusting(), ledger)).verified
        with pytest.raises(TypeError):
            again(verified, content=b"evil")
        with pytest.raises(AttributeError):
            verified.content = b"evil"


def test_who_asks_what_stands_while_releases_race_never_sees_an_older_one_again(ledger):
    loader, done = Loader(trusting(), ledger), threading.Event()
    releases = [signed(archive(f"1.0.{number}")) for number in range(12)]

    def publish(order):
        for content in order:
            load(loader, content, verdict=None)

    def watch():
        seen = []
        while not done.is_set():
            found = standing(loader)
            if found is not None and found.verified is not None:
                seen.append(releases.index(found.verified.content))
        return seen

    with ThreadPoolExecutor(4) as pool:
        watching = [pool.submit(watch) for _ in range(2)]
        wait([pool.submit(publish, releases), pool.submit(publish, releases[::-1])])
        done.set()
        for seen in (each.result() for each in watching):
            assert seen == sorted(seen)
    assert standing(loader).verified.content == releases[-1]
