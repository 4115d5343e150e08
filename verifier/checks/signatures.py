"""Signatures: have enough distinct signers that the policy trusts for this artifact proven that they made it?

* a rule without a proven signer never passes
* one key counts once, whatever names or envelopes it stands under
* one name of the policy counts once, whatever identities its wildcard lets in
* evidence that does not verify denies while the threshold is not met, and is reported when it is
* evidence that was named and not judged to its end denies whoever has signed: it is undecided what it says
* an embedded signature that is wrong denies even when detached ones would do: OPA would refuse the bundle
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.evidence.inspection import Evidence, Inspection, distinct
from verifier.trust.sections.signatures import SignatureRule

NAME = "signatures"

_IGNORED = "attestation.ignored"
_SHOWN = 3
_DOWNLOAD_IT = (
    "Get what GitHub attests, `gh attestation download FILE --repo OWNER/NAME`, and give it with --attestation."
)
_SIGN_IT = (
    "Sign it (`verify sign`), or pass the attestation with --attestation; where an index that lists it is what is "
    "signed, name that (--index, --platform)."
)
_COUNT_IT = (
    "If it is to count, name its predicate type: --attestation-type TYPE, or `attestations` in the rule; else sign the "
    "artifact (`verify sign`)."
)

# What a stranger can add to an artifact without changing what its own signers signed.
_HARMLESS_WHEN_MET = frozenset({"signer.untrusted", "signature.missing"})


def check(inspection: Inspection) -> Outcome:
    """Count distinct proven signers against the rule's threshold."""
    threshold, evidence = SignatureRule.of(inspection.rule).threshold, inspection.evidence
    proven = distinct(evidence.signers)
    if len(proven) >= max(threshold, 1):
        return outcome_of(_reported(evidence))
    reasons = [*evidence.notes, *evidence.embedded_refusals, *evidence.detached_refusals, *evidence.undecided]
    if not proven and all(reason.code == _IGNORED for reason in reasons):
        reasons.insert(0, _no_signature(inspection))
    if proven or threshold > 1:
        reasons.append(_below_threshold(inspection, proven))
    return outcome_of(_error_first(reasons, inspection))


def _reported(evidence: Evidence) -> list[Reason]:
    embedded = [
        _softened(reason) if reason.code in _HARMLESS_WHEN_MET else reason for reason in evidence.embedded_refusals
    ]
    detached = (_softened(reason) for reason in evidence.detached_refusals)
    return [*evidence.notes, *embedded, *detached, *evidence.undecided]


def _softened(reason: Reason) -> Reason:
    # A trusted verifier's no weighs whoever else says yes.
    return reason.as_warning() if reason.is_error and reason.code != "verdict.failed" else reason


def _no_signature(inspection: Inspection) -> Reason:
    allowed = ", ".join(SignatureRule.of(inspection.rule).from_)
    reference = inspection.artifact.reference
    ignored = list(dict.fromkeys(_uncounted(inspection.evidence)))
    if not ignored:
        message = f"{reference} carries no signature and none was given; it needs one by {allowed}"
        hint = _SIGN_IT if inspection.artifact.repository is not None else ""
        if not hint and allowed.startswith("https://github.com/"):
            hint = _DOWNLOAD_IT
        return Reason(code="signature.missing", subject=reference, message=message, hint=hint)
    said = "; ".join(ignored[:_SHOWN]) + ("; ..." if len(ignored) > _SHOWN else "")
    message = f"{reference} carries no signature by {allowed}, and what was given does not count as one: {said}"
    return Reason(code="signature.missing", subject=reference, message=message, hint=_COUNT_IT)


def _uncounted(evidence: Evidence) -> Iterator[str]:
    """What was given, is signed, and is no signature of the artifact under this rule."""
    yield from (each.message for each in evidence.detached_refusals if each.code == _IGNORED)
    for each in evidence.provenances:
        yield f"provenance ({each.statement.predicate_type}) says how it was built, not that it may be used"


def _below_threshold(inspection: Inspection, proven: tuple[str, ...]) -> Reason:
    rule = SignatureRule.of(inspection.rule)
    message = (
        f"{len(proven)} of {rule.threshold} distinct signers proven ({', '.join(proven) or 'none'}); "
        f"allowed are {', '.join(rule.from_)}"
    )
    return Reason(code="signature.threshold-not-met", subject=inspection.artifact.reference, message=message)


def _error_first(reasons: list[Reason], inspection: Inspection) -> list[Reason]:
    """Whatever the refusals weigh, a check that lacks a signer denies."""
    if any(reason.is_error for reason in reasons):
        return reasons
    return [_no_signature(inspection), *reasons]
