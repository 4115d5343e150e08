"""A verdict's version against what the ledger has accepted.

* a verdict below the high-water mark or a floor is a replay, however well it is signed
* content or a version that was withdrawn stays withdrawn, whatever a verdict says of it
* a verdict whose scope is not its artifact's is malformed: it would be compared with another artifact's history
* where a rule of the policy is at hand, it says how versions are ordered, and whether there must be one
"""

from __future__ import annotations

from datetime import datetime

from verifier.checks.version.relabelled import relabelled
from verifier.core.clock import parse_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.outcome import NotApplicable, Outcome, Reason, outcome_of
from verifier.core.value import replace
from verifier.formats.intoto.vsa import VerdictExtension, VerificationSummary
from verifier.ledger.view import View
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionRule, VersionUnchecked
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.rules import judge_version
from verifier.versions.schemes import Scheme
from verifier.versions.state import ScopeState


def check_vsa_version(
    claimed: VerdictExtension | None, view: View, *, scope: str, digest: Digest, now: datetime, subject: str
) -> Outcome:
    """Judge what a verdict `claimed` of the artifact with `digest` against the ledger's `view` of its `scope`."""
    if claimed is None or claimed.version is None:
        return _denied("version.missing", subject, "the verdict states no version that the ledger could be asked about")
    reference, state = f"{claimed.kind}:{claimed.name}", view.state
    if scope.partition("@")[0] != reference:
        return _denied("verdict.malformed", subject, f"it is about {reference}, and its ledger's scope is {scope!r}")
    if state is None:
        return NotApplicable(why="the ledger knows nothing of this scope")
    scheme = _scheme(state)
    if scheme is None:
        return _unordered(state, digest, subject)
    try:
        candidate = _candidate(claimed, claimed.version, scheme, digest)
    except ValueError as error:
        return _denied("version.unorderable", subject, f"it cannot be compared with the ledger: {error}")
    decision = judge_version(state, candidate, VersionRules(scheme=scheme), now=now, max_time_seen=view.max_time_seen)
    return outcome_of((*decision.reasons, *relabelled(candidate.version, scheme, digest, view)))


def stated_candidate(
    summary: VerificationSummary, rule: ArtifactRule, *, reference: str, scope: str, digest: Digest
) -> Candidate | None:
    """What the ledger is asked and told of an artifact that only its verdict describes; None where nothing is ordered.

    Refuses a verdict about another artifact or scope, and one without a version that the rule could order. Its
    newest trusted signed time is the verdict's own: a verifier has looked at the artifact then.
    """
    claimed = summary.extension
    if claimed is not None and f"{claimed.kind}:{claimed.name}" != reference:
        message = f"the verdict is about {claimed.kind}:{claimed.name}, the artifact is {reference}"
        raise refuse("verdict.subject-mismatch", "verdict", message)
    if claimed is not None and claimed.ledger is not None and claimed.ledger.scope != scope:
        message = f"its ledger's scope is {claimed.ledger.scope!r}, the policy's is {scope!r}"
        raise refuse("verdict.malformed", "verdict", message)
    order = VersionRule.of(rule).order
    if isinstance(order, VersionUnchecked):
        return None
    if claimed is None or claimed.version is None:
        message = f"the verdict states no version, and the rule of {reference} orders them"
        raise refuse("version.missing", "verdict", message)
    try:
        candidate = _candidate(claimed, claimed.version, Scheme(order.scheme), digest)
    except ValueError as error:
        raise refuse("version.unorderable", "verdict", f"it cannot be compared with a ledger: {error}") from error
    return candidate if candidate.signed_time else replace(candidate, signed_time=summary.time_verified)


def _candidate(claimed: VerdictExtension, version: str, scheme: Scheme, digest: Digest) -> Candidate:
    """What the ledger is asked; `ValueError` for an epoch or a digest that no ledger holds."""
    signed_time = parse_rfc3339(version) if scheme is Scheme.SIGNED_TIME else None
    return Candidate(version=version, scheme=scheme, digest=digest, epoch=claimed.epoch, signed_time=signed_time)


def _scheme(state: ScopeState) -> Scheme | None:
    """How the scope's versions are ordered; None where only content was withdrawn."""
    for known in (state.mark, state.floor, *state.quarantined_versions):
        if known is not None:
            return known.scheme
    return None


def _unordered(state: ScopeState, digest: Digest, subject: str) -> Outcome:
    if digest in state.quarantined_digests:
        return _denied("version.quarantined", subject, f"digest {digest} is quarantined")
    if digest.algorithm != "sha256":
        message = f"{digest} cannot be compared with the sha256 digests that are quarantined"
        return _denied("version.unorderable", subject, message)
    return NotApplicable(why="the ledger has accepted nothing in this scope")


def _denied(code: str, subject: str, message: str) -> Outcome:
    return outcome_of([Reason(code=code, subject=subject, message=message)])
