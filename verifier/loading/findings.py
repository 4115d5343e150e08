"""Findings that a loader keeps: in memory and, where there is a cache, on disk.

* a finding is made once for each question, however many threads and processes ask it
* one on disk that is wrong, or about something else, is made anew, and that is said
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import Value, replace
from verifier.core.verdict import PolicyReference
from verifier.engine.finding import Finding
from verifier.ledger.view import View
from verifier.loading.cache.store import Cache
from verifier.loading.find import Kept, find_out
from verifier.loading.flights import Flights
from verifier.loading.question import Ages, Asked

_MAX_FINDINGS: Final = 256
"""Findings in memory; what was last accepted is kept beside them."""

Source = Literal["memory", "cache", "proven"]
"""Where a finding came from."""


class _Found(Value):
    """A finding, and what was wrong with the cache on the way to it."""

    kept: Kept
    warnings: tuple[Reason, ...] = ()


class KeptFindings:
    """Safe between threads; `count` is told where each finding came from."""

    def __init__(self, cache: Cache | None, ages: Ages, count: Callable[[Source], object]) -> None:
        self._cache, self._ages, self._count = cache, ages, count
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._flights: Flights[_Found] = Flights()

    def upon(self, key: str, asked: Asked) -> Sought:
        """What there is to find for the question `key`."""
        return Sought(lambda view: self._find(key, asked, view))

    def remembered(self, key: str) -> Kept | None:
        """The finding in memory for this question, and the time for which it holds."""
        with self._lock:
            return self._kept.get(key)

    def _find(self, key: str, asked: Asked, view: View) -> _Found:
        kept = self._remembered(key)
        if kept is not None and kept.holds(asked.now, view):
            self._count("memory")
            return _Found(kept=kept)
        return self._flights.share(
            key, lambda: self._prove(key, asked, view), lambda found: self._will_do(found.kept, asked.now, view)
        )

    def _will_do(self, kept: Kept, now: datetime, view: View) -> bool:
        """Whether what another thread has found meanwhile answers the question; also that nothing could be found."""
        just_now = abs(now - kept.since) <= self._ages.denied
        return kept.holds(now, view) or (kept.finding.undecided and just_now)

    def _prove(self, key: str, asked: Asked, view: View) -> _Found:
        kept = self._remembered(key)
        if kept is not None and kept.holds(asked.now, view):
            return _Found(kept=kept)
        if self._cache is None:
            self._count("proven")
            return self._remember(key, find_out(asked, self._ages)(view), ())
        with self._cache.turn(key):
            kept, problems = _from_disk(self._cache, key, asked)
            holds = kept is not None and kept.holds(asked.now, view)
            self._count("cache" if holds else "proven")
            if kept is None or not holds:
                kept = find_out(asked, self._ages)(view)
                problems += _to_disk(self._cache, key, kept, asked.now)
        return self._remember(key, kept, problems)

    def _remembered(self, key: str) -> Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def _remember(self, key: str, kept: Kept, problems: tuple[Reason, ...]) -> _Found:
        if kept.since < kept.until:
            with self._lock:
                self._kept[key] = kept
                self._kept.move_to_end(key)
                if len(self._kept) > _MAX_FINDINGS:
                    self._kept.popitem(last=False)
        return _Found(kept=kept, warnings=tuple(reason.as_warning() for reason in problems))


class Sought:
    """What is found upon one question; again, where the organisation's rules have seen another state of the scope."""

    def __init__(self, find: Callable[[View], _Found]) -> None:
        self._find = find
        self._found: _Found | None = None
        self.warnings: tuple[Reason, ...] = ()

    def look(self, view: View) -> Finding:
        """The finding that holds where the ledger says `view`."""
        if self._found is None or not self._found.kept.finding.holds_for(view):
            self._found = self._find(view)
            self.warnings += self._found.warnings
        return self._found.kept.finding


def _from_disk(cache: Cache, key: str, asked: Asked) -> tuple[Kept | None, tuple[Reason, ...]]:
    """The finding on disk, if it is about what is asked."""
    try:
        kept = cache.finding(key)
    except Refused as refusal:
        return None, refusal.reasons
    if kept is None:
        return None, ()
    if (kept.finding.subject.digest, kept.finding.rule_digest) != (asked.digest, asked.rule_digest):
        message = f"the finding of {key} is about other bytes or another rule"
        return None, (Reason(code="cache.corrupt", subject=asked.question.reference, message=message),)
    # It may have been found under another file that says the same of this artifact.
    policy = PolicyReference(uri=asked.policy.id, digest=asked.policy.digest)
    return replace(kept, finding=replace(kept.finding, policy=policy)), ()


def _to_disk(cache: Cache, key: str, kept: Kept, now: datetime) -> tuple[Reason, ...]:
    """Put a finding that holds for a while on disk; why that failed."""
    if kept.since >= kept.until:
        return ()
    try:
        cache.keep_finding(key, kept, now=now)
    except Refused as refusal:
        return refusal.reasons
    return ()
