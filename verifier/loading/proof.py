"""What is found of one artifact before any ledger is asked, by its verdict or in full, and for how long that holds.

* a finding holds for one question: the same bytes, name, resource, levels, evidence, policy, keys and verifier
* it holds until the first moment at which a signer's validity begins or ends or a piece of evidence expires, and
  never longer than the caller believes anything
* a denial holds as briefly as the caller says, and none at all where something could not be decided
* what the organisation's rules said holds for the state of the scope that they saw, and for a minute

There is no verification logic here: whether a verdict counts is `verdicts`, everything else `engine`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

from verifier.checks.vsa_version import stated_candidate
from verifier.core.clock import CLOCK_SKEW, INSTANT, shifted
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import NotApplicable, Outcome, Passed, outcome_of
from verifier.core.value import Value, field, replace
from verifier.core.verdict import Verdict, decide
from verifier.core.version import VERSION
from verifier.engine.by_verdict import Judged, VerdictRequest, conclude, judge_summary
from verifier.ledger.interface import View
from verifier.trust.evaluate import ledger_scope
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.version import VersionUnchecked
from verifier.versions.candidate import Candidate

Fallback = Literal["deny", "full"]

_DOMAIN: Final = b"verifier/proof/v1"
_RULES_OF_ITS_OWN: Final = timedelta(minutes=1)
"""How long a finding is believed that the organisation's rules took part in: they may look at the time (`input.time`),
and nobody else knows at which."""


class Question(Value):
    """What is asked about an artifact, each time it is loaded.

    `resource_uri` is as the caller gave it, `location` where the bytes come from if neither the caller nor the policy
    says. Without a `verdict` the artifact is verified in full. What could not be read is its `Refused`.
    """

    kind: str
    name: str
    resource_uri: str = ""
    location: str
    verdict: Document | Refused | None
    levels: tuple[str, ...] = ()
    fallback: Fallback = "deny"
    attestations: tuple[Document | Refused, ...] = ()

    @property
    def reference(self) -> str:
        """`kind:name`, as a policy's rules and the ledger's scopes write it."""
        return f"{self.kind}:{self.name}"

    def expected_uri(self, rule: ArtifactRule) -> str:
        """The resource that a verdict must be for."""
        return self.resource_uri or rule.resource_uri or self.location


class Terms(Value):
    """What is demanded now of what was accepted earlier, on whatever terms that was."""

    resource_uri: str = ""
    levels: tuple[str, ...] = ()
    fallback: Fallback = "deny"
    by_verdict: bool

    def put_to(self, question: Question) -> Question:
        """The same question on these terms."""
        verdict = question.verdict if self.by_verdict else None
        if self.by_verdict and verdict is None:
            message = "what was accepted earlier came without a verdict, and one is asked for now"
            verdict = refuse("input.unreadable", question.reference, message)
        return replace(
            question, verdict=verdict, resource_uri=self.resource_uri, levels=self.levels, fallback=self.fallback
        )


class Asked(Value):
    """A question with what it is about and by whom it is answered; `content` may be why there is none."""

    question: Question
    content: bytes | Refused = field(repr=False)
    digest: Digest | None
    policy: TrustPolicy
    rule: ArtifactRule
    now: datetime
    verifier_id: str


class Ages(Value):
    """How long a finding is believed at most: one that allows, and one that denies."""

    passed: timedelta = timedelta(hours=24)
    denied: timedelta = timedelta(seconds=5)


class Proof(Value):
    """A finding: `verdict` is what there is to say without a ledger, `candidate` what it is to be asked about.

    `document` is the verdict that somebody else made, where one was given. `revision` is that of the scope which the
    organisation's rules saw, None where the policy has none. It holds from `since` until just before `until`.
    """

    verdict: Verdict
    candidate: Candidate | None
    document: Digest | None
    in_full: bool
    revision: int | None
    since: datetime
    until: datetime

    def holds(self, now: datetime, view: View | Refused) -> bool:
        """Whether finding it again would find the same. What a ledger cannot be asked about has not changed."""
        if not self.since <= now < self.until:
            return False
        return self.revision is None or isinstance(view, Refused) or self.revision == revision_of(view)


def proof_key(question: Question, digest: Digest, policy: TrustPolicy, rule: ArtifactRule, verifier_id: str) -> str:
    """SHA-256, in hex, over everything that a finding depends on but time and the ledger."""
    state = hashlib.sha256()
    texts = (question.kind, question.name, question.expected_uri(rule), question.fallback)
    for part in (*_parts(question, digest, policy, verifier_id), *_encoded(*texts, *question.levels)):
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.hexdigest()


def prove(asked: Asked, view: View | Refused, ages: Ages) -> Proof:
    """Find out what `asked.question` asks; never raises for what it reads."""
    question = asked.question
    if question.verdict is None:
        return _in_full(asked, view, None, ages)
    proof = _by_verdict(asked, question.verdict, ages)
    if question.fallback == "full" and not isinstance(asked.content, Refused) and _may_be_replaced(proof.verdict):
        return _in_full(asked, view, proof.verdict, ages)
    return proof


def revision_of(view: View) -> int:
    """How often the scope has changed; 0 where it does not exist."""
    return view.state.revision if view.state is not None else 0


def _parts(question: Question, digest: Digest, policy: TrustPolicy, verifier_id: str) -> Iterator[bytes]:
    # Another release may judge otherwise.
    yield from (_DOMAIN, VERSION.encode(), verifier_id.encode())
    yield from _encoded(*map(str, (digest, policy.digest, policy.trust_digest, len(question.attestations))))
    for document in (question.verdict, *question.attestations):
        if document is None:
            yield b"none"
        elif isinstance(document, Document):
            yield from (b"document", *_encoded(document.name), document.content)
        else:
            reasons = (f"{reason.code} {reason.subject} {reason.message}" for reason in document.reasons)
            yield from (b"refused", *_encoded("\n".join(reasons)))


def _encoded(*texts: str) -> Iterator[bytes]:
    return (text.encode("utf-8", "surrogatepass") for text in texts)


def _by_verdict(asked: Asked, verdict: Document | Refused, ages: Ages) -> Proof:
    request = _request(asked, verdict)
    judged = judge_summary(request)
    candidate, stated = _stated(asked, judged)
    found = conclude(request, judged, (*judged.outcomes, stated), None)
    # Another verifier may not know the name that was asked about.
    found = replace(found, subject=replace(found.subject, kind=asked.question.kind, name=asked.question.name))
    since, until = _window(asked, found, tuple(_expiries(asked.rule, judged)), ages)
    return Proof(
        verdict=found,
        candidate=candidate,
        document=Digest.of(verdict.content) if isinstance(verdict, Document) else None,
        in_full=False,
        revision=None,
        since=since,
        until=until,
    )


def _request(asked: Asked, verdict: Document | Refused) -> VerdictRequest:
    return VerdictRequest(
        document=verdict,
        digest=asked.content if isinstance(asked.content, Refused) else asked.digest or Digest.of(asked.content),
        resource_uri=asked.question.expected_uri(asked.rule),
        policy=asked.policy,
        now=asked.now,
        correlation_id="",
        levels=asked.question.levels,
        policy_digests=(asked.policy.digest,),
        max_age=_max_age(asked.rule),
        verifier_id=asked.verifier_id,
        verifier_version={"policy-verifier": VERSION},
    )


def _max_age(rule: ArtifactRule) -> timedelta | None:
    """Where versions are ordered, the ledger's rules judge freshness."""
    return rule.freshness if isinstance(rule.version, VersionUnchecked) else None


