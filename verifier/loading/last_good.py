"""What was last accepted under each name: in memory and, where there is a cache, on disk.

* an acceptance takes the place of the one before it; a denial by the ledger takes its confirmation away
* the disk is told when something else was accepted, when the ledger says no, and now and then that it still says yes
* what is wrong with the disk is told as warnings, and changes nothing in memory
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import Value, field, replace
from verifier.core.verdict import Verdict
from verifier.ledger.view import View
from verifier.loading.cache.record import Good
from verifier.loading.cache.store import Cache
from verifier.loading.question import Asked
from verifier.trust.evaluate import offline_grace_of
from verifier.trust.model import ArtifactRule

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_REFRESHES: Final = 10
"""How often the disk is told that the ledger still says yes, while a grace or the cache's age runs once."""
_RETRY: Final = timedelta(minutes=1)
"""When the disk is told again what it did not take."""


class Held(Value):
    """One acceptance with its bytes. `view` is what the ledger said before it said yes, None where unknown."""

    good: Good
    content: bytes = field(repr=False)
    view: View | None = None

    @property
    def revision(self) -> int | None:
        """That of the scope, where it is known."""
        return None if self.view is None else self.view.revision


class _Told(Value):
    """What the disk was last told of a name, and when; `problems` are why it did not take it."""

    key: str
    confirmed: bool
    at: datetime
    problems: tuple[Reason, ...] = ()


class LastGood:
    """Safe between threads, which take turns for one name (`Loader`)."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._held: dict[str, Held] = {}
        self._told: dict[str, _Told] = {}
        self._telling = threading.Lock()

    def in_memory(self, reference: str) -> Held | None:
        """What this process has accepted, or found on disk before."""
        return self._held.get(reference)

    def find(self, reference: str) -> tuple[Held | None, tuple[Reason, ...]]:
        """What was last accepted, also by another process before; and what was wrong with the disk."""
        held = self._held.get(reference)
        if held is not None or self._cache is None:
            return held, ()
        try:
            found = self._cache.good(reference)
        except Refused as refusal:
            return None, refusal.reasons
        if found is None:
            return None, ()
        good, content = found
        said = _Told(key=good.key, confirmed=good.confirmed is not None, at=_LONG_AGO)
        self._told.setdefault(reference, said)
        return self._held.setdefault(reference, Held(good=good, content=content)), ()

    def accept(self, key: str, asked: Asked, view: View | Refused, verdict: Verdict) -> None:
        """The ledger has said yes, now, having said `view` just before."""
        if asked.digest is None or isinstance(asked.content, Refused) or isinstance(view, Refused):
            raise TypeError("only what was read is accepted, by a ledger that was asked")
        before, confirmed = self._held.get(asked.question.reference), asked.now
        if before is not None and before.good.key == key and before.good.confirmed is not None:
            confirmed = max(confirmed, before.good.confirmed)
        trace = verdict.ledger
        moved = trace is not None and trace.after != trace.before
        good = Good(
            key=key,
            question=asked.question,
            digest=asked.digest,
            confirmed=confirmed,
            ledger=trace.url if trace is not None else "",
            revision=view.revision + moved,
        )
        self._held[asked.question.reference] = Held(good=good, content=asked.content, view=view)

    def withdraw(self, key: str, reference: str) -> None:
        """The ledger has said no to it: it does not go on without the ledger."""
        held = self._held.get(reference)
        if held is not None and held.good.key == key and held.good.confirmed is not None:
            self._held[reference] = replace(held, good=replace(held.good, confirmed=None))

    def tell(self, reference: str, rule: ArtifactRule, now: datetime) -> tuple[Reason, ...]:
        """Tell the disk where it is time to; what is wrong with that, or was the last time, as warnings."""
        cache = self._cache
        if cache is None or not self._is_due(cache, reference, rule, now):
            told = self._told.get(reference)
            return told.problems if told is not None else ()
        with self._telling:
            held = self._held[reference]
            told, good = self._told.get(reference), held.good
            known = told is not None and told.key == good.key and not told.problems
            problems: tuple[Reason, ...] = ()
            try:
                known = known and cache.confirm(good, now=now)
                if not known and good.confirmed is not None:
                    cache.keep_good(good, held.content, now=now)
            except Refused as refusal:
                problems = tuple(reason.as_warning() for reason in refusal.reasons)
            said = good.confirmed is not None
            self._told[reference] = _Told(key=good.key, confirmed=said, at=now, problems=problems)
        return problems

    def _is_due(self, cache: Cache, reference: str, rule: ArtifactRule, now: datetime) -> bool:
        held, told = self._held.get(reference), self._told.get(reference)
        if held is None:
            return False
        if told is None or (told.key, told.confirmed) != (held.good.key, held.good.confirmed is not None):
            return True
        interval = min(cache.bounds.max_age, offline_grace_of(rule) or cache.bounds.max_age) / _REFRESHES
        if told.problems:
            interval = min(interval, _RETRY)
        return held.good.confirmed is not None and abs(now - told.at) >= interval
