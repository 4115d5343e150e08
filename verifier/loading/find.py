"""What is found of one artifact whatever a ledger says, by its verdict or in full, and for how long that holds.

* a finding holds until the first moment at which a signer's validity begins or ends or a piece of evidence expires, and
  never longer than the caller believes anything
* a denial holds as briefly as the caller says, and none at all where something could not be decided
* what the organisation's rules said holds for the state of the scope that they saw, and for a minute

There is no verification logic here: whether a verdict counts is `engine.by_verdict`, everything else
`engine.examine`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from verifier.checks.vsa_version import stated_candidate
from verifier.core.clock import CLOCK_SKEW, INSTANT, shifted
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.outcome import Answer, Reason, reasons_of
from verifier.core.value import replace
from verifier.core.version import VERSION
from verifier.engine.by_verdict import VerdictRequest, finding_of, judge_vsa
from verifier.engine.finding import Finding
from verifier.engine.judged_vsa import JudgedVsa
from verifier.ledger.view import View
from verifier.loading.question import Ages, Asked
from verifier.trust.evaluate import freshness_of, ledger_scope, organisation_of
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionRule, VersionUnchecked
from verifier.versions.candidate import Candidate

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.engine.request import Request

_RULES_OF_ITS_OWN: Final = timedelta(minutes=1)
"""How long a finding is believed that the organisation's rules took part in: they may look at the time (`input.time`),
and nobody else knows at which."""


class Kept(Answer):
    """A finding with the time for which it holds: from `since` until just before `until`."""

    asks: ClassVar[str] = "its `finding.passes`"
    finding: Finding
    since: datetime
    until: datetime

    def holds(self, now: datetime, view: View) -> bool:
        """Whether finding it again would find the same."""
        return self.since <= now < self.until and self.finding.holds_for(view)


def find_out(asked: Asked, ages: Ages) -> Callable[[View], Kept]:
    """What finds, given a ledger's view, what `asked.question` asks; what no ledger has to do with is found once."""
    question = asked.question
    if question.verdict is None:
        return _in_full(asked, None, ages)
    judged, undecided = _by_verdict(asked, question.verdict, ages)
    # What is there and cannot be read to its end may be a denial.
    open_question = not undecided or SignatureRule.of(asked.rule).stray_attestations == "ignore"
    readable = not isinstance(asked.content, Refused)
    if question.fallback == "full" and readable and open_question and _may_be_replaced(judged.finding):
        return _in_full(asked, judged.finding, ages)
    return lambda _: judged


def request_of(asked: Asked) -> Request:
    """The question as one for a verification in full."""
    from verifier.engine.request import Request  # noqa: PLC0415 - the light path has no use for it
    from verifier.rego.built_in import BuiltInEngine  # noqa: PLC0415 - as above

    question = asked.question
    return Request(
        source=b"" if isinstance(asked.content, Refused) else asked.content,
        kind=question.kind,
        name=question.name,
        policy=asked.policy,
        now=asked.now,
        correlation_id="",
        resource_uri=question.expected_uri(asked.rule),
        attestations=question.attestations,
        whereabouts=question.whereabouts,
        rego=BuiltInEngine(folder=asked.compiled, tell=_nobody),
        judges=asked.judges,
    )


def _nobody(_: str) -> None:
    """What is not kept is compiled again: slower, and no less."""


def _by_verdict(asked: Asked, verdict: Document | Refused, ages: Ages) -> tuple[Kept, bool]:
    """What is found by the verdict, and whether that is there and could not be judged to its end."""
    request = _request(asked, verdict)
    judged = judge_vsa(request)
    candidate, wrong = _stated(asked, judged)
    found = finding_of(request, judged)
    found = replace(
        found,
        reasons=tuple(dict.fromkeys((*found.reasons, *wrong))),
        candidate=candidate,
        moments=tuple(_ends(asked.rule, found, candidate)),
        # Another verifier may not know the name that was asked about.
        subject=replace(found.subject, kind=asked.question.kind, name=asked.question.name),
    )
    return _kept(asked, found, found.moments, ages), judged.undecided


def _request(asked: Asked, verdict: Document | Refused) -> VerdictRequest:
    return VerdictRequest(
        document=verdict,
        digest=asked.content if isinstance(asked.content, Refused) else asked.digest or Digest.of(asked.content),
        content=None if isinstance(asked.content, Refused) else asked.content,
        resource_uri=asked.question.expected_uri(asked.rule),
        policy=asked.policy,
        now=asked.now,
        correlation_id="",
        levels=asked.question.levels,
        rule_digest=asked.rule_digest,
        max_age=_max_age(asked.rule),
        verifier_id=asked.verifier_id,
        verifier_version={"policy-verifier": VERSION},
    )


def _max_age(rule: ArtifactRule) -> timedelta | None:
    """Where versions are ordered, the ledger's rules judge freshness."""
    return freshness_of(rule) if isinstance(VersionRule.of(rule).order, VersionUnchecked) else None


