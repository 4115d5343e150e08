"""The organisation's own Rego rules: asked over everything that was found before, they can only deny."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import NotApplicable, Outcome, reasons_of
from verifier.core.rego import NO_ENGINE
from verifier.core.verdict import PolicyReference, Subject
from verifier.engine.request import Request
from verifier.evidence.inspection import Inspection
from verifier.kinds.kind import Kind
from verifier.ledger.view import View
from verifier.trust.evaluate import organisation_for

if TYPE_CHECKING:
    from verifier.evidence.document import Facts
    from verifier.rego.interface import OrganisationDenial


def judge_organisation(
    request: Request, kind: Kind, inspection: Inspection, outcomes: Sequence[Outcome], subject: Subject, view: View
) -> Outcome:
    """Evaluate the organisation's rules over what was found so far, and the ledger's `view` of the scope."""
    rules = organisation_for(request.policy, inspection.rule)
    if not rules:
        return NotApplicable(why="the policy names no rules of the organisation")
    # Only where there are rules: most policies have none.
    from verifier.checks.organisation import check_organisation  # noqa: PLC0415
    from verifier.evidence.document import evidence_document  # noqa: PLC0415

    answer: Sequence[OrganisationDenial] | Refused
    if request.rego is None:
        answer = refuse("organisation.unevaluated", subject.name, NO_ENGINE)
    else:
        facts = _facts(request, kind, inspection, outcomes, subject, view)
        try:
            answer = request.rego.evaluate(rules, document=evidence_document(facts))
        except Refused as refusal:
            answer = refusal
    return check_organisation(answer, analyses=inspection.evidence.analyses)


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
    )
