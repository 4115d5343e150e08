"""A loader: what it proves once, what it asks every time, and what it says was last accepted."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.loading.emitted import CONTENT, DIGEST, RUNTIME, denied, emit, mark, trusting
from tests.support.loading.loading import VERDICT, Reachable, counting, load, renewed, standing
from tests.support.material import NOW, signer
from tests.support.patience import PATIENCE_S
from tests.support.stories import EMBEDDED, RULES, SCOPE, URI, archive, detached, policy, signed, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, refuse
from verifier.core.rego import RegoModule
from verifier.core.verdict import MONOTONIC_LEVEL
from verifier.engine.levels import SIGNED_LEVEL
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import history
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader
from verifier.trust.sections.version import VersionUnchecked
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ABSENT = refuse("input.unreadable", "vsa.json", "there is none")


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield Reachable(opened)


@pytest.fixture
def loader(ledger):
    return Loader(RUNTIME, ledger)


@pytest.fixture
def proven(monkeypatch):
    return counting(monkeypatch)


def raise_floor(ledger, version="2.0.0"):
    set_floor(ledger, SCOPE, Floor(epoch=0, version=version, scheme=Scheme.SEMVER), Circumstances(now=NOW))


class TestWhatIsProvenOnce:
    def test_the_same_question_is_answered_from_memory_with_the_bytes_that_were_given(self, loader, proven):
        first, second = load(loader), load(loader, bytes(bytearray(CONTENT)))
        assert (first.verified.content, second.verified.content, second.verified.digest) == (CONTENT, CONTENT, DIGEST)
        assert warnings(first.verdict) == ["version.first-use"]
        assert replace(second.verdict, ledger=None) == replace(first.verdict, ledger=None, reasons=())
        assert (first.verdict.ledger.before, second.verdict.ledger.before) == (None, "0:1.0.0")
        assert proven == [str(DIGEST)]

    def test_a_repeat_reads_the_ledger_once_and_writes_nothing(self, loader, ledger):
        load(loader)
        before, events = ledger.reads, len(list(history(ledger)))
        assert load(loader).verdict.ledger.recorded
        assert (ledger.reads, len(list(history(ledger)))) == (before + 1, events)

    @pytest.mark.parametrize(
        "changes",
        [
            {"artifact": signed(archive("1.1.0"))},
            {"verdict": emit(holds=DAY)},
            {"resource_uri": URI + "x"},
            {"levels": (SIGNED_LEVEL,)},
            {"levels": (SIGNED_LEVEL, "")},
            {"fallback": "full"},
            {"attestations": (detached(CONTENT),)},
            {"verdict": Document(name="other", content=VERDICT)},
            {"verdict": ABSENT},
            {"verdict": None},
        ],
    )
    def test_another_question_is_another_finding(self, loader, proven, changes):
        load(loader)
        load(loader, **changes)
        assert len(proven) == 2

    def test_a_denial_is_remembered_for_seconds(self, loader, proven):
        forged = emit(key="p256")
        for seconds in (0, 1, 4.9, 5, 6):
            assert denied(load(loader, verdict=forged, now=NOW + timedelta(seconds=seconds)))
        assert len(proven) == 2

    def test_what_could_not_be_decided_is_not_remembered(self, loader, proven):
        for _ in range(3):
            assert load(loader, verdict=ABSENT).verdict.undecided
        assert len(proven) == 3

    def test_threads_that_ask_at_once_wait_for_one_finding(self, loader, monkeypatch):
        proven, together = counting(monkeypatch), threading.Barrier(8)

        def ask():
            together.wait()
            return load(loader)

        with ThreadPoolExecutor(8) as pool:
            answers = [future.result() for future in [pool.submit(ask) for _ in range(8)]]
        assert all(each.verified.content == CONTENT for each in answers)
        assert len(proven) == 1

    def test_only_so_many_findings_are_kept(self, loader, proven, monkeypatch):
        monkeypatch.setattr("verifier.loading.findings._MAX_FINDINGS", 2)
        for level in ("A", "B", "C", "C", "B", "A"):
            load(loader, levels=(level,))
        assert len(proven) == 4

    def test_a_time_without_an_offset_is_the_callers_mistake(self, loader):
        for ask in (load, standing):
            with pytest.raises(ConfigurationError):
                ask(loader, now=NOW.replace(tzinfo=None))


class TestWhatIsAskedEveryTime:
    def test_a_floor_binds_at_the_next_read(self, loader, ledger):
        load(loader)
        raise_floor(ledger)
        assert denied(load(loader)) == ["version.below-floor"]
        assert denied(standing(loader)) == ["version.below-floor"]

    @pytest.mark.parametrize("rule", [{}, {"version": VersionUnchecked()}], ids=["ordered", "unordered"])
    def test_a_quarantine_binds_at_the_next_read(self, ledger, rule):
        trust = trusting(**rule)
        loader, verdict = Loader(trust, ledger), emit(trust=trust)
        assert load(loader, verdict=verdict).verified
        withdraw_digest(ledger, SCOPE, DIGEST, Circumstances(now=NOW))
        assert denied(load(loader, verdict=verdict)) == ["version.quarantined"]
        assert denied(standing(loader)) == ["version.quarantined"]

    def test_a_newer_version_that_another_loader_took_binds_at_the_next_read(self, loader, ledger):
        load(loader)
        newer = signed(archive("1.1.0"))
        assert load(Loader(RUNTIME, ledger), newer, emit(newer)).verified
        assert denied(load(loader)) == ["version.rollback"]
        assert denied(standing(loader)) == ["version.rollback"]

    def test_a_ledger_that_is_gone_denies_what_stood(self, loader, ledger):
        load(loader)
        ledger.lost()
        assert denied(load(loader)) == ["ledger.unavailable"]
        assert denied(standing(loader)) == ["ledger.unavailable"]
        ledger.found()
        assert standing(loader).verified

    @pytest.mark.parametrize("rule", [{}, {"version": VersionUnchecked()}], ids=["ordered", "unordered"])
    def test_a_clock_that_goes_back_denies(self, ledger, rule):
        trust = trusting(**rule)
        loader, verdict = Loader(trust, ledger), emit(trust=trust)
        assert load(loader, verdict=verdict, now=NOW + DAY).verified
        back = NOW + DAY - timedelta(minutes=6)
        assert denied(load(loader, verdict=verdict, now=back)) == ["clock.backwards"]
        assert denied(standing(loader, back)) == ["clock.backwards"]


class TestHowLongAFindingHolds:
    def ends(self, trust, ledger, at, code, **changes):
        """What was accepted until just before `at` is denied from then on, by load and by standing."""
        loader = Loader(trust, ledger)
        chosen = {"verdict": emit(trust=trust)} | changes
        for now in (NOW, at - timedelta(microseconds=1)):
            assert load(loader, now=now, **chosen).verified
            assert standing(loader, now).verified
        assert denied(standing(loader, at)) == [code]
        assert denied(load(loader, now=at, **chosen)) == [code]

    def test_until_the_verdict_expires(self, ledger):
        self.ends(RUNTIME, ledger, NOW + DAY / 2, "verdict.expired", verdict=emit(holds=DAY / 2))

    def test_until_its_signer_ends(self, ledger):
        last = NOW + DAY / 2
        trust = replace(RUNTIME, signers=RUNTIME.signers | {"p384": signer("p384", not_after=last)})
        self.ends(trust, ledger, last + timedelta(microseconds=1), "signer.expired")

    def test_until_the_bundles_signer_ends_where_it_is_verified_in_full(self, ledger):
        last = NOW + DAY / 2
        trust = replace(RUNTIME, signers=RUNTIME.signers | {"p256": signer("p256", not_after=last)})
        self.ends(trust, ledger, last + timedelta(microseconds=1), "signer.expired", verdict=None)

    def test_until_the_bundles_signature_expires(self, ledger):
        content = signed(expires=NOW + DAY / 2)
        self.ends(RUNTIME, ledger, NOW + DAY / 2, "freshness.expired", artifact=content, verdict=None)

    def test_until_a_release_beside_it_expires(self, ledger):
        trust, content = policy("ed25519"), archive()
        release = (detached(content, expires_at=NOW + DAY / 2),)
        at = NOW + DAY / 2 + timedelta(microseconds=1)
        self.ends(trust, ledger, at, "freshness.expired", artifact=content, verdict=None, attestations=release)

    @pytest.mark.parametrize("rule", [{}, {"version": VersionUnchecked()}], ids=["ordered", "unordered"])
    @pytest.mark.parametrize("way", ["by-verdict", "in-full"])
    def test_until_it_is_not_fresh(self, ledger, rule, way):
        trust = trusting(freshness=DAY / 2, **rule)
        code = "verdict.expired" if rule and way == "by-verdict" else "freshness.expired"
        changes = {"verdict": None} if way == "in-full" else {}
        self.ends(trust, ledger, NOW + DAY / 2 + timedelta(microseconds=1), code, **changes)

    def test_a_signer_who_begins_later_counts_from_then_on(self, ledger):
        begins = NOW + timedelta(seconds=2)
        trust = replace(RUNTIME, signers=RUNTIME.signers | {"p384": signer("p384", not_before=begins)})
        loader, verdict = Loader(trust, ledger), emit(trust=trust)
        assert denied(load(loader, verdict=verdict)) == ["signer.not-yet-valid"]
        assert load(loader, verdict=verdict, now=begins).verified
        assert denied(load(loader, verdict=verdict, now=NOW)) == ["signer.not-yet-valid"]

    def test_never_longer_than_a_day_without_being_proven_again(self, loader, proven):
        load(loader)
        load(loader, now=NOW + DAY - timedelta(microseconds=1))
        assert len(proven) == 1
        load(loader, now=NOW + DAY)
        assert len(proven) == 2

    def test_at_the_end_of_time(self, ledger):
        end = NOW.replace(year=9999, month=12, day=31, hour=23, minute=59)
        loader = Loader(RUNTIME, ledger)
        assert denied(load(loader, now=end)) == ["verdict.expired"]
        loader = Loader(RUNTIME, ledger)
        assert set(denied(load(loader, now=NOW.replace(year=1, month=1, day=1, hour=0)))) == {"clock.skew"}


class TestWhatWasLastAccepted:
    def test_nothing_was(self, loader):
        assert standing(loader) is None
        assert denied(load(loader, resource_uri=URI + "x"))
        assert standing(loader) is None
        assert load(loader, record=False).verified
        assert standing(loader) is None

    def test_it_is_the_very_bytes_judged_now_and_written_nowhere(self, loader, ledger, proven):
        load(loader)
        reads, events = ledger.reads, len(list(history(ledger)))
        later = NOW + timedelta(hours=1)
        preloaded = standing(loader, later)
        assert preloaded.verified.content is CONTENT
        assert (preloaded.verdict.time_verified, preloaded.verdict.correlation_id) == (later, "asked")
        assert preloaded.verdict.ledger.recorded
        assert (ledger.reads, len(list(history(ledger))), len(proven)) == (reads + 1, events, 1)

    def test_what_was_denied_leaves_it_standing(self, loader):
        load(loader)
        newer = signed(archive("1.1.0"))
        assert denied(load(loader, newer))
        assert standing(loader).verified.content == CONTENT

    def test_what_was_accepted_takes_its_place(self, loader):
        load(loader)
        newer = signed(archive("1.1.0"))
        assert load(loader, newer, emit(newer)).verified
        assert denied(load(loader)) == ["version.rollback"]
        assert standing(loader).verified.content == newer

    def test_a_denial_of_it_is_not_written(self, loader, ledger):
        load(loader)
        raise_floor(ledger)
        events = len(list(history(ledger)))
        assert not standing(loader).verdict.ledger.recorded
        assert len(list(history(ledger))) == events

    @pytest.mark.parametrize("rule", [{}, {"version": VersionUnchecked()}], ids=["ordered", "unordered"])
    def test_a_ledger_that_has_forgotten_it_is_told_again(self, ledger, tmp_path, rule):
        trust = trusting(**rule)
        loader = Loader(trust, ledger)
        load(loader, verdict=emit(trust=trust))
        create_ledger(tmp_path / "restored.db")
        with open_ledger(tmp_path / "restored.db") as restored:
            withdraw_digest(restored, SCOPE, Digest.of(b"another"), Circumstances(now=NOW))
            ledger._ledger = restored
            assert standing(loader).verified
            assert mark(restored) == (None if rule else "0:1.0.0")
            assert len(list(history(restored))) == 2
            assert standing(loader).verified
            assert len(list(history(restored))) == 2

    def test_each_name_has_its_own(self, loader):
        load(loader)
        assert standing(loader, name="other") is None

    def test_threads_that_load_different_versions_leave_the_newest(self, ledger):
        loader, together = Loader(RUNTIME, ledger), threading.Barrier(6)
        releases = [signed(archive(f"1.{minor}.0")) for minor in range(6)]
        verdicts = [emit(each) for each in releases]

        def ask(number):
            together.wait()
            for _ in range(5):
                load(loader, releases[number], verdicts[number])
                standing(loader)

        with ThreadPoolExecutor(6) as pool:
            for future in [pool.submit(ask, number) for number in range(6)]:
                future.result()
        assert standing(loader).verified.content == releases[5]
        assert mark(ledger) == "0:1.5.0"

    def test_what_the_ledger_accepted_last_is_remembered_last(self, ledger):
        """A thread has asked the ledger about the older one, and another thread loads the newer one meanwhile."""
        loader, newer = Loader(RUNTIME, ledger), signed(archive("1.1.0"))
        verdict, fetch = emit(newer), ledger.fetch
        load(loader)
        with ThreadPoolExecutor(1) as pool:
            started = []

            def slow(scope):
                view = fetch(scope)
                if not started:
                    started.append(pool.submit(load, loader, newer, verdict))
                    wait(started, timeout=0.3)  # it comes to its end only where nobody takes turns
                return view

            ledger.fetch = slow
            assert standing(loader).verified.content == CONTENT
            assert started[0].result(PATIENCE_S).verified
        assert standing(loader).verified.content == newer


class TestInFull:
    def test_without_a_verdict_everything_is_verified_and_recorded(self, loader, ledger):
        preloaded = load(loader, verdict=None)
        assert preloaded.verified.content == CONTENT
        assert preloaded.verdict.levels == (SIGNED_LEVEL,)  # nothing was there to compare with
        assert load(loader, verdict=None).verdict.levels == (SIGNED_LEVEL, MONOTONIC_LEVEL)
        assert (preloaded.verdict.subject.version, preloaded.verdict.subject.epoch) == ("1.0.0", 0)
        assert mark(ledger) == "0:1.0.0"
        assert [event.actor for event in history(ledger)] == ["preload"]

    def test_what_is_not_signed_is_denied(self, loader):
        assert denied(load(loader, archive(), verdict=None)) == ["signature.missing"]

    def test_what_cannot_be_read_is_denied(self, loader, tmp_path):
        assert denied(load(loader, tmp_path / "nowhere", verdict=None)) == ["input.unreadable"]
        assert denied(load(loader, b"no bundle", verdict=None)) == ["archive.not-gzip"]

    def test_what_has_no_version_is_denied(self, loader):
        assert denied(load(loader, signed(archive(None)), verdict=None)) == ["version.missing"]

    def test_a_level_that_is_not_reached_is_not_recorded(self, loader, ledger):
        assert denied(load(loader, verdict=None, levels=("SLSA_BUILD_LEVEL_1",))) == ["verdict.level-missing"]
        assert mark(ledger) is None

    def test_the_organisations_rules_are_asked_again_when_the_scope_has_changed(self, ledger):
        source = 'package release\n\nimport rego.v1\n\ndeny contains "seen before" if input.ledger.before != null\n'
        rules = RegoModule(path=RULES.path, source=source)
        trust = replace(trusting(organisation=EMBEDDED), organisation=(rules,))
        loader = Loader(trust, ledger)
        assert load(loader, verdict=None).verified
        assert denied(load(loader, verdict=None)) == ["organisation.denied"]
        assert denied(standing(loader)) == ["organisation.denied"]


class TestNames:
    def test_what_no_rule_matches_is_denied_unread(self, loader, tmp_path):
        assert denied(load(loader, name="other")) == ["trust.no-policy"]
        assert denied(load(loader, tmp_path / "nowhere", name="other")) == ["trust.no-policy", "input.unreadable"]

    def test_a_path_is_read_at_each_load(self, loader, tmp_path):
        path = tmp_path / "authz.tar.gz"
        path.write_bytes(CONTENT)
        assert load(loader, path).verified.content == CONTENT
        path.write_bytes(CONTENT + b"x")
        assert "verdict.subject-mismatch" in denied(load(loader, path))

    def test_the_actor_and_the_verifier_are_the_callers(self, ledger):
        preloaded = load(Loader(RUNTIME, ledger, actor="gateway", verifier_id="https://example.org/gateway"))
        assert preloaded.verdict.verifier_id == "https://example.org/gateway"
        assert [event.actor for event in history(ledger)] == ["gateway"]


def test_a_revoked_signer_binds_where_the_policy_says_so(ledger):
    load(Loader(RUNTIME, ledger))
    revoking = renewed(signers=RUNTIME.signers | {"p384": signer("p384", revoked=True)})
    assert denied(load(Loader(revoking, ledger))) == ["signer.revoked"]


class TestALedgerThatWasPutBack:
    """From an older copy: what it has forgotten, this loader (or its cache) has not."""

    @pytest.fixture
    def older(self, loader, ledger, tmp_path):
        """Puts the ledger back to before the second of two releases was accepted, and gives both releases."""
        releases = [signed(archive(f"1.{minor}.0")) for minor in range(3)]
        assert load(loader, releases[0], emit(releases[0])).verified
        original = ledger._ledger
        copied = tmp_path / "copied.db"
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as source, closing(sqlite3.connect(copied)) as target:
            source.backup(target)
        copied.chmod(0o600)
        assert load(loader, releases[2], emit(releases[2])).verified
        original.close()
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        copied.rename(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as restored:
            ledger._ledger = restored
            yield releases

    def test_an_older_release_is_not_accepted_again(self, loader, ledger, older):
        preloaded = load(loader, older[1], emit(older[1]))
        assert denied(preloaded) == ["ledger.corrupt"]
        assert mark(ledger) == "0:1.0.0"

    @pytest.mark.usefixtures("older")
    def test_what_is_held_does_not_stand_by_it(self, loader):
        assert denied(standing(loader)) == ["ledger.corrupt"]

    def test_a_cache_remembers_it_over_a_restart(self, tmp_path, older):
        (tmp_path / "cache").mkdir(mode=0o700)
        with open_ledger(tmp_path / "ledger.db") as restored:
            assert load(Loader(RUNTIME, restored, cache=Cache(tmp_path / "cache")), older[2], emit(older[2])).verified
            assert restored.fetch(SCOPE).state.revision == 2
        (tmp_path / "ledger.db").unlink()
        for left in tmp_path.glob("ledger.db-*"):
            left.unlink()
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as fresh:
            after = Loader(RUNTIME, fresh, cache=Cache(tmp_path / "cache"))
            assert denied(load(after, older[1], emit(older[1]))) == ["ledger.corrupt"]
            assert denied(standing(after)) == ["ledger.corrupt"]

    def test_another_ledger_is_not_held_against_what_this_one_said(self, tmp_path, older):
        (tmp_path / "cache").mkdir(mode=0o700)
        with open_ledger(tmp_path / "ledger.db") as restored:
            load(Loader(RUNTIME, restored, cache=Cache(tmp_path / "cache")), older[2], emit(older[2]))
        create_ledger(tmp_path / "another.db")
        with open_ledger(tmp_path / "another.db") as another:
            assert standing(Loader(RUNTIME, another, cache=Cache(tmp_path / "cache"))).verified
