"""Rego about Rego: what a bundle's modules can do, and what the organisation's own rules say to it.

* modules are analysed where the policy asks about them, or where the caller gave an engine
* a policy that asks and an engine that is missing is a denial, never silence
* the organisation's rules see everything that was found before, and can only deny
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import NotApplicable, Outcome
from verifier.core.rego import ModuleAnalysis
from verifier.core.verdict import Subject
from verifier.evidence.inspection import Inspection
from verifier.kinds.bundle.artifact import Bundle
from verifier.trust.evaluate import organisation_for
from verifier.trust.model import ArtifactRule, TrustPolicy

if TYPE_CHECKING:
    from verifier.rego.interface import OrganisationDenial, RegoEngine

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
    # Only where there are rules: most policies have none.
    from verifier.checks.organisation import check_organisation  # noqa: PLC0415
    from verifier.engine.facts import facts_of  # noqa: PLC0415
    from verifier.evidence.document import evidence_document  # noqa: PLC0415

    answer: Sequence[OrganisationDenial] | Refused
    if engine is None:
        answer = refuse("organisation.not-evaluated", subject.name, _NO_ENGINE)
    else:
        try:
            facts = facts_of(inspection, outcomes, policy, subject, scope)
            answer = engine.evaluate(rules, document=evidence_document(facts))
        except Refused as refusal:
            answer = refusal
    return check_organisation(answer, analyses=inspection.evidence.analyses)
