"""The recipe of a verification, in eight numbered steps. Start reading here.

* data goes one way: reference, artifact, evidence, checks, verdict, ledger, and only then the bytes
* whatever cannot be decided is a FAILED verdict with its own reason code; an exception is never a pass
* the bytes that are handed on are the bytes that were hashed
* the clock is read by the caller, once
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.checks import freshness
from verifier.checks.provenance.check import established_level
from verifier.checks.table import CHECKS
from verifier.checks.version import check as version
from verifier.checks.version.check import candidate_of
from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import CouldNotCheck, NotApplicable, Outcome, Passed, Reason
from verifier.core.value import Value, field, replace
from verifier.core.verdict import (
    MONOTONIC_LEVEL,
    Decision,
    EvidenceItem,
    PolicyReference,
    Settlement,
    Subject,
    Verdict,
    decide,
)
from verifier.engine.evidence import gather
from verifier.engine.organisation import analyse_modules, judge_organisation
from verifier.evidence.inspection import Inspection
from verifier.kinds.bundle.artifact import Bundle
from verifier.kinds.file.artifact import known_by
from verifier.kinds.table import READERS, Reading
from verifier.sources.content import Remote, location, read_content
from verifier.trust.evaluate import ledger_scope, rule_for
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger, View
    from verifier.rego.interface import RegoEngine
    from verifier.versions.candidate import Candidate

SIGNED_LEVEL = "POLICY_VERIFIER_SIGNED"
"""A `verifiedLevels` value of ours: the policy's threshold of signers was met."""

_PATTERNS_SHOWN = 5

_LONGEST_VERSION = 256
"""Characters of a version that a verdict repeats: none that can be ordered has more (`ledger.versions`)."""


class Request(Value):
    """One question: may this artifact be used?

    `kind` is a key of `artifacts.readers.READERS`: "bundle", or "artifact" for any file. `source` is its bytes, a path
    to it (for a bundle also to a directory), what fetches it, or for any file its digest. `attestations` are
    documents, or why one could not be read. `ledger` is the store to consult, or why it could not be opened, or None
    where none is to be consulted; with `record`, the decision is written into it, and an acceptance that could not
    be is none. `rego` analyses modules where the policy asks about them. `now` is aware. `resource_uri` is where a
    consumer fetches the artifact: by default the policy's, else the file's own.
    """

    source: bytes | Path | Remote | Digest
    kind: str = "bundle"
    name: str
    policy: TrustPolicy
    now: datetime
    correlation_id: str
    resource_uri: str = ""
    attestations: tuple[Document | Refused, ...] = ()
    ledger: Ledger | Refused | None = None
    record: bool = False
    rego: RegoEngine | None = None
    verifier_id: str = ""
    verifier_version: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.record and self.ledger is None:
            raise ConfigurationError("there is no ledger to record in", where="record")
        if self.kind not in READERS or (isinstance(self.source, Digest) and self.kind != "artifact"):
            raise ConfigurationError(
                f"a {self.kind} cannot be verified from a {type(self.source).__name__}", where="kind"
            )
        if self.now.tzinfo is None:
            raise ConfigurationError("a time needs its offset", where="now")


class Verification(Value):
    """The verdict and, where it is PASSED, the verified bytes: load these, never a path."""

    verdict: Verdict
    content: bytes | None = field(default=None, repr=False)


class Examination(Value):
    """What an artifact is worth before a ledger is asked: the verdict so far, and what there is to ask of a ledger.

    `candidate` is None where the rule orders nothing, and where the verdict is FAILED for want of a version. At each
    of the `moments` some piece of the evidence ceases to count.
    """

    verdict: Verdict
    candidate: Candidate | None = None
    moments: tuple[datetime, ...] = ()


def verify_artifact(request: Request) -> Verification:
    """Verify an artifact; never raises for what it reads."""
    read = _read(request)
    return read if isinstance(read, Verification) else _judge(request, *read)