def _stated(asked: Asked, judged: Judged) -> tuple[Candidate | None, Outcome]:
    """The version that the verdict states, or what is wrong with it."""
    if judged.summary is None or asked.digest is None:
        return None, NotApplicable(why="there is no verdict that could state a version")
    if "verdict.subject-mismatch" in {reason.code for reason in decide(judged.outcomes)[1]}:
        return None, NotApplicable(why="a version that is stated of other bytes is not that of these")
    question = asked.question
    scope = ledger_scope(asked.rule, question.kind, question.name)
    try:
        candidate = stated_candidate(
            judged.summary, asked.rule, reference=question.reference, scope=scope, digest=asked.digest
        )
    except Refused as refusal:
        return None, outcome_of(refusal.reasons)
    return candidate, Passed()


def _may_be_replaced(found: Verdict) -> bool:
    """Whether a verdict that does not count leaves the question open; a verifier's no answers it."""
    return not found.passed and all(reason.code != "verdict.failed" for reason in found.reasons)


def _expiries(rule: ArtifactRule, judged: Judged) -> Iterator[datetime]:
    if judged.summary is None:
        return
    extension, longest, made = judged.summary.extension, _max_age(rule), judged.summary.time_verified
    if extension is not None and extension.expires is not None:
        yield extension.expires
    if longest is not None and made is not None:
        yield shifted(made, longest + INSTANT)


