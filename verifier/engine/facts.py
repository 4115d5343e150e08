"""The facts of one verification, gathered for the evidence document that the organisation's rules read."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.core.digest import Digest
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Outcome, Passed, Reason
from verifier.core.rego import ModuleAnalysis
from verifier.core.verdict import PolicyReference, Subject
from verifier.evidence.document import BundleFacts, Facts, FileFacts
from verifier.evidence.inspection import Inspection
from verifier.kinds.bundle.artifact import Bundle
from verifier.trust.model import TrustPolicy


def facts_of(
    inspection: Inspection, outcomes: Sequence[Outcome], policy: TrustPolicy, subject: Subject, scope: str
) -> Facts:
    """What was established before the rules are asked: `outcomes` are those of the checks that ran."""
    artifact, view = inspection.artifact, inspection.ledger
    mark = view.state.mark if view and view.state else None
    return Facts(
        subject=subject,
        size=len(artifact.content),
        bundle=_bundle(artifact, inspection.evidence.analyses) if isinstance(artifact, Bundle) else None,
        signers=inspection.evidence.signers,
        reasons=[reason for outcome in outcomes for reason in _reasons(outcome)],
        policy=PolicyReference(uri=policy.id, digest=policy.digest),
        now=inspection.now,
        ledger_scope=scope if view else None,
        ledger_before=str(mark) if mark else None,
    )


def _bundle(bundle: Bundle, analyses: tuple[ModuleAnalysis, ...]) -> BundleFacts:
    manifest = bundle.manifest
    return BundleFacts(
        revision=manifest.revision if manifest else None,
        roots=manifest.roots if manifest else ("",),
        rego_version=manifest.rego_version if manifest else None,
        metadata=manifest.metadata if manifest else {},
        files=tuple(
            FileFacts(path=file.name, size=len(file.content), sha256=Digest.of(file.content).value)
            for file in bundle.files
        ),
        modules=analyses,
    )


def _reasons(outcome: Outcome) -> tuple[Reason, ...]:
    match outcome:
        case Passed() | Failed() | CouldNotCheck():
            return outcome.reasons
        case NotApplicable():
            return ()
