"""Loads artifacts under one policy, over and over: what was proven is not proven again, what can change is asked.

* a finding is made once for each question, however many threads and processes ask it, and made again once it does
  not hold any more (`loading.find`): a signer's end, an expiry, another policy or key, a bound on its age
* the ledger is asked every time: a floor, a quarantine, a newer version elsewhere binds at the next load
* an acceptance is written before anything is handed on; one that the ledger knows is not written again for a minute
* what was last accepted under a name can be had at any time, judged again at that time: `standing`
* a ledger that knows less of a name than it did was put back, and is not believed (`ledger.corrupt`)
* without its ledger it hands on nothing but what the policy's `offline_grace` allows (`loading.grace`)
* a cache on disk (`loading.cache`) lets the last good survive a restart; no answer depends on it, and what is wrong
  with it is a warning wherever the bytes are at hand

A policy never changes: a new one is a new `Loader`, over the same cache.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import replace
from verifier.core.verdict import PolicyReference, Subject, Verdict
from verifier.engine.finding import Finding
from verifier.engine.settle import look, settle
from verifier.engine.situation import Recording, Situation, require_aware
from verifier.engine.verification import Verification, handed_on, required
from verifier.ledger.absent import NoLedger, ledger_of
from verifier.ledger.interface import Ledger
from verifier.ledger.view import NOT_CONSULTED, View
from verifier.loading.again import Judged, judged
from verifier.loading.cache.store import Cache
from verifier.loading.find import find_out
from verifier.loading.findings import KeptFindings, Sought, Source
from verifier.loading.grace import on_grace, only_unavailable
from verifier.loading.last_good import LastGood
from verifier.loading.preload import question_of, read, settle_without_rule, situation, under_rule
from verifier.loading.question import Ages, Asked, Fallback, Question, Terms, question_key
from verifier.trust.effective import rule_digest
from verifier.trust.evaluate import ledger_scope, offline_grace_of, organisation_of, rule_for
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.rego.interface import RuleEngine
    from verifier.sources.chain import Whereabouts


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
        judges: Mapping[str, RuleEngine] | None = None,
    ) -> None:
        """`count` is told where each finding came from; `judges` is as in `engine.request.Request`."""
        self._judges = judges or {}
        self._policy, self._ledger = policy, ledger_of(ledger)
        self._actor, self._verifier_id = actor, verifier_id
        self._compiled = cache.compiled if cache is not None else None
        self._ages = cache.ages if cache is not None else Ages()
        self._lock = threading.Lock()
        self._findings = KeptFindings(cache, self._ages, count)
        self._turns: dict[str, threading.Lock] = {}
        self._good = LastGood(cache)
        self._views: dict[str, View] = {}
        self._judged: dict[str, Judged | None] = {}
        self._rules: dict[int, Digest] = {}
        self._asked_at = datetime.min.replace(tzinfo=UTC)

    @property
    def policy(self) -> TrustPolicy:
        """What everything is judged by; it never changes."""
        return self._policy

    @property
    def ledger_url(self) -> str:
        """Which ledger is asked; "" where there is none, or none could be opened."""
        return self._ledger.url

    def load(  # noqa: PLR0913 - keyword-only, as `preload`
        self,
        artifact: bytes | Path | Refused,
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
        whereabouts: Whereabouts | None = None,
        record: bool = True,
    ) -> Verification:
        """Decide as `preload` does; without a `verdict` the artifact is verified in full.

        `whereabouts` is where the bytes came from, with the evidence that lay there: the loader asks nobody for it.
        """
        question = question_of(
            artifact,
            verdict,
            kind=kind,
            name=name,
            resource_uri=resource_uri,
            levels=levels,
            fallback=fallback,
            attestations=attestations,
            whereabouts=whereabouts,
        )
        require_aware(now)
        alone = self._alone(question, Recording.NEWS if record else Recording.NOT, now, correlation_id)
        rule = rule_for(self._policy, kind, name)
        if rule is None:
            return handed_on(settle_without_rule(question, artifact, self._policy, alone), None)
        content, digest = read(artifact, self._policy)
        asked = self._asked(question, content, digest, rule, now)
        return self._decide(asked, alone)

    require = required(load)
    """The verified bytes of what `load` accepts; raises `Denied` for what it does not. Takes the same."""

    def standing(
        self, *, kind: str = "bundle", name: str, now: datetime, correlation_id: str, terms: Terms | None = None
    ) -> Verification | None:
        """What was last accepted under this name, judged again now; None where nothing was.

        It is judged on these `terms`, by default on those that it was accepted on: a cache outlives a configuration.
        Nothing is written, but where the ledger does not know of the acceptance any more. What only the cache had and
        has lost is a denial.
        """
        require_aware(now)
        reference = f"{kind}:{name}"
        again = self._again(reference, terms, now)
        if again is not None:
            return again
        held, problems = self._good.find(reference)
        if held is None:
            return self._lost(kind, name, problems, now, correlation_id)
        question, rule = held.good.question, rule_for(self._policy, kind, name)
        if rule is None:
            alone = self._alone(question, Recording.QUIETLY, now, correlation_id)
            return handed_on(settle_without_rule(question, held.content, self._policy, alone), None)
        if terms is not None:
            question = terms.put_to(question)
        asked = self._asked(question, held.content, held.good.digest, rule, now)
        # What this loader has accepted need not be hashed again; what another one left on disk, once.
        key = held.good.key if held.revision is not None and question == held.good.question else None
        alone = self._alone(question, Recording.QUIETLY, now, correlation_id)
        standing = self._decide(asked, alone, key=key)
        newest = self._good.in_memory(reference)
        if standing.verified is None and newest is not None and newest.good.key != held.good.key:
            # Something newer was accepted meanwhile, which is why this one was refused.
            return self.standing(kind=kind, name=name, now=now, correlation_id=correlation_id, terms=terms)
        if newest is not None and not organisation_of(rule):
            kept = self._findings.remembered(newest.good.key)
            self._judged[reference] = judged(standing, asked=asked, terms=terms, held=newest, kept=kept)
        return standing

    def _again(self, reference: str, terms: Terms | None, now: datetime) -> Verification | None:
        """The judgement of a moment ago, where the ledger says now what it said then and nothing else is different."""
        last = self._judged.get(reference)
        if last is None or self._newest(now) != now:  # a clock that went back is for the whole judgement
            return None
        if not last.may_stand(self._good.in_memory(reference), terms, now):
            return None
        if self._look(last.asked) != last.view:
            return None
        return last.standing if self._good.in_memory(reference) is last.held else None

    def _asked(
        self, question: Question, content: bytes | Refused, digest: Digest | None, rule: ArtifactRule, now: datetime
    ) -> Asked:
        return Asked(
            question=question,
            content=content,
            digest=digest,
            policy=self._policy,
            rule=rule,
            rule_digest=self._rule_digest(rule),
            now=now,
            verifier_id=self._verifier_id,
            judges=self._judges,
            compiled=self._compiled,
        )

    def _rule_digest(self, rule: ArtifactRule) -> Digest:
        """The digest of the effective rule, made once: a policy never changes."""
        known = self._rules.get(id(rule))
        if known is None:
            known = self._rules[id(rule)] = rule_digest(self._policy, rule)
        return known

    def _alone(self, question: Question, recording: Recording, now: datetime, correlation_id: str) -> Situation:
        return situation(
            question,
            self._ledger,
            recording,
            now=now,
            correlation_id=correlation_id,
            actor=self._actor,
            verifier_id=self._verifier_id,
        )

    def _lost(
        self, kind: str, name: str, problems: tuple[Reason, ...], now: datetime, correlation_id: str
    ) -> Verification | None:
        """The denial of what only the cache had; None where nothing was wrong, and nothing there."""
        if not any(problem.is_error for problem in problems):
            return None
        question = Question(kind=kind, name=name, location=f"{kind}:{name}", verdict=None)
        found = Finding(
            subject=Subject(kind=kind, name=name, resource_uri=question.location, digest=None),
            reasons=problems,
            policy=PolicyReference(uri=self._policy.id, digest=self._policy.digest),
        )
        alone = replace(self._alone(question, Recording.NEVER, now, correlation_id), ledger=NoLedger())
        return handed_on(settle(lambda _: found, alone), None)

    def _decide(self, asked: Asked, alone: Situation, *, key: str | None = None) -> Verification:
        """What is found of it, what the ledger says of that, and what is remembered."""
        reference, quietly = asked.question.reference, alone.recording is Recording.QUIETLY
        situation = replace(under_rule(alone, asked), newest=self._newest(asked.now))
        if asked.digest is None:
            find = find_out(asked, self._ages)
            return handed_on(settle(lambda view: find(view).finding, situation), asked.content)
        _, lost = self._good.find(reference)  # what a process before this one has accepted
        key = key or question_key(asked)
        finding = self._findings.upon(key, asked)
        finding.look(self._seen(asked) if organisation_of(asked.rule) else NOT_CONSULTED)
        # What the ledger accepted last must be what is remembered last.
        turn = self._turn(reference)
        if not turn.acquire(blocking=not quietly):
            passing = self._in_passing(key, asked, situation, finding)
            if passing is not None:
                return handed_on(_warned(passing, finding.warnings), asked.content)
            turn.acquire()
        try:
            verdict, warnings = self._settle(key, asked, situation, finding)
        finally:
            turn.release()
        warnings += self._good.tell(reference, asked.rule, asked.now)
        warnings += tuple(reason.as_warning() for reason in lost)
        return handed_on(_warned(verdict, finding.warnings + warnings), asked.content)

    def _newest(self, now: datetime) -> datetime:
        """The newest time of all questions, which is now if the clock is right."""
        with self._lock:
            self._asked_at = max(self._asked_at, now)
            return self._asked_at

    def _in_passing(self, key: str, asked: Asked, situation: Situation, finding: Sought) -> Verdict | None:
        """What plainly stands, while another thread has its turn, in which it may wait for the ledger; else None."""
        said, held = self._look(asked), self._good.in_memory(asked.question.reference)
        if isinstance(said, Refused) or held is None or (held.good.key, held.revision) != (key, said.revision):
            return None
        verdict = settle(finding.look, replace(situation, ask=lambda: said, told=said.revision))
        return verdict if verdict.passed else None

    def _settle(
        self, key: str, asked: Asked, situation: Situation, finding: Sought
    ) -> tuple[Verdict, tuple[Reason, ...]]:
        question, said = asked.question, list[View | Refused]()

        def ask() -> View | Refused:
            said.append(self._look(asked))
            return said[-1]

        held = self._good.in_memory(question.reference)
        told = held.revision if held is not None and held.good.key == key else None
        verdict = settle(finding.look, replace(situation, ask=ask, told=told))
        if verdict.passed and situation.recording is not Recording.NOT:
            self._good.accept(key, asked, said[-1], verdict)
        elif not verdict.passed and (isinstance(said[-1], Refused) or only_unavailable(verdict)):
            return self._on_grace(key, asked, situation, finding, verdict)
        elif not verdict.passed:
            self._good.withdraw(key, question.reference)
        return verdict, ()

    def _seen(self, asked: Asked) -> View:
        said = self._look(asked)
        return NOT_CONSULTED if isinstance(said, Refused) else said

    def _look(self, asked: Asked) -> View | Refused:
        """What the ledger says now of the scope; the newest of it is remembered."""
        scope = ledger_scope(asked.rule, asked.question.kind, asked.question.name)
        least = self._least_revision(scope, asked.question.reference)  # before it is asked: others go on meanwhile
        view = look(self._ledger, scope)
        if isinstance(view, Refused):
            return view
        if view.revision < least:
            message = f"has seen {view.revision} changes of {scope} and had seen {least}: an older copy was put back"
            hint = "Import the newest export; or remove the cache and restart, to go on from the older copy."
            return refuse("ledger.corrupt", self._ledger.url, message, hint)
        with self._lock:
            newest = self._views.get(scope)
            if newest is None or newest.revision <= view.revision:
                self._views[scope] = view
        return view

    def _least_revision(self, scope: str, reference: str) -> int:
        """The revision that the scope had when it was last seen, also by a process before this one."""
        seen = self._views.get(scope)
        held = self._good.in_memory(reference)
        told = held.good.revision if held is not None and held.good.ledger == self._ledger.url else 0
        return max(told, seen.revision if seen is not None else 0)

    def _turn(self, reference: str) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(reference, threading.Lock())

    def _on_grace(
        self, key: str, asked: Asked, situation: Situation, finding: Sought, denied: Verdict
    ) -> tuple[Verdict, tuple[Reason, ...]]:
        """What becomes of a denial for want of a ledger, where it has said yes to the same before."""
        if offline_grace_of(asked.rule) is None:
            return denied, ()
        held, problems = self._good.find(asked.question.reference)
        if held is None or held.good.key != key or held.good.confirmed is None:
            return denied, tuple(reason.as_warning() for reason in problems)
        known, found = self._views.get(situation.scope), finding.look(NOT_CONSULTED)
        return on_grace(asked, found, situation, denied, confirmed=held.good.confirmed, known=known), ()


def _warned(verdict: Verdict, warnings: tuple[Reason, ...]) -> Verdict:
    """Nearly always there is nothing to say, and nothing to be made anew."""
    return verdict.with_warnings(warnings) if warnings else verdict
