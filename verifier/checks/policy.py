"""Policy: does the rule ask for what can be judged, and does it say aloud where it is weak?

* a demand that this release cannot judge denies; it is never passed over
* a weakened reading or a raised limit is in every report
"""

from __future__ import annotations

from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.core.reading import ReadingMode
from verifier.evidence.inspection import Inspection
from verifier.trust.evaluate import mode_of, unevaluated

NAME = "policy"


def check(inspection: Inspection) -> Outcome:
    """Report what the artifact's own reader found, what cannot be judged, and what is weakened."""
    rule, artifact = inspection.rule, inspection.artifact
    reasons = list(artifact.findings)
    for section in unevaluated(rule):
        message = f"[artifacts.{rule.pattern!r}] has `{section}`, which this release does not evaluate"
        reasons.append(Reason(code="policy.unevaluated", subject=artifact.reference, message=message))
    if mode_of(rule) == ReadingMode.OPA_COMPAT:
        message = f"[artifacts.{rule.pattern!r}] reads ambiguous input as OPA does"
        reasons.append(Reason(code="policy.opa-compat", subject=artifact.reference, message=message))
    for name in inspection.limits.raised():
        shown = name.replace("_", "-")
        message = f"limits.{shown} is {getattr(inspection.limits, name)}, above {getattr(DEFAULT_LIMITS, name)}"
        reasons.append(Reason(code="policy.raised-limit", subject=artifact.reference, message=message))
    return outcome_of(reasons)
