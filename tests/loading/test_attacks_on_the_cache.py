"""Attacks on the cache's folder, by who can put files there, or put an older copy of it back."""

import os
import shutil
from datetime import timedelta

import pytest

from tests.support.ledgers.memory import MemoryLedger
from tests.support.loading.caching import files, rewrite
from tests.support.loading.emitted import CONTENT, RUNTIME, denied, emit, trusting
from tests.support.loading.loading import Reachable, counting, load, standing
from tests.support.material import NOW
from tests.support.stories import SCOPE, archive, signed, warnings
from verifier.core.digest import Digest
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import withdraw_digest
from verifier.loading.cache.store import Cache, CacheBounds
from verifier.loading.loader import Loader

HOUR = timedelta(hours=1)
NEWER = signed(archive("1.1.0"))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def ledger():
    return MemoryLedger()


def opened(folder, ledger, trust=RUNTIME):
    return Loader(trust, ledger, cache=Cache(folder))


class TestAnOlderCopyThatWasPutBack:
    def test_does_not_bring_back_an_older_version(self, folder, ledger, tmp_path):
        assert load(opened(folder, ledger)).verified
        shutil.copytree(folder, tmp_path / "older")
        assert load(opened(folder, ledger), NEWER, emit(NEWER)).verified
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "older", folder)
        assert "version.rollback" in denied(standing(opened(folder, ledger)))

    def test_does_not_bring_back_what_was_withdrawn_since(self, folder, ledger, tmp_path):
        assert load(opened(folder, ledger)).verified
        shutil.copytree(folder, tmp_path / "older")
        withdraw_digest(ledger, SCOPE, Digest.of(CONTENT), Circumstances(now=NOW))
        assert standing(opened(folder, ledger)).verified is None
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "older", folder)
        assert "version.quarantined" in denied(standing(opened(folder, ledger)))

    def test_does_not_lengthen_a_grace(self, folder, ledger, tmp_path):
        reachable = Reachable(ledger)
        trust = trusting(offline_grace=HOUR)
        assert load(opened(folder, reachable, trust), verdict=None).verified
        shutil.copytree(folder, tmp_path / "older")
        reachable.lost()
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "older", folder)
        later = NOW + 2 * HOUR
        assert "ledger.unavailable" in denied(load(opened(folder, reachable, trust), verdict=None, now=later))


class TestACopyOfAnotherCache:
    def test_of_another_rule_is_no_finding_under_this_one(self, folder, ledger, tmp_path, monkeypatch):
        other = trusting(offline_grace=timedelta(minutes=1))
        assert load(opened(tmp_path / "other", MemoryLedger(), other), verdict=None).verified
        shutil.copytree(tmp_path / "other", folder)
        proven = counting(monkeypatch)
        assert load(opened(folder, ledger), verdict=None).verified
        assert len(proven) == 1

    def test_of_another_ledger_is_asked_of_this_one(self, folder, ledger, tmp_path):
        assert load(opened(folder, ledger), NEWER, emit(NEWER)).verified
        assert load(opened(tmp_path / "other", MemoryLedger())).verified
        for part in ("good", "findings", "blobs"):
            shutil.copytree(tmp_path / "other" / part, folder / part, dirs_exist_ok=True)
        assert "version.rollback" in denied(standing(opened(folder, ledger)))


class TestWhatLiesInTheWay:
    @pytest.mark.parametrize("kind", ["folder", "fifo", "link", "loop"])
    def test_of_the_lock_costs_what_is_kept_and_nothing_else(self, folder, ledger, tmp_path, kind):
        cache = Cache(folder)
        (folder / "lock").unlink(missing_ok=True)
        made = {
            "folder": (folder / "lock").mkdir,
            "fifo": lambda: os.mkfifo(folder / "lock"),
            "link": lambda: (folder / "lock").symlink_to(tmp_path / "victim"),
            "loop": lambda: (folder / "lock").symlink_to("lock"),
        }
        made[kind]()
        loaded = load(Loader(RUNTIME, ledger, cache=cache))
        assert loaded.verified
        assert kind == "fifo" or "cache.unavailable" in warnings(loaded.verdict)
        assert not (tmp_path / "victim").exists()

    @pytest.mark.parametrize("part", ["findings", "good", "blobs/sha256"])
    @pytest.mark.parametrize("name", ["x" * 255, "..x", ".hidden", "a\nb", "\udcff"])
    def test_a_name_that_is_none_of_ours_is_not_read(self, folder, ledger, part, name):
        cache = Cache(folder)
        (folder / part / name).write_bytes(b"x")
        assert load(Loader(RUNTIME, ledger, cache=cache)).verified
        assert standing(opened(folder, ledger)).verified

    @pytest.mark.parametrize("part", ["findings", "good", "blobs/sha256"])
    def test_a_folder_among_them_costs_no_decision(self, folder, ledger, part):
        cache = Cache(folder, CacheBounds(max_bytes=1))
        (folder / part / "ab").mkdir()
        assert load(Loader(RUNTIME, ledger, cache=cache)).verified

    def test_a_file_that_is_larger_than_it_says_is_not_read_into_memory(self, folder, ledger):
        load(opened(folder, ledger))
        for finding in files(folder, "findings"):
            finding.chmod(0o600)
            os.truncate(finding, 1 << 40)
            finding.chmod(0o400)
        loaded = load(opened(folder, ledger))
        assert loaded.verified
        assert "cache.corrupt" in warnings(loaded.verdict)

    @pytest.mark.parametrize(
        "content", [b"", b"\n", b"sha256:00\n", b"[" * 100_000, b"\xff" * 100, b"sha256:" + b"0" * 64 + b"\n{}"]
    )
    def test_a_record_that_is_noise_is_dropped_and_made_anew(self, folder, ledger, content):
        load(opened(folder, ledger))
        for record in [*files(folder, "findings"), *files(folder, "good")]:
            rewrite(record, content)
        loaded = load(opened(folder, ledger))
        assert loaded.verified
        assert "cache.corrupt" in warnings(loaded.verdict)
        assert not warnings(load(opened(folder, ledger)).verdict)


def test_a_hard_link_to_what_is_kept_shows_nobody_anything_and_changes_nothing(folder, ledger, tmp_path):
    load(opened(folder, ledger))
    for index, each in enumerate(files(folder, "blobs")):
        os.link(each, tmp_path / str(index))
        assert (tmp_path / str(index)).stat().st_mode & 0o077 == 0
    assert standing(opened(folder, ledger)).verified