def examine(request: Request, view: View | None) -> Examination:
    """Steps 1 to 6, for whoever asks the ledger about the same artifact again and again.

    The organisation's rules see `view`; all else that is found holds whatever the ledger says. Never raises for what
    it reads.
    """
    read = _read(request)
    if isinstance(read, Verification):
        return Examination(verdict=read.verdict)
    alone, items = _inspect(request, *read)
    inspection = replace(alone, ledger=view)
    candidate, found = candidate_of(inspection), _check(request, inspection)
    # What the ledger has to do with is left to whoever asks it.
    found[freshness.NAME] = freshness.check(alone)
    if candidate is None:
        found[version.NAME] = version.check(alone)
    else:
        del found[version.NAME]
    decision, reasons = decide(found.values())
    moments = tuple(inspection.evidence.ends(inspection.rule.freshness))
    verdict = replace(
        _verdict(request, decision, reasons, _subject(inspection)),
        evidence=items,
        levels=_levels(Settlement(decision=decision), inspection),
        dependency_levels=_dependency_levels(inspection),
    )
    return Examination(verdict=verdict, candidate=candidate, moments=moments)


def _read(request: Request) -> tuple[ArtifactRule, Artifact] | Verification:
    # 1. Whom do we believe about this artifact? Without a rule nothing else is looked at.
    rule = rule_for(request.policy, request.kind, request.name)
    if rule is None:
        return _unread(request, _resource_uri(request, None), None, *_without_rule(request))

    # 2. One strict reading, for the digest and for the meaning (docs/bundle-reading.md).
    uri = _resource_uri(request, rule)
    content: bytes | None = None
    try:
        if isinstance(request.source, Digest):
            return rule, known_by(request.source, name=request.name, resource_uri=uri)
        content = read_content(request.source, limits=request.policy.limits)
        reading = Reading(name=request.name, resource_uri=uri, limits=request.policy.limits, mode=rule.mode)
        artifact = READERS[request.kind](content, reading)
    except Refused as refusal:
        return _unread(request, uri, Digest.of(content) if content is not None else None, *refusal.reasons)
    return rule, artifact


def _without_rule(request: Request) -> Iterator[Reason]:
    reference, patterns = f"{request.kind}:{request.name}", [rule.pattern for rule in request.policy.artifacts]
    listed = ", ".join(patterns[:_PATTERNS_SHOWN]) + (", ..." if len(patterns) > _PATTERNS_SHOWN else "")
    message = f"no [artifacts] pattern of {request.policy.id} matches {reference}; it has {listed or 'none'}"
    yield Reason(code="trust.no-policy", subject=reference, message=message)
    # Where nobody names the artifact, its path does: a mistyped path is a name without a rule as well.
    if isinstance(request.source, Path) and not os.path.lexists(request.source):
        yield Reason(code="input.unreadable", subject=str(request.source), message="there is no such file")


def _judge(request: Request, rule: ArtifactRule, artifact: Artifact) -> Verification:
    # 3. Who has signed it, who has built it? Only signature back ends can say so, and only of allowed signers.
    inspection, items = _inspect(request, rule, artifact)

    # 4. What has the ledger seen in this scope? Reading never advances it.
    scope = ledger_scope(rule, artifact.kind, artifact.name)
    view, consulted = _consult(request.ledger, scope)
    inspection = replace(inspection, ledger=view)

    # 5. The checks: pure functions of what was gathered; then the organisation's own rules over all of it.
    outcomes = [consulted, *_check(request, inspection).values()]

    # 6. The one place where outcomes become a decision.
    decision, reasons = decide(outcomes)

    # 7. Record it. Whoever loses a race against another verifier is judged again, against what the other accepted.
    settlement = _settle(request, inspection, scope, decision, reasons)
    if settlement.reasons:
        _, reasons = decide([*outcomes, _as_outcome(settlement)])

    # 8. What was verified is what is handed on.
    verdict = replace(
        _verdict(request, settlement.decision, reasons, _subject(inspection)),
        evidence=items,
        levels=_levels(settlement, inspection),
        dependency_levels=_dependency_levels(inspection),
        ledger=settlement.trace,
    )
    handed_on = verdict.passed and not isinstance(request.source, Digest)
    return Verification(verdict=verdict, content=artifact.content if handed_on else None)


def _inspect(request: Request, rule: ArtifactRule, artifact: Artifact) -> tuple[Inspection, tuple[EvidenceItem, ...]]:
    """All that a check may look at, but for the ledger."""
    policy = request.policy
    evidence, items = gather(artifact, request.attestations, rule=rule, policy=policy, now=request.now)
    if isinstance(artifact, Bundle) and evidence.signers:
        # What nobody has signed is denied whatever it calls: a stranger's text is not given to a compiler.
        evidence = replace(evidence, analyses=analyse_modules(artifact, rule, request.rego))
    inspection = Inspection(
        artifact=artifact,
        rule=rule,
        evidence=evidence,
        ledger=None,
        now=request.now,
        limits=policy.limits,
        builders={builder.name: builder for builder in policy.builders},
    )
    return inspection, items


