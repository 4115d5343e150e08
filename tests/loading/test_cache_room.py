"""The cache: what has to go and what never does, where it lies, and that nothing depends on it."""

import fcntl
import os
import shutil
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.ledgers.memory import MemoryLedger
from tests.support.loading.caching import files, good, refused, rewrite, size_of
from tests.support.loading.emitted import CONTENT, RUNTIME
from tests.support.loading.loading import VERDICT, load, standing
from tests.support.material import NOW
from tests.support.peers.privileges import AS_ROOT
from tests.support.stories import NAME, warnings
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError
from verifier.loading.cache import room as cache_room
from verifier.loading.cache.store import Cache, CacheBounds
from verifier.loading.loader import Loader

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def ledger():
    return MemoryLedger()


class TestWhatHasToGo:
    """`keep_good` under many names and under one, in a cache of little room."""

    def test_what_belongs_to_no_name_goes_first_and_the_last_good_never(self, folder):
        cache = Cache(folder, CacheBounds(max_bytes=40_000))
        for number in range(50):
            content = number.to_bytes(2, "big") * 4_000
            cache.keep_good(good(content), content, now=NOW + number * timedelta(seconds=1))
            assert cache.good(f"bundle:{NAME}")[1] == content
            assert size_of(folder) <= 40_000

    def test_what_is_too_old_and_belongs_to_no_name_goes_though_there_is_room(self, folder):
        cache = Cache(folder)
        cache.keep_good(good(b"old"), b"old", now=NOW)
        cache.keep_good(good(b"new"), b"new", now=NOW + DAY)
        assert len(files(folder, "blobs")) == 3
        cache.keep_good(good(b"newer"), b"newer", now=NOW + DAY + timedelta(seconds=1))
        left = {path.read_bytes() for path in files(folder, "blobs")}
        assert left == {b"new", b"newer", b"vsa"}

    def test_a_name_that_is_in_use_stays_and_the_newcomer_is_not_kept(self, folder):
        cache = Cache(folder, CacheBounds(max_bytes=10_000))
        cache.keep_good(good(b"a" * 6_000), b"a" * 6_000, now=NOW)
        other = good(b"b" * 6_000, name="other")
        assert refused(cache.keep_good, other, b"b" * 6_000, now=NOW + DAY) == "cache.unavailable"
        assert cache.good(f"bundle:{NAME}")[1] == b"a" * 6_000
        assert cache.good("bundle:other") is None

    def test_a_name_that_was_not_used_for_long_makes_room(self, folder):
        cache = Cache(folder, CacheBounds(max_bytes=10_000))
        cache.keep_good(good(b"a" * 6_000), b"a" * 6_000, now=NOW)
        later = NOW + DAY + timedelta(seconds=1)
        cache.keep_good(good(b"b" * 6_000, name="other"), b"b" * 6_000, now=later)
        assert cache.good(f"bundle:{NAME}") is None
        assert cache.good("bundle:other")[1] == b"b" * 6_000

    def test_a_yes_of_the_ledger_is_use(self, folder):
        cache = Cache(folder, CacheBounds(max_bytes=10_000))
        kept = good(b"a" * 6_000)
        cache.keep_good(kept, b"a" * 6_000, now=NOW)
        assert cache.confirm(replace(kept, confirmed=NOW + DAY), now=NOW + DAY)
        other, later = good(b"b" * 6_000, name="other"), NOW + DAY + timedelta(seconds=1)
        assert refused(cache.keep_good, other, b"b" * 6_000, now=later) == "cache.unavailable"

    def test_what_two_names_share_stays_while_one_is_used(self, folder):
        cache = Cache(folder, CacheBounds(max_bytes=12_000))
        cache.keep_good(good(b"a" * 6_000, name="old"), b"a" * 6_000, now=NOW)
        later = NOW + DAY + timedelta(seconds=1)
        cache.keep_good(good(b"a" * 6_000, name="new"), b"a" * 6_000, now=later)
        assert refused(cache.keep_good, good(b"b" * 9_000), b"b" * 9_000, now=later) == "cache.unavailable"
        assert cache.good("bundle:new")[1] == b"a" * 6_000

    def test_findings_are_bounded_in_number(self, folder, ledger, monkeypatch):
        monkeypatch.setattr(cache_room, "MAX_FINDINGS", 3)
        loader = Loader(RUNTIME, ledger, cache=Cache(folder))
        for number in range(9):
            load(loader, levels=(f"L{number}",), now=NOW + timedelta(seconds=number))
            assert len(files(folder, "findings")) <= 3

    def test_what_a_killed_writer_had_begun(self, folder):
        cache = Cache(folder)
        (folder / "blobs" / "sha256" / f".{'a' * 64}.0123456789abcdef").write_bytes(b"half")
        cache.keep_good(good(b"whole"), b"whole", now=NOW)
        assert [path for path in files(folder) if path.name.startswith(".")] == []

    def test_a_last_good_record_that_is_corrupt_keeps_nothing_alive(self, folder):
        cache = Cache(folder)
        cache.keep_good(good(b"old"), b"old", now=NOW)
        (record,) = files(folder, "good")
        rewrite(record, b"rubbish")
        cache.keep_good(good(b"new", name="other"), b"new", now=NOW + 2 * DAY)
        assert {path.read_bytes() for path in files(folder, "blobs")} == {b"new", b"vsa"}

    def test_what_somebody_else_accepted_since_is_not_confirmed_away(self, folder):
        cache, old, new = Cache(folder), good(b"old"), good(b"new", key="cd" * 32)
        assert not cache.confirm(old, now=NOW)
        cache.keep_good(old, b"old", now=NOW)
        cache.keep_good(new, b"new", now=NOW)
        assert cache.confirm(old, now=NOW)
        assert cache.good(f"bundle:{NAME}") == (new, b"new")

    @pytest.mark.parametrize("bounds", [{"max_bytes": 0}, {"max_age": timedelta(0)}, {"max_denial_age": -DAY}])
    def test_bounds_that_bound_nothing_are_a_mistake(self, bounds):
        with pytest.raises(ConfigurationError):
            CacheBounds(**bounds)


