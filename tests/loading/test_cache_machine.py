"""A cache under whatever may happen to it: what stands is always what was last accepted, or nothing."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.ledgers.memory import MemoryLedger
from tests.support.loading.caching import files, rewrite, size_of
from tests.support.loading.emitted import RUNTIME, emit
from tests.support.loading.loading import load, standing
from tests.support.material import NOW
from tests.support.stories import SCOPE, archive, signed
from verifier.core.errors import refuse
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import set_floor
from verifier.loading.cache.store import Cache, CacheBounds
from verifier.loading.loader import Loader
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

COUNT = 6
RELEASES = [signed(archive(f"1.{minor}.0", data_json=b'{"authz": {"n": %d}}' % minor)) for minor in range(COUNT)]
VERDICTS = [emit(each, holds=timedelta(days=3)) for each in RELEASES]
ROOM = 3 * max(len(release) + len(verdict) for release, verdict in zip(RELEASES, VERDICTS, strict=True)) + 16_000
"""Two releases with their verdicts and findings, and not all of them."""
GONE = refuse("ledger.unavailable", "ledger", "no route to host")


class CacheMachine(RuleBasedStateMachine):
    """Loads, restarts, floors, time and damage; the model is two numbers and a time."""

    @initialize()
    def begin(self):
        self.room = tempfile.TemporaryDirectory()
        self.folder = Path(self.room.name) / "cache"
        self.ledger, self.now = MemoryLedger(), NOW
        self.accepted = self.floor = -1
        self.intact = True
        self.restart()

    def teardown(self):
        if hasattr(self, "room"):
            self.room.cleanup()

    @rule()
    def restart(self):
        self.cache = Cache(self.folder, CacheBounds(max_bytes=ROOM, max_age=timedelta(days=1)))
        self.loader = Loader(RUNTIME, self.ledger, cache=self.cache)

    @rule(number=st.integers(0, COUNT - 1))
    def load(self, number):
        preloaded = load(self.loader, RELEASES[number], VERDICTS[number], now=self.now)
        allowed = number >= max(self.accepted, self.floor) and not self.expired()
        assert (preloaded.verified is not None) == allowed, preloaded.verdict.reasons
        if allowed:
            assert preloaded.verified.content == RELEASES[number]
            self.intact = self.intact or self.accepted != number
            self.accepted = number

    @rule(number=st.integers(0, COUNT - 1))
    def raise_floor(self, number):
        if number > self.floor:
            floor = Floor(epoch=0, version=f"1.{number}.0", scheme=Scheme.SEMVER)
            set_floor(self.ledger, SCOPE, floor, Circumstances(now=self.now))
            self.floor = number

    @rule(hours=st.integers(1, 30))
    def pass_time(self, hours):
        self.now += timedelta(hours=hours)

    @precondition(lambda self: files(self.folder, "findings") or files(self.folder, "good"))
    @rule(data=st.data())
    def corrupt(self, data):
        found = [path for part in ("findings", "good", "blobs") for path in files(self.folder, part)]
        path = data.draw(st.sampled_from(found))
        content = path.read_bytes()
        at = data.draw(st.integers(0, len(content) - 1))
        rewrite(path, content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :])
        self.intact = False
        self.restart()

    @rule()
    def stand(self):
        self.judge(standing(self.loader, self.now))

    @rule()
    def stand_after_a_restart(self):
        self.restart()
        self.judge(standing(self.loader, self.now))

    @rule()
    def stand_without_a_ledger(self):
        preloaded = standing(Loader(RUNTIME, GONE, cache=self.cache), self.now)
        assert preloaded is None or preloaded.verified is None

    def judge(self, preloaded):
        may_stand = self.accepted >= max(self.floor, 0) and not self.expired()
        if preloaded is None or preloaded.verified is None:
            assert not (self.intact and may_stand), preloaded and preloaded.verdict.reasons
            return
        assert may_stand
        assert preloaded.verified.content == RELEASES[self.accepted]

    def expired(self):
        return self.now >= NOW + timedelta(days=3)

    @invariant()
    def never_larger_than_its_bound(self):
        if hasattr(self, "folder"):
            assert size_of(self.folder) <= ROOM


CacheMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestCacheMachine = CacheMachine.TestCase
