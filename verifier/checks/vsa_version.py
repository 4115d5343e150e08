"""A verdict's version against what the ledger has accepted.

* a verdict below the high-water mark or a floor is a replay, however well it is signed
* content or a version that was withdrawn stays withdrawn, whatever a verdict says of it
* it is compared with the history that the consumer says, never with one that the verdict picks; a verdict that was made
  over another one is about another artifact
* where the ledger knows nothing of that, nothing can be compared: a denial
* where a rule of the policy is at hand, it says how versions are ordered, and whether there must be one
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from verifier.checks.version.relabelled import relabelled
from verifier.core.clock import parse_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
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
    claimed: VerdictExtension | None,
    view: View,
    *,
    scope: str,
    digest: Digest,
    now: datetime,
    subject: str,
    reference: str = "",
) -> Outcome:
    """Judge what a verdict `claimed` of the artifact with `digest` against the ledger's `view` of `scope`.

    The consumer calls the artifact `reference`, where it says so: one of whatever name may belong to its scope.
    """
    if claimed is None or claimed.version is None:
        return _denied("version.missing", subject, "the verdict states no version that the ledger could be asked about")
    if (theirs := _scope_of(claimed, scope, reference)) != scope:
        return _denied("verdict.scope-mismatch", subject, f"it belongs to the scope {theirs!r}, expected {scope!r}")
    if (state := view.state) is None:
        return _denied("ledger.scope-unknown", scope, "the ledger knows nothing of it, so nothing can be compared")
    scheme = _scheme(state)
    if scheme is None:
        return _unordered(state, (digest, *(() if claimed.index is None else (claimed.index,))), subject)
    try:
        candidate = _candidate(claimed, claimed.version, scheme, digest)
    except ValueError as error:
        return _denied("version.unorderable", subject, f"it cannot be compared with the ledger: {error}")
    decision = judge_version(state, candidate, VersionRules(scheme=scheme), now=now, max_time_seen=view.max_time_seen)
    return outcome_of((*decision.reasons, *relabelled(candidate.version, scheme, candidate.digest, view)))


def stated_candidate(
    summary: VerificationSummary, rule: ArtifactRule, *, reference: str, scope: str, digest: Digest
) -> Candidate | None:
    """What the ledger is asked and told of an artifact that only its verdict describes; None where nothing is ordered.

    Refuses a verdict about another artifact or scope, and one without a version that the rule could order. Its
    newest trusted signed time is the verdict's own: a verifier has looked at the artifact then.
    """
    claimed = summary.extension
    if claimed is not None and (misplaced := tuple(_misplaced(claimed, reference, scope))):
        raise Refused(*misplaced)
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


def _misplaced(claimed: VerdictExtension, reference: str, scope: str) -> Iterator[Reason]:
    if f"{claimed.kind}:{claimed.name}" != reference:
        message = f"the verdict is about {claimed.kind}:{claimed.name}, the artifact is {reference}"
        yield Reason(code="verdict.subject-mismatch", subject="verdict", message=message)
    if (theirs := _scope_of(claimed, scope, reference)) != scope:
        message = f"it belongs to the scope {theirs!r}, expected {scope!r}"
        yield Reason(code="verdict.scope-mismatch", subject="verdict", message=message)


def _scope_of(claimed: VerdictExtension, scope: str, asked: str) -> str:
    """The scope that a verdict was made over; where it was over none, `scope` if that can be its artifact's.

    It is that of the artifact that was `asked` about, whose rule says its scope.
    """
    if claimed.ledger is not None:
        return claimed.ledger.scope
    reference = f"{claimed.kind}:{claimed.name}"
    return scope if reference in {asked, scope.partition("@")[0]} else reference


def _candidate(claimed: VerdictExtension, version: str, scheme: Scheme, digest: Digest) -> Candidate:
    """What the ledger is asked; `ValueError` for an epoch or a digest that no ledger holds."""
    signed_time = parse_rfc3339(version) if scheme is Scheme.SIGNED_TIME else None
    return Candidate(
        version=version,
        scheme=scheme,
        digest=claimed.index or digest,
        epoch=claimed.epoch,
        signed_time=signed_time,
        others=() if claimed.index is None else (digest,),
    )


def _scheme(state: ScopeState) -> Scheme | None:
    """How the scope's versions are ordered; None where only content was withdrawn."""
    for known in (state.mark, state.floor, *state.quarantined_versions):
        if known is not None:
            return known.scheme
    return None


def _unordered(state: ScopeState, digests: tuple[Digest, ...], subject: str) -> Outcome:
    withdrawn = next((each for each in digests if each in state.quarantined_digests), None)
    if withdrawn is not None:
        return _denied("version.quarantined", subject, f"digest {withdrawn} is quarantined")
    if (other := next((each for each in digests if each.algorithm != "sha256"), None)) is not None:
        message = f"{other} cannot be compared with the sha256 digests that are quarantined"
        return _denied("version.unorderable", subject, message)
    return NotApplicable(why="the ledger has accepted nothing in this scope")


def _denied(code: str, subject: str, message: str) -> Outcome:
    return outcome_of([Reason(code=code, subject=subject, message=message)])