class TestWhereItLies:
    def test_it_is_made_where_it_is_missing(self, folder):
        Cache(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    @pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
    def test_not_where_others_may_look(self, folder, mode):
        folder.mkdir()
        folder.chmod(mode)
        with pytest.raises(ConfigurationError, match="mode 0700"):
            Cache(folder)

    def test_not_where_an_inner_folder_is_open(self, folder):
        Cache(folder)
        (folder / "good").chmod(0o777)
        with pytest.raises(ConfigurationError, match="mode 0700"):
            Cache(folder)

    def test_not_through_a_link(self, folder, tmp_path):
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ConfigurationError, match="not a folder"):
            Cache(folder)

    def test_not_in_a_file_or_nowhere(self, tmp_path):
        (tmp_path / "file").write_bytes(b"")
        for path in (tmp_path / "file", tmp_path / "nowhere" / "cache", tmp_path / ("a" * 300), tmp_path / "a\0b"):
            with pytest.raises(ConfigurationError):
                Cache(path)

    def test_not_where_everyone_may_exchange_it(self, tmp_path):
        (tmp_path / "shared").mkdir()
        (tmp_path / "shared").chmod(0o777)
        with pytest.raises(ConfigurationError, match="exchange"):
            Cache(tmp_path / "shared" / "cache")
        (tmp_path / "shared").chmod(0o1777)
        Cache(tmp_path / "shared" / "ours")

    @AS_ROOT
    def test_not_in_a_folder_of_somebody_elses(self, folder):
        folder.mkdir(mode=0o700)
        os.chown(folder, 12345, 12345)
        with pytest.raises(ConfigurationError, match="owner 12345"):
            Cache(folder)


class TestWhatNothingDependsOn:
    def test_a_folder_that_is_gone_is_a_warning(self, folder, ledger):
        loader = Loader(RUNTIME, ledger, cache=Cache(folder))
        shutil.rmtree(folder)
        preloaded = load(loader)
        assert preloaded.verified.content == CONTENT
        assert set(warnings(preloaded.verdict)) == {"version.first-use", "cache.unavailable"}
        assert warnings(load(loader).verdict) == ["cache.unavailable"]  # it still is kept nowhere
        assert standing(Loader(RUNTIME, ledger, cache=loader._findings._cache)) is None

    def test_what_is_larger_than_the_cache_is_handed_on_all_the_same(self, folder, ledger):
        loader = Loader(RUNTIME, ledger, cache=Cache(folder, CacheBounds(max_bytes=100)))
        preloaded = load(loader)
        assert preloaded.verified.content == CONTENT
        assert set(warnings(preloaded.verdict)) == {"version.first-use", "cache.unavailable"}
        assert standing(loader).verified.content == CONTENT

    def test_a_name_that_no_file_can_say(self, folder, ledger):
        loader = Loader(RUNTIME, ledger, cache=Cache(folder))
        preloaded = load(loader, levels=(), verdict=Document(name="v\udce9", content=VERDICT))
        assert preloaded.verified.content == CONTENT
        assert warnings(preloaded.verdict) == ["version.first-use", "cache.unavailable"]

    def test_a_writer_that_does_not_let_go(self, folder, ledger, monkeypatch):
        monkeypatch.setattr("verifier.loading.cache.store.WAIT_SECONDS", 0)
        loader = Loader(RUNTIME, ledger, cache=Cache(folder))
        with (folder / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            preloaded = load(loader)
            assert standing(Loader(RUNTIME, ledger, cache=loader._findings._cache)) is None
        assert preloaded.verified.content == CONTENT
        assert set(warnings(preloaded.verdict)) == {"version.first-use", "cache.unavailable"}

    def test_what_was_not_kept_is_kept_later(self, folder, ledger):
        loader = Loader(RUNTIME, ledger, cache=Cache(folder))
        shutil.rmtree(folder)
        load(loader)
        Cache(folder)
        assert load(loader, now=NOW + DAY / 10).verified
        assert standing(Loader(RUNTIME, ledger, cache=Cache(folder)), NOW + DAY / 10).verified.content == CONTENT