def _in_full(asked: Asked, view: View | Refused, refused: Verdict | None, ages: Ages) -> Proof:
    """Verify as if there were no verdict; why the one that was `refused` did not count is kept as warnings."""
    from verifier.engine.facade import default_engine  # noqa: PLC0415 - as above
    from verifier.engine.recipe import Request, examine  # noqa: PLC0415 - the light path has no use for it

    question, seen = asked.question, None if isinstance(view, Refused) else view
    if isinstance(asked.content, Refused):
        return replace(_by_verdict(asked, asked.content, ages), in_full=True)  # which says why, and nothing else
    request = Request(
        source=asked.content,
        kind=question.kind,
        name=question.name,
        policy=asked.policy,
        now=asked.now,
        correlation_id="",
        resource_uri=question.expected_uri(asked.rule),
        attestations=question.attestations,
        rego=default_engine(asked.policy),
        verifier_id=asked.verifier_id,
        verifier_version={"policy-verifier": VERSION},
    )
    examination = examine(request, seen)
    found = examination.verdict if refused is None else _with_warnings(examination.verdict, refused)
    since, until = _window(asked, found, examination.moments, ages)
    return Proof(
        verdict=found,
        candidate=examination.candidate,
        document=None,
        in_full=True,
        revision=revision_of(seen) if asked.rule.organisation and seen is not None else None,
        since=since,
        until=until,
    )


def _with_warnings(found: Verdict, refused: Verdict) -> Verdict:
    told = (reason.as_warning() if reason.is_error else reason for reason in refused.reasons)
    _, reasons = decide([outcome_of([*found.reasons, *told])])
    return replace(found, reasons=reasons, evidence=(*found.evidence, *refused.evidence))


def _window(asked: Asked, found: Verdict, expiries: tuple[datetime, ...], ages: Ages) -> tuple[datetime, datetime]:
    """From when until when nothing that was found changes by itself; an empty time where nothing was decided.

    It begins before now, for callers whose clocks are honest and behind.
    """
    now = asked.now
    if found.undecided:
        return now, now
    longest = ages.passed if found.passed else ages.denied
    if asked.rule.organisation:
        longest = min(longest, _RULES_OF_ITS_OWN)
    moments = (*_turning_points(asked.policy), *expiries)
    begins = max((moment for moment in moments if moment <= now), default=shifted(now, -CLOCK_SKEW))
    ends = min((moment for moment in moments if moment > now), default=shifted(now, longest))
    return max(begins, shifted(now, -CLOCK_SKEW)), min(ends, shifted(now, longest))


def _turning_points(policy: TrustPolicy) -> Iterator[datetime]:
    """The moments at which a signer comes to be believed, or ceases to be."""
    for signer in policy.signers.values():
        if signer.not_before is not None:
            yield signer.not_before
        if signer.not_after is not None:
            yield shifted(signer.not_after, INSTANT)
