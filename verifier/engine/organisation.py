"""The organisation's own Rego rules: asked over everything that was found before, they can only deny."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import NotApplicable, Outcome, reasons_of
from verifier.core.rego import RegoModule
from verifier.core.verdict import PolicyReference, Subject
from verifier.engine.request import Request
from verifier.evidence.inspection import Inspection
from verifier.formats.json.strict_json import JsonValue
from verifier.kinds.kind import Kind
from verifier.ledger.view import View
from verifier.trust.evaluate import organisation_for, organisation_section

if TYPE_CHECKING:
    from verifier.evidence.document import Facts
    from verifier.rego.interface import OrganisationDenial
    from verifier.trust.sections.organisation import OrganisationRule


def judge_organisation(
    request: Request, kind: Kind, inspection: Inspection, outcomes: Sequence[Outcome], subject: Subject, view: View
) -> Outcome:
    """Evaluate the organisation's rules over what was found so far, and the ledger's `view` of the scope."""
    section, rules = organisation_section(inspection.rule), organisation_for(request.policy, inspection.rule)
    if section is None or not rules:
        return NotApplicable(why="the policy names no rules of the organisation")
    # Only where there are rules: most policies have none.
    from verifier.checks.organisation import check_organisation  # noqa: PLC0415
    from verifier.evidence.document import evidence_document  # noqa: PLC0415

    answer: Sequence[OrganisationDenial] | Refused
    facts = _facts(request, kind, inspection, outcomes, subject, view)
    try:
        answer = _answer(request, section, rules, evidence_document(facts))
    except Refused as refusal:
        answer = refusal.kept()
    return check_organisation(answer, analyses=inspection.evidence.analyses)


def _answer(
    request: Request, section: OrganisationRule, rules: Sequence[RegoModule], document: Mapping[str, JsonValue]
) -> Sequence[OrganisationDenial]:
    """What the engine that the policy names says; raises `Refused`."""
    engine = request.judges.get(section.engine)
    if engine is None and section.engine == "embedded":
        from verifier.rego.organisation.embedded.engine import EmbeddedEngine  # noqa: PLC0415 - as above

        engine = EmbeddedEngine()
    if engine is None:
        subject = ", ".join(rule.path for rule in rules)
        raise refuse("organisation.unevaluated", subject, f"is judged by {section.judge}, and no OPA was found here")
    return engine.evaluate(rules, document=document, series=section.opa_version)


def _facts(
    request: Request, kind: Kind, inspection: Inspection, outcomes: Sequence[Outcome], subject: Subject, view: View
) -> Facts:
    from verifier.evidence.document import Facts  # noqa: PLC0415 - as above

    artifact, policy = inspection.artifact, request.policy
    of_kind = kind.facts(artifact, inspection.evidence)
    return Facts(
        subject=subject,
        size=len(artifact.content),
        of_kind={} if of_kind is None else {kind.name: of_kind},
        signers=inspection.evidence.signers,
        reasons=[reason for outcome in outcomes for reason in reasons_of(outcome)],
        policy=PolicyReference(uri=policy.id, digest=policy.digest),
        now=inspection.now,
        ledger_scope=request.scope(inspection.rule) if view.consulted else None,
        ledger_before=view.standing,
        sboms=() if inspection.sbom is None else inspection.sbom.facts,
        vulnerabilities=None if inspection.vulnerabilities is None else inspection.vulnerabilities.facts,
    )
