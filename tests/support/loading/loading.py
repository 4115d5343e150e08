"""A loader over a real ledger and a real cache, and what can happen to either between two loads."""

from __future__ import annotations

import threading
from dataclasses import replace

from tests.support.loading.emitted import CONTENT, RUNTIME, emit
from tests.support.material import NOW
from tests.support.stories import NAME, URI
from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.engine.verification import Verification
from verifier.ledger.interface import Ledger
from verifier.loading import findings as module
from verifier.loading.loader import Loader

VERDICT = emit()


class Reachable:
    """A ledger that can be out of reach for a while: for `reading`, for `writing`, with any refusal."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.reading: Refused | None = None
        self.writing: Refused | None = None
        self.reads = 0

    def lost(self, code: str = "ledger.unavailable") -> None:
        self.reading = self.writing = refuse(code, "ledger", "no route to host")

    def found(self) -> None:
        self.reading = self.writing = None

    def fetch(self, scope):
        self.reads += 1
        if self.reading:
            raise self.reading
        return self._ledger.fetch(scope)

    def __getattr__(self, name):
        if name in {"append", "create", "decide", "replace", "swap"} and self.writing:
            raise self.writing
        return getattr(self._ledger, name)


def load(loader: Loader, artifact=CONTENT, verdict=VERDICT, **changes) -> Verification:
    chosen = {"name": NAME, "resource_uri": URI, "now": NOW, "correlation_id": "story"}
    return loader.load(artifact, verdict, **(chosen | changes))


def standing(loader: Loader, now=NOW, name=NAME) -> Verification | None:
    return loader.standing(name=name, now=now, correlation_id="asked")


def counting(monkeypatch) -> list[str]:
    """The digests of what is proven from now on, in order."""
    proven, find_out, lock = [], module.find_out, threading.Lock()

    def spied(asked, ages):
        with lock:
            proven.append(str(asked.digest))
        return find_out(asked, ages)

    monkeypatch.setattr(module, "find_out", spied)
    return proven


def renewed(trust=RUNTIME, **changes):
    """A policy that is another one: its digests say so."""
    return replace(trust, trust_digest=Digest.of(repr(changes).encode()), **changes)
