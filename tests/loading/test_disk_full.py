"""A disk that is full: the cache warns and the answer stands; `verify preload --out` leaves what was there."""

import pytest

from tests.support import workplace
from tests.support.command import ask, run
from tests.support.ledgers.memory import MemoryLedger
from tests.support.loading import small_disk
from tests.support.loading.caching import files
from tests.support.loading.emitted import CONTENT, RUNTIME, emit
from tests.support.loading.loading import load, standing
from tests.support.loading.small_disk import fill
from tests.support.publishing.releases import release
from tests.support.stories import archive, signed, warnings
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader

disk = small_disk.disk
place = workplace.place


def test_the_cache_warns_the_answer_stands_and_what_was_kept_before_is_found(disk):
    cache, ledger = Cache(disk / "cache"), MemoryLedger()
    loader = Loader(RUNTIME, ledger, cache=cache)
    assert warnings(load(loader).verdict) == ["version.first-use"]
    ballast, newer = fill(disk), signed(archive("1.1.0"))
    verdict = emit(newer)
    preloaded = load(loader, newer, verdict)
    assert preloaded.verified.content == newer
    assert set(warnings(preloaded.verdict)) == {"cache.unavailable"}
    assert [path for path in files(disk) if path.name.startswith(".")] == []
    assert cache.good("bundle:authz")[1] == CONTENT
    ballast.unlink()
    assert warnings(load(Loader(RUNTIME, ledger, cache=cache), newer, verdict).verdict) == []
    assert standing(Loader(RUNTIME, ledger, cache=cache)).verified.content == newer


@pytest.fixture
def bundle(place):
    run("ledger", "init")
    return emitted("1.0.0")


def emitted(revision):
    made = release(revision, out=f"authz-{revision}.tar.gz")
    options = ("--policy", "trust.toml", "--name", "authz", "--resource-uri", "https://example.org/authz")
    assert run("bundle", made, *options, "--verdict-out", f"{revision}.json", "--signing-key", "ci").status == 0
    return made


def preload(bundle, verdict, *options):
    common = ("--policy", "trust.toml", "--name", "authz", "--resource-uri", "https://example.org/authz")
    return ("preload", bundle, "--verdict", verdict, *common, *options)


def test_the_hook_leaves_the_file_that_was_there_and_nothing_else(bundle, disk):
    out = disk / "authz.tar.gz"
    assert run(*preload(bundle, "1.0.0.json", "--out", out)).status == 0
    newer, ballast = emitted("1.1.0"), fill(disk)
    answer = run(*preload(newer, "1.1.0.json", "--out", out))
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        f"verify: error: {out}: cannot be written: No space left on device\n"
        "  Make room there, or name a file on another disk.\n"
    )
    assert out.read_bytes() == bundle.read_bytes()
    assert sorted(path.name for path in files(disk)) == [".authz.tar.gz.lock", "authz.tar.gz", "ballast"]
    ballast.unlink()
    assert run(*preload(newer, "1.1.0.json", "--out", out)).status == 0
    assert out.read_bytes() == newer.read_bytes()


def test_the_hook_with_a_full_cache_writes_all_the_same(bundle, disk, tmp_path):
    Cache(disk / "cache")
    fill(disk)
    answer = ask(*preload(bundle, "1.0.0.json", "--out", tmp_path / "out", "--cache", disk / "cache"))
    assert (answer.status, {reason["code"] for reason in answer.report["reasons"]}) == (
        0,
        {"version.first-use", "cache.unavailable"},
    )
    assert (tmp_path / "out").read_bytes() == bundle.read_bytes()