def _check(request: Request, inspection: Inspection) -> dict[str, Outcome]:
    """What each check says, by its name, in the order of a report."""
    found = {name: check(inspection) for name, check in CHECKS}
    scope = ledger_scope(inspection.rule, inspection.artifact.kind, inspection.artifact.name)
    subject, before = _subject(inspection), list(found.values())
    found["organisation"] = judge_organisation(
        inspection, before, request.policy, request.rego, subject=subject, scope=scope
    )
    return found


def _consult(ledger: Ledger | Refused | None, scope: str) -> tuple[View | None, Outcome]:
    if ledger is None:
        return None, NotApplicable(why="no ledger was to be consulted")
    if isinstance(ledger, Refused):
        return None, CouldNotCheck(reasons=ledger.reasons)
    try:
        return ledger.fetch(scope), Passed()
    except Refused as refusal:
        return None, CouldNotCheck(reasons=refusal.reasons)


def _settle(
    request: Request, inspection: Inspection, scope: str, decision: Decision, reasons: tuple[Reason, ...]
) -> Settlement:
    ledger = request.ledger
    if ledger is None or isinstance(ledger, Refused):
        return Settlement(decision=decision)
    from verifier.engine.recording import settle, unrecorded  # noqa: PLC0415 - only where there is a ledger

    if not request.record:
        return unrecorded(ledger, inspection, decision, scope=scope)
    return settle(
        ledger,
        inspection,
        decision,
        reasons,
        scope=scope,
        policy=request.policy.digest,
        correlation_id=request.correlation_id,
    )


def _as_outcome(settlement: Settlement) -> Outcome:
    if settlement.decision is Decision.PASSED:
        return Passed(reasons=settlement.reasons)
    return CouldNotCheck(reasons=settlement.reasons)


def _unread(request: Request, uri: str, digest: Digest | None, *reasons: Reason) -> Verification:
    subject = Subject(kind=request.kind, name=request.name, resource_uri=uri, digest=digest)
    decision, ordered = decide([CouldNotCheck(reasons=reasons)])
    return Verification(verdict=_verdict(request, decision, ordered, subject))


def _verdict(request: Request, decision: Decision, reasons: tuple[Reason, ...], subject: Subject) -> Verdict:
    return Verdict(
        decision=decision,
        subject=subject,
        reasons=reasons,
        policy=PolicyReference(uri=request.policy.id, digest=request.policy.digest),
        time_verified=request.now,
        correlation_id=request.correlation_id,
        levels=("FAILED",) if decision is Decision.FAILED else (),
        verifier_id=request.verifier_id,
        verifier_version=request.verifier_version,
    )


def _subject(inspection: Inspection) -> Subject:
    artifact, candidate = inspection.artifact, candidate_of(inspection)
    state = inspection.ledger.state if inspection.ledger else None
    return Subject(
        kind=artifact.kind,
        name=artifact.name,
        resource_uri=artifact.resource_uri,
        digest=artifact.digest,
        version=candidate.version[:_LONGEST_VERSION] if candidate else None,
        epoch=(state.epoch if state else 0) if candidate else None,
    )


def _levels(settlement: Settlement, inspection: Inspection) -> tuple[str, ...]:
    if settlement.decision is Decision.FAILED:
        return ("FAILED",)
    build = established_level(inspection)
    levels = [SIGNED_LEVEL] if build is None else [f"SLSA_BUILD_LEVEL_{build}", SIGNED_LEVEL]
    recorded = settlement.trace is not None and settlement.trace.recorded and candidate_of(inspection) is not None
    return (*levels, MONOTONIC_LEVEL) if recorded else tuple(levels)


def _dependency_levels(inspection: Inspection) -> Mapping[str, int] | None:
    """SLSA's `dependencyLevels`: no claim where no verdict about a dependency was given."""
    evidence = inspection.evidence
    if not evidence.dependencies or len(evidence.provenances) != 1:
        return None
    from verifier.checks.provenance.dependencies import dependency_levels  # noqa: PLC0415 - only where verdicts were given

    return dependency_levels(evidence.provenances[0].provenance, evidence.dependencies)


def _resource_uri(request: Request, rule: ArtifactRule | None) -> str:
    if request.resource_uri:
        return request.resource_uri
    if rule is not None and rule.resource_uri:
        return rule.resource_uri
    return location(request.source) or f"{request.kind}:{request.name}"
