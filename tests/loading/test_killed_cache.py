"""A cache whose writers are killed at random points: what is found in it is whole, and about what it says."""

import multiprocessing
import random
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.support.loading.caching import files, good, size_of
from tests.support.loading.emitted import RUNTIME
from tests.support.material import NOW
from tests.support.patience import PATIENCE_S
from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.verdict import PolicyReference, Subject
from verifier.engine.finding import Finding
from verifier.loading.cache.store import Cache, CacheBounds
from verifier.loading.find import Kept

KILLS = 50
MOST_KILLS = 2_000
"""Where after `KILLS` none was killed while it wrote."""
MOST_STEPS = 8
"""What a writer does before it is killed, at most; then it has a random moment more."""
LATEST_KILL_S = 0.05
NAMES = [f"name-{number}" for number in range(3)]
BOUNDS = CacheBounds(max_bytes=400_000, max_age=timedelta(hours=1))
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.loading.test_killed_cache"])


def content_of(name: str, number: int) -> bytes:
    """What is only ever kept under this name."""
    return f"{name} {number}\n".encode() * 2_000


def finding(number: int) -> Kept:
    found = Finding(
        subject=Subject(kind="bundle", name=str(number), resource_uri="", digest=Digest.of(b"x")),
        reasons=(Reason(code="verdict.failed", subject="verdict", message="m" * 500),),
        policy=PolicyReference(uri=RUNTIME.id, digest=RUNTIME.digest),
        in_full=False,
    )
    return Kept(finding=found, since=NOW, until=NOW)


def keep_writing(folder: str, seed: int, steps: int, done: Event) -> None:
    """Write on and on, and say when so many steps are done."""
    chance, cache = random.Random(seed), Cache(Path(folder), BOUNDS)  # noqa: S311 - as above
    for step in range(100_000):
        if step == steps:
            done.set()
        now = NOW + timedelta(seconds=1_000 * seed + step)
        name, number = chance.choice(NAMES), chance.randrange(1_000)
        content = content_of(name, number)
        kept = good(content, name=name, key=f"{number:064x}")
        cache.keep_good(kept, content, now=now)
        cache.confirm(kept, now=now)
        cache.keep_finding(f"{number:064x}", finding(number), now=now)


def test_a_writer_that_is_killed_leaves_a_sound_cache(tmp_path):
    chance, folder = random.Random(7), tmp_path / "cache"  # noqa: S311 - the same points every time
    Cache(folder, BOUNDS)
    unfinished = 0
    for kill in range(MOST_KILLS):
        if kill >= KILLS and unfinished:
            break
        done = SERVER.Event()
        process = SERVER.Process(target=keep_writing, args=(str(folder), kill, chance.randrange(MOST_STEPS), done))
        process.start()
        assert done.wait(PATIENCE_S)
        process.join(chance.uniform(0, LATEST_KILL_S))
        process.kill()
        process.join()
        unfinished += sum(path.name.startswith(".") for path in files(folder))
        cache = Cache(folder, BOUNDS)
        for name in NAMES:
            found = cache.good(f"bundle:{name}")
            assert found is None or found[1] == content_of(name, int(found[0].key, 16))
        for path in files(folder, "findings"):
            if not path.name.startswith("."):
                assert cache.finding(path.name).finding.subject.name == str(int(path.name, 16))
    assert unfinished, "no writer was killed while it wrote"
    cache.keep_good(good(b"at last"), b"at last", now=NOW + timedelta(days=1))
    assert cache.good("bundle:authz")[1] == b"at last"
    assert [path for path in files(folder) if path.name.startswith(".")] == []
    assert size_of(folder) <= BOUNDS.max_bytes
