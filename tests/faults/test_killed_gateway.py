"""`verify serve`, killed at 200 random points while its upstream does its worst: nothing goes back, nothing is lost."""

from __future__ import annotations

import gzip
import http.client
import random
import signal
import threading
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.support.gateway.scene import Scene
from tests.support.ledgers.invariants import require_invariants
from tests.support.loading.caching import files
from tests.support.loading.forking import ForkServer
from tests.support.loading.hostile import BundleServer, Reply, bundle_server, forgets, gives, gone, in_turn
from tests.support.loading.small_disk import unfinished
from tests.support.patience import PATIENCE_S
from tests.support.stories import MODULE, archive, signed
from verifier.core.digest import Digest
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite.store import open_ledger
from verifier.loading.cache.room import make_room
from verifier.loading.cache.store import Cache

KILLS = 200
LATEST_KILL_S = 0.15
AIMS = {"born": 30, "listening": 35, "taken": 35}
"""What a life is killed after, with its weight: its birth, most of them before they listen; that it listens; or that it
has taken everything that upstream has, and has answered a client since. Then it has a random moment more."""
MOST_CACHED_BYTES = 16 * 1024 * 1024
CONFIGURATION = """\
version = 1
listen = "127.0.0.1:0"
policy = "trust.toml"
ledger = "sqlite://{folder}/ledger.db"
cache = "cache"
[bundles.authz]
upstream = "{upstream}"
"""


@dataclass(frozen=True)
class Plan:
    """What upstream answers in turn; with `releases` something new is among it, made anew whenever its turn comes."""

    reply: Reply
    length: int
    releases: bool


def _unpacked(content: bytes) -> bytes | None:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return None


class Publisher:
    """What upstream may have: releases in their order, and what looks like them."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._releases: list[bytes] = []
        self.numbers: dict[bytes, int] = {}
        """Everything that is signed, and so may be accepted."""
        self.release()

    @property
    def newest(self) -> int:
        return len(self._releases)

    def release(self) -> bytes:
        self._releases.append(signed(archive(f"1.{self.newest + 1}.0")))
        self.numbers[self._releases[-1]] = self.newest
        return self._releases[-1]

    def current(self) -> bytes:
        return self._releases[-1]

    def older(self) -> bytes:
        return self._chance.choice(self._releases[:-1] or self._releases)

    def tampered(self) -> bytes:
        """One bit is another; not one that says the same in other words, as deflate can, which is no attack."""
        while True:
            content = bytearray(self.current())
            content[self._chance.randrange(len(content))] ^= 1 << self._chance.randrange(8)
            if _unpacked(bytes(content)) != _unpacked(self.current()):
                return bytes(content)

    def twin(self) -> bytes:
        """Another content under a version that was released."""
        number = self.numbers[self._chance.choice((self.older(), self.current()))]
        content = signed(archive(f"1.{number}.0", module=MODULE + b"# another\n"))
        self.numbers[content] = number
        return content

    def cut_off(self) -> bytes:
        return self.current()[: self._chance.randrange(len(self.current()))]

    def plan(self) -> Plan:
        """What upstream answers during one life."""
        if self._chance.random() < 0.25:
            return Plan(reply=gone, length=1, releases=False)
        kinds = [self.release] * 3 + [self.current] * 2 + [self.older, self.tampered, self.twin, self.cut_off]
        chosen = self._chance.choices(kinds, k=self._chance.randint(1, 4))
        serve = self._chance.choice((gives, forgets))
        reply = in_turn(*(lambda exchange, make=make: serve(make())(exchange) for make in chosen))
        return Plan(reply=reply, length=len(chosen), releases=self.release in chosen)


class Clients:
    """All clients of all lives: what they were given, in its order."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.newest, self.digests = 0, dict[int, Digest]()
        self.counted = Counter[int]()

    def ask_until_it_dies(
        self, address: str, *, at_least: int, always: bool, answered: Callable[[], object] = lambda: None
    ) -> None:
        """`at_least` is the version that was reached; with `always` no answer may be a refusal.

        `answered` is called once, after the first answer.
        """
        host, _, port = address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
        try:
            with suppress(ConnectionError, http.client.HTTPException):
                while True:
                    connection.request("GET", "/bundles/authz")
                    answer = connection.getresponse()
                    content, tag = answer.read(), answer.headers["etag"]
                    self.counted[answer.status] += 1
                    if answer.status == 200:
                        self._take(content, tag, at_least)
                    else:
                        assert answer.status == 503, content
                        assert not always, content
                    answered()
                    answered = _nothing
        finally:
            connection.close()

    def _take(self, content: bytes, tag: str, at_least: int) -> None:
        number, digest = self._publisher.numbers[content], Digest.of(content)
        assert tag == f'"{digest}"'
        assert number >= max(self.newest, at_least), "it went back"
        assert self.digests.setdefault(number, digest) == digest, "one version, two contents"
        self.newest = number


def _nothing() -> None:
    """What follows every answer but the first."""


@pytest.fixture(scope="module")
def server():
    started = ForkServer()
    yield started
    started.close()


def marked(scene: Scene) -> int:
    """The release that the ledger stands at."""
    with open_ledger(scene.ledger) as ledger:
        state = ledger.fetch("bundle:authz").state
    return int(state.mark.version.split(".")[1]) if state and state.mark else 0


