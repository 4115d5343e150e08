"""Loads artifacts under one policy, over and over: what was proven is not proven again, what can change is asked.

* a finding is made once for each question, however many threads and processes ask it, and made again once it does
  not hold any more (`runtime.proof`): a signer's end, an expiry, another policy or key, a bound on its age
* the ledger is asked every time: a floor, a quarantine, a newer version elsewhere binds at the next load
* an acceptance is written before anything is handed on; one that the ledger knows is not written again for a minute
* what was last accepted under a name can be had at any time, judged again at that time: `standing`
* a ledger that knows less of a name than it did was put back, and is not believed (`ledger.corrupt`)
* without its ledger it hands on nothing but what the policy's `offline_grace` allows (`runtime.grace`)
* a cache on disk (`runtime.cache`) lets the last good survive a restart; no answer depends on it, and what is wrong
  with it is a warning wherever the bytes are at hand

A policy never changes: a new one is a new `Loader`, over the same cache.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Passed, Reason, outcome_of
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import Value, replace
from verifier.core.verdict import Verdict, decide
from verifier.ledger.interface import Ledger, View
from verifier.loading.cache.store import Cache
from verifier.loading.findings import keep_finding, kept_finding
from verifier.loading.flights import Flights
from verifier.loading.grace import on_grace, only_unavailable
from verifier.loading.last_good import LastGood, lost
from verifier.loading.preload import (
    NOTHING_SEEN,
    Load,
    Preloaded,
    ask,
    handed_on,
    located,
    read,
    require_aware,
    settled,
    without_rule,
)
from verifier.loading.proof import Ages, Asked, Fallback, Proof, Question, Terms, proof_key, prove, revision_of
from verifier.trust.evaluate import ledger_scope, rule_for
from verifier.trust.model import ArtifactRule, TrustPolicy

_MAX_PROOFS: Final = 256
"""Findings in memory; what was last accepted is kept beside them."""


Source = Literal["memory", "cache", "proven"]
"""Where a finding came from."""


class _Found(Value):
    """A finding, and what was wrong with the cache on the way to it."""

    proof: Proof
    warnings: tuple[Reason, ...] = ()


class Loader:
    """Safe between threads; blocks for as long as reading, proving and the ledger take."""

    def __init__(
        self,
        policy: TrustPolicy,
        ledger: Ledger | Refused,
        *,
        cache: Cache | None = None,
        actor: str = "preload",
        verifier_id: str = VERIFIER_ID,
        count: Callable[[Source], object] = lambda _: None,
    ) -> None:
        """`count` is told where each finding came from."""
        self._policy, self._ledger, self._cache, self._count = policy, ledger, cache, count
        self._actor, self._verifier_id = actor, verifier_id
        self._ages = cache.ages if cache is not None else Ages()
        self._lock = threading.Lock()
        self._proofs: OrderedDict[str, Proof] = OrderedDict()
        self._flights: Flights[_Found] = Flights()
        self._turns: dict[str, threading.Lock] = {}
        self._good = LastGood(cache)
        self._views: dict[str, View] = {}
        self._asked_at = datetime.min.replace(tzinfo=UTC)

    def load(  # noqa: PLR0913 - keyword-only, as `preload`
        self,
        artifact: bytes | Path,
        verdict: bytes | Document | Refused | None,
        *,
        kind: str = "bundle",
        name: str,
        resource_uri: str = "",
        now: datetime,
        correlation_id: str,
        levels: Sequence[str] = (),
        fallback: Fallback = "deny",
        attestations: Sequence[Document | Refused] = (),
        record: bool = True,
    ) -> Preloaded:
        """Decide as `preload` does; without a `verdict` the artifact is verified in full."""
        question = Question(
            kind=kind,
            name=name,
            resource_uri=resource_uri,
            location=located(artifact, f"{kind}:{name}"),
            verdict=Document(name="verdict", content=verdict) if isinstance(verdict, bytes) else verdict,
            levels=tuple(levels),
            fallback=fallback,
            attestations=tuple(attestations),
        )
        require_aware(now)
        rule = rule_for(self._policy, kind, name)
        if rule is None:
            return without_rule(question, artifact, self._policy, now=now, correlation_id=correlation_id)
        content, digest = read(artifact, self._policy)
        asked = self._asked(question, content, digest, rule, now)
        return self._decide(asked, correlation_id, record=record)

    def standing(
        self, *, kind: str = "bundle", name: str, now: datetime, correlation_id: str, terms: Terms | None = None
    ) -> Preloaded | None:
        """What was last accepted under this name, judged again now; None where nothing was.

        It is judged on these `terms`, by default on those that it was accepted on: a cache outlives a configuration.
        Nothing is written, but where the ledger does not know of the acceptance any more. What only the cache had and
        has lost is a denial.
        """
        require_aware(now)
        held, problems = self._good.find(f"{kind}:{name}")
        if held is None:
            asked_by = (self._policy, self._verifier_id)
            return lost(f"{kind}:{name}", problems, *asked_by, now=now, correlation_id=correlation_id)
        question, rule = held.good.question, rule_for(self._policy, kind, name)
        if rule is None:
            return without_rule(question, held.content, self._policy, now=now, correlation_id=correlation_id)
        if terms is not None:
            question = terms.put_to(question)
        asked = self._asked(question, held.content, held.good.digest, rule, now)
        # What this loader has accepted need not be hashed again; what another one left on disk, once.
        key = held.good.key if held.revision is not None and question == held.good.question else None
        preloaded = self._decide(asked, correlation_id, key=key, quietly=True)
        newest = self._good.in_memory(f"{kind}:{name}")
        if preloaded.verified is None and newest is not None and newest.good.key != held.good.key:
            # Something newer was accepted meanwhile, which is why this one was refused.
            return self.standing(kind=kind, name=name, now=now, correlation_id=correlation_id, terms=terms)
        return preloaded

    def _asked(
        self, question: Question, content: bytes | Refused, digest: Digest | None, rule: ArtifactRule, now: datetime
    ) -> Asked:
        return Asked(
            question=question,
            content=content,
            digest=digest,
            policy=self._policy,
            rule=rule,
            now=now,
            verifier_id=self._verifier_id,
        )

    def _decide(
        self, asked: Asked, correlation_id: str, *, key: str | None = None, record: bool = True, quietly: bool = False
    ) -> Preloaded:
        """What is found of it, what the ledger says of that, and what is remembered."""
        reference = asked.question.reference
        load = Load(
            policy=self._policy,
            rule=asked.rule,
            ledger=self._ledger,
            view=NOTHING_SEEN,
            now=asked.now,
            correlation_id=correlation_id,
            actor=self._actor,
            record=record,
            quietly=quietly,
            newest=self._newest(asked.now),
        )
        if asked.digest is None:
            return handed_on(settled(asked.question, prove(asked, load.view, self._ages), load), asked.content)
        _, lost = self._good.find(reference)  # what a process before this one has accepted
        key = key or proof_key(asked.question, asked.digest, self._policy, asked.rule, self._verifier_id)
        found = self._find(key, asked, self._look(asked) if asked.rule.organisation else NOTHING_SEEN)
        # What the ledger accepted last must be what is remembered last.
        turn = self._turn(reference)
        if not turn.acquire(blocking=not quietly):
            passing = self._in_passing(key, asked, load, found.proof)
            if passing is not None:
                return handed_on(_warned(passing, found.warnings), asked.content)
            turn.acquire()
        try:
            verdict, warnings = self._settle(key, asked, replace(load, view=self._look(asked)), found.proof)
        finally:
            turn.release()
        warnings += self._good.tell(reference, asked.rule, asked.now)
        warnings += tuple(reason.as_warning() for reason in lost)
        return handed_on(_warned(verdict, found.warnings + warnings), asked.content)

    def _newest(self, now: datetime) -> datetime:
        """The newest time of all questions, which is now if the clock is right."""
        with self._lock:
            self._asked_at = max(self._asked_at, now)
            return self._asked_at

    def _in_passing(self, key: str, asked: Asked, load: Load, proof: Proof) -> Verdict | None:
        """What plainly stands, while another thread has its turn, in which it may wait for the ledger; else None."""
        view, held = self._look(asked), self._good.in_memory(asked.question.reference)
        if isinstance(view, Refused) or held is None or (held.good.key, held.revision) != (key, revision_of(view)):
            return None
        verdict = settled(asked.question, proof, replace(load, view=view, told=True))
        return verdict if verdict.passed else None

    def _settle(self, key: str, asked: Asked, load: Load, proof: Proof) -> tuple[Verdict, tuple[Reason, ...]]:
        question = asked.question
        held = self._good.in_memory(question.reference)
        if held is not None and held.good.key == key and isinstance(load.view, View):
            load = replace(load, told=held.revision == revision_of(load.view))
        verdict = settled(question, proof, load)
        if verdict.passed and load.record:
            self._good.accept(key, asked, load.view, verdict)
        elif not verdict.passed and (isinstance(load.view, Refused) or only_unavailable(verdict)):
            return self._on_grace(key, asked, load, proof, verdict)
        elif not verdict.passed:
            self._good.withdraw(key, question.reference)
        return verdict, ()

    def _look(self, asked: Asked) -> View | Refused:
        """What the ledger says now of the scope; the newest of it is remembered."""
        scope = ledger_scope(asked.rule, asked.question.kind, asked.question.name)
        least = self._least_revision(scope, asked.question.reference)  # before it is asked: others go on meanwhile
        view = ask(self._ledger, scope)
        if isinstance(view, Refused):
            return view
        if revision_of(view) < least:
            message = (
                f"has seen {revision_of(view)} changes of {scope} and had seen {least}: an older copy was put back"
            )
            hint = "Import the newest export; or remove the cache and restart, to go on from the older copy."
            return refuse("ledger.corrupt", _url(self._ledger), message, hint)
        with self._lock:
            newest = self._views.get(scope)
            if newest is None or revision_of(newest) <= revision_of(view):
                self._views[scope] = view
        return view

    def _least_revision(self, scope: str, reference: str) -> int:
        """The revision that the scope had when it was last seen, also by a process before this one."""
        seen = self._views.get(scope)
        held = self._good.in_memory(reference)
        told = held.good.revision if held is not None and held.good.ledger == _url(self._ledger) else 0
        return max(told, revision_of(seen) if seen is not None else 0)

    def _turn(self, reference: str) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(reference, threading.Lock())

    def _on_grace(
        self, key: str, asked: Asked, load: Load, proof: Proof, denied: Verdict
    ) -> tuple[Verdict, tuple[Reason, ...]]:
        """What becomes of a denial for want of a ledger, where it has said yes to the same before."""
        if load.rule.offline_grace is None:
            return denied, ()
        question = asked.question
        held, problems = self._good.find(question.reference)
        if held is None or held.good.key != key or held.good.confirmed is None:
            return denied, tuple(reason.as_warning() for reason in problems)
        known = self._views.get(ledger_scope(asked.rule, question.kind, question.name))
        return on_grace(question, proof, load, denied, confirmed=held.good.confirmed, known=known), ()

    def _find(self, key: str, asked: Asked, view: View | Refused) -> _Found:
        proof = self._remembered(key)
        if proof is not None and proof.holds(asked.now, view):
            self._count("memory")
            return _Found(proof=proof)
        return self._flights.share(
            key, lambda: self._prove(key, asked, view), lambda found: self._will_do(found.proof, asked.now, view)
        )

    def _will_do(self, proof: Proof, now: datetime, view: View | Refused) -> bool:
        """Whether what another thread has found meanwhile answers the question; also that nothing could be found."""
        just_now = abs(now - proof.since) <= self._ages.denied
        return proof.holds(now, view) or (proof.verdict.undecided and just_now)

    def _prove(self, key: str, asked: Asked, view: View | Refused) -> _Found:
        proof = self._remembered(key)
        if proof is not None and proof.holds(asked.now, view):
            return _Found(proof=proof)
        if self._cache is None:
            self._count("proven")
            return self._remember(key, prove(asked, view, self._ages), ())
        with self._cache.turn(key):
            proof, problems = kept_finding(self._cache, key, asked)
            kept = proof is not None and proof.holds(asked.now, view)
            self._count("cache" if kept else "proven")
            if proof is None or not kept:
                proof = prove(asked, view, self._ages)
                problems += keep_finding(self._cache, key, proof, asked.now)
        return self._remember(key, proof, problems)

    def _remembered(self, key: str) -> Proof | None:
        with self._lock:
            proof = self._proofs.get(key)
            if proof is not None:
                self._proofs.move_to_end(key)
            return proof

    def _remember(self, key: str, proof: Proof, problems: tuple[Reason, ...]) -> _Found:
        if proof.since < proof.until:
            with self._lock:
                self._proofs[key] = proof
                self._proofs.move_to_end(key)
                if len(self._proofs) > _MAX_PROOFS:
                    self._proofs.popitem(last=False)
        return _Found(proof=proof, warnings=tuple(reason.as_warning() for reason in problems))


def _url(ledger: Ledger | Refused) -> str:
    return "" if isinstance(ledger, Refused) else ledger.url


def _warned(verdict: Verdict, warnings: tuple[Reason, ...]) -> Verdict:
    if not warnings:
        return verdict
    _, reasons = decide([outcome_of(verdict.reasons), Passed(reasons=warnings)])
    return replace(verdict, reasons=reasons)
