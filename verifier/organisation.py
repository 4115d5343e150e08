"""Rego about Rego: what a bundle's modules can do, and what the organisation's own rules say to it.

* modules are analysed where the policy asks about them, or where the caller gave an engine
* a policy that asks and an engine that is missing is a denial, never silence
* the organisation's rules see everything that was found before, and can only deny
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.artifacts.bundle import Bundle
from verifier.checks.evidence_document import BundleFacts, Facts, FileFacts, evidence_document
from verifier.checks.interface import Inspection
from verifier.checks.organisation import check_organisation
from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Outcome, Passed, Reason
from verifier.core.rego import ModuleAnalysis
from verifier.core.verdict import PolicyReference, Subject
from verifier.rego.interface import OrganisationDenial, RegoEngine
from verifier.trust.evaluate import organisation_for
from verifier.trust.model import ArtifactRule, TrustPolicy

_NO_ENGINE = "was not analysed: no Rego engine was given"
_COMPILED = frozenset({"policy.wasm", "plan.json", "plan.pb"})
"""What `opa build` makes of modules: OPA and its SDKs run it, builtins included."""


def analyse_modules(bundle: Bundle, rule: ArtifactRule, engine: RegoEngine | None) -> tuple[ModuleAnalysis, ...]:
    """What a compiler finds in each module of the bundle; nothing where nobody asks.

    What was compiled before runs as modules do and cannot be looked into: it is named with its problem.
    """
    if engine is None and rule.capabilities is None and not rule.organisation:
        return ()
    compiled = (file.name for file in bundle.files if file.name.rpartition("/")[2] in _COMPILED)
    opaque = (ModuleAnalysis(path=path, problem="is compiled: what it calls is not to be seen") for path in compiled)
    if engine is not None:
        return (*engine.analyse(bundle.modules), *opaque)
    return (*(ModuleAnalysis(path=module.path, problem=_NO_ENGINE) for module in bundle.modules), *opaque)


def judge_organisation(
    inspection: Inspection,
    outcomes: Sequence[Outcome],
    policy: TrustPolicy,
    engine: RegoEngine | None,
    *,
    subject: Subject,
    scope: str,
) -> Outcome:
    """Evaluate the organisation's rules over everything that was found so far."""
    rules = organisation_for(policy, inspection.rule)
    if not rules:
        return NotApplicable(why="the policy names no rules of the organisation")
    answer: Sequence[OrganisationDenial] | Refused
    if engine is None:
        answer = refuse("organisation.not-evaluated", subject.name, _NO_ENGINE)
    else:
        try:
            answer = engine.evaluate(
                rules, document=evidence_document(_facts(inspection, outcomes, policy, subject, scope))
            )
        except Refused as refusal:
            answer = refusal
    return check_organisation(answer, analyses=inspection.evidence.analyses)


def _facts(
    inspection: Inspection, outcomes: Sequence[Outcome], policy: TrustPolicy, subject: Subject, scope: str
) -> Facts:
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