class Story:
    """One gateway with one ledger, one cache and one upstream, through all of its lives."""

    def __init__(self, scene: Scene, server: ForkServer, upstream: BundleServer) -> None:
        self.scene, self.server, self.upstream = scene, server, upstream
        self.chance = random.Random(8)  # noqa: S311 - the same story every time
        self.publisher = Publisher(random.Random(9))  # noqa: S311
        self.clients = Clients(self.publisher)
        self.configuration = scene.folder / "gateway.toml"
        self.configuration.write_text(CONFIGURATION.format(folder=scene.folder, upstream=upstream.url))
        self.mark = self.lives = self.awaited = 0
        """`awaited` are the releases that a life was let live to give to a client."""
        self.accepted = Counter[str]()

    def live(self) -> None:
        """Start, be asked, be killed; half of the time the next one is the first who opens what was left."""
        looked = self.chance.random() < 0.5
        if looked:
            before, self.mark = self.mark, marked(self.scene)
            assert max(before, self.clients.newest) <= self.mark
        lost = not looked or self.mark > self.clients.newest or self.mark == 0
        plan = self.publisher.plan()
        self.upstream.reply = plan.reply
        (aim,) = self.chance.choices(list(AIMS), AIMS.values())
        gateway = self.server.start(self.configuration)
        timer = threading.Timer(self.chance.uniform(0, LATEST_KILL_S), gateway.send, (signal.SIGKILL,))
        if aim == "born":
            timer.start()
        started = gateway.saw("gateway.started")
        assert started is not None or aim == "born"
        if started is not None:
            self.lives += 1
            self._be_asked(started["listen"], plan, aim, timer, always=not lost)
        timer.join()
        assert gateway.end() == signal.SIGKILL
        self.accepted += Counter(event["event"] for event in gateway.events)

    def _be_asked(self, address: str, plan: Plan, aim: str, timer: threading.Timer, *, always: bool) -> None:
        if aim == "taken":
            self.upstream.asked(plan.length + 1)
            self.awaited += plan.releases
            self.clients.ask_until_it_dies(address, at_least=self.mark, always=always, answered=timer.start)
        else:
            if aim == "listening":
                timer.start()
            self.clients.ask_until_it_dies(address, at_least=self.mark, always=always)

    def last_life(self) -> None:
        """Told to end, with the newest release at hand; and once more, without an upstream."""
        newest = self.publisher.release()
        for reply in (gives(newest), gone):
            self.upstream.reply = reply
            gateway = self.server.start(self.configuration)
            address = gateway.saw("gateway.started")["listen"]
            assert gateway.saw("bundle.served", version=f"1.{self.publisher.newest}.0") is not None
            timer = threading.Timer(0, gateway.send, (signal.SIGTERM,))
            timer.start()
            self.clients.ask_until_it_dies(address, at_least=self.publisher.newest, always=True)
            timer.join()
            assert gateway.end(signal.SIGTERM) == 0

    def require_nothing_lost(self) -> None:
        told = [("bundle:authz", f"1.{number}.0") for number in self.clients.digests]
        with open_ledger(self.scene.ledger) as ledger:
            require_invariants(ledger, told=told)
            accepted = {event.digest for event in history(ledger) if event.kind is EventKind.ACCEPTED}
        assert set(self.clients.digests.values()) <= accepted

    def require_a_sound_cache(self) -> None:
        folder: Path = self.scene.folder / "cache"
        cache = Cache(folder)
        good, content = cache.good("bundle:authz")
        assert (content, good.digest) == (self.publisher.current(), Digest.of(content))
        for path in files(folder, "blobs", "sha256"):
            assert Digest.of(path.read_bytes()).value == path.name
        for path in files(folder, "findings"):
            assert cache.finding(path.name) is not None
        make_room(folder, 0, max_bytes=MOST_CACHED_BYTES, before=0, keep=frozenset())
        assert unfinished(folder) == []  # whoever writes next sweeps what the last one had begun
        assert sum(path.stat().st_size for path in files(folder)) < MOST_CACHED_BYTES


def test_a_gateway_that_is_killed_never_goes_back_and_loses_nothing(scene, server):
    with bundle_server(gone) as upstream:
        story = Story(scene, server, upstream)
        upstream.reply = gives(story.publisher.current())
        for _ in range(KILLS):
            story.live()
        story.last_life()
    story.require_nothing_lost()
    story.require_a_sound_cache()
    assert story.lives < KILLS, "none was killed before it listened"
    assert len(story.clients.digests) >= story.awaited > 0, "clients were not given what was accepted"
    assert {"bundle.accepted", "bundle.refused", "bundle.unreached"} <= story.accepted.keys()
    left = sorted(path.name for path in scene.folder.iterdir())
    assert left == ["cache", "gateway.toml", "ledger.db", "p256.pub", "p384.pub", "trust.toml"]


def test_an_older_release_after_a_kill_is_refused_by_who_starts_anew(scene, server):
    """The same in one story, step by step: accepted, killed, replayed."""
    with bundle_server(gone) as upstream:
        story = Story(scene, server, upstream)
        older, newer = story.publisher.current(), story.publisher.release()
        upstream.reply = gives(newer)
        gateway = server.start(story.configuration)
        assert gateway.saw("bundle.served", version="1.2.0") is not None
        assert gateway.end() == signal.SIGKILL
        upstream.reply = gives(older)
        gateway = server.start(story.configuration)
        assert gateway.saw("bundle.refused")["codes"] == ["version.rollback"]
        kill = partial(gateway.send, signal.SIGKILL)
        story.clients.ask_until_it_dies(gateway.events[0]["listen"], at_least=2, always=True, answered=kill)
        gateway.end()
    with open_ledger(scene.ledger) as ledger:
        require_invariants(ledger)
        assert [event.reasons for event in history(ledger)][-1] == ("version.rollback",)