def _stated(asked: Asked, judged: JudgedVsa) -> tuple[Candidate | None, tuple[Reason, ...]]:
    """The version that the verdict states, or what is wrong with it; a version of other bytes is not that of these."""
    if judged.summary is None or asked.digest is None:
        return None, ()
    if any(reason.code == "verdict.subject-mismatch" for each in judged.outcomes for reason in reasons_of(each)):
        return None, ()
    question = asked.question
    scope = ledger_scope(asked.rule, question.kind, question.name)
    try:
        candidate = stated_candidate(
            judged.summary, asked.rule, reference=question.reference, scope=scope, digest=asked.digest
        )
    except Refused as refusal:
        return None, refusal.reasons
    return candidate, tuple(_contradicted(asked, candidate))


def _contradicted(asked: Asked, candidate: Candidate | None) -> Iterator[Reason]:
    """That the verdict calls the bytes otherwise than they call themselves, where the rule looks for it there."""
    order = VersionRule.of(asked.rule).order
    if candidate is None or isinstance(order, VersionUnchecked) or isinstance(asked.content, Refused):
        return
    from verifier.loading.own_version import version_inside  # noqa: PLC0415 - only where versions are ordered

    own = version_inside(asked.content, order.source, limits=asked.policy.limits)
    if own is not None and own != candidate.version and _can_be_ordered(candidate):
        message = f"the verdict calls it {candidate.version[:80]}, and it calls itself {own[:80]} ({order.source})"
        yield Reason(code="version.disputed", subject=asked.question.reference, message=message)


def _can_be_ordered(candidate: Candidate) -> bool:
    """Whether it is a version at all: what is none is denied as that."""
    from verifier.versions.schemes import order_key  # noqa: PLC0415 - as above

    try:
        order_key(candidate.scheme, candidate.version)
    except ValueError:
        return False
    return True


def _may_be_replaced(found: Finding) -> bool:
    """Whether a verdict that does not count leaves the question open; a verifier's no answers it."""
    return not found.passes and all(reason.code != "verdict.failed" for reason in found.reasons)


def _ends(rule: ArtifactRule, found: Finding, candidate: Candidate | None) -> Iterator[datetime]:
    """When the verdict ends, and where versions are ordered the freshness of what was signed."""
    yield from found.moments
    longest = freshness_of(rule)
    if longest is not None and candidate is not None and candidate.signed_time is not None:
        yield shifted(candidate.signed_time, longest + INSTANT)


def _in_full(asked: Asked, refused: Finding | None, ages: Ages) -> Callable[[View], Kept]:
    """Verify as if there were no verdict; why the one that was `refused` did not count is kept as warnings."""
    from verifier.engine.examine import examine  # noqa: PLC0415 - the light path has no use for it
    from verifier.engine.request import unread  # noqa: PLC0415 - as above

    request = request_of(asked)
    if isinstance(asked.content, Refused):
        nothing = _kept(asked, unread(request, asked.rule, None, *asked.content.reasons), (), ages)
        return lambda _: nothing
    find, _ = examine(request, asked.rule)

    def found_for(view: View) -> Kept:
        found = find(view) if refused is None else _with_warnings(find(view), refused)
        return _kept(asked, found, found.moments, ages)

    return found_for


def _with_warnings(found: Finding, refused: Finding) -> Finding:
    told = (reason.as_warning() if reason.is_error else reason for reason in refused.reasons)
    reasons = tuple(dict.fromkeys((*found.reasons, *told)))
    inputs = tuple(dict.fromkeys((*found.inputs, *refused.inputs)))
    return replace(found, reasons=reasons, evidence=(*found.evidence, *refused.evidence), inputs=inputs)


def _kept(asked: Asked, found: Finding, expiries: tuple[datetime, ...], ages: Ages) -> Kept:
    return kept(found, expiries, ages, policy=asked.policy, rule=asked.rule, now=asked.now)


def kept(
    found: Finding,
    expiries: tuple[datetime, ...],
    ages: Ages,
    *,
    policy: TrustPolicy,
    rule: ArtifactRule,
    now: datetime,
) -> Kept:
    """The finding with the time in which nothing of it changes by itself; an empty one where nothing was decided.

    It begins before now, for callers whose clocks are honest and behind.
    """
    if found.undecided:
        return Kept(finding=found, since=now, until=now)
    longest = ages.passed if found.passes else ages.denied
    if organisation_of(rule):
        longest = min(longest, _RULES_OF_ITS_OWN)
    moments = (*_turning_points(policy), *expiries)
    begins = max((moment for moment in moments if moment <= now), default=shifted(now, -CLOCK_SKEW))
    ends = min((moment for moment in moments if moment > now), default=shifted(now, longest))
    return Kept(finding=found, since=max(begins, shifted(now, -CLOCK_SKEW)), until=min(ends, shifted(now, longest)))


def _turning_points(policy: TrustPolicy) -> Iterator[datetime]:
    """The moments at which a signer comes to be believed, or ceases to be."""
    for signer in policy.signers.values():
        if signer.not_before is not None:
            yield signer.not_before
        if signer.not_after is not None:
            yield shifted(signer.not_after, INSTANT)
