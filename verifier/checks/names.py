"""Names: does what was signed say that the artifact is the one whose name it is given out under?

* a signer signs for many names: what was signed for another is not this one, however good the signature
* the name counts as any claim does: as many distinct signers must state it as must sign
* it is compared exactly: no case is folded, no characters that look alike are taken for each other
* where the rule binds the name, whatever does not say it is denied; where it does not, what says it is taken, and what
  does not is warned of in every report, or noted where the rule has said `name_binding = "none"`
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.core.outcome import NotApplicable, Outcome, Passed, Reason, outcome_of
from verifier.core.severity import Severity
from verifier.evidence.inspection import Inspection, distinct
from verifier.signatures.interface import ProvenSigner
from verifier.trust.sections.name import ATTESTATION, SCOPE, NameRule, binding_of

NAME = "names"
_UNBOUND: Final = {
    "image": 'Name the repository that signatures name, in the rule: `name = { from = "attestation", equals = '
    '"registry/repository" }` (`verify publish --key` writes it, cosign only in its old format), or sign with '
    "`verify sign image`.",
    "artifact": 'Sign with `verify sign artifact`, which writes the name, and say `name = { from = "attestation" }` '
    "in the rule.",
}
"""What to do where OPA's signature, which has a scope, is not what signs."""


def check(inspection: Inspection) -> Outcome:
    """Judge who says the name; what stands in the artifact itself is its kind's to judge."""
    if len(distinct(inspection.evidence.signers)) < max(inspection.evidence.threshold, 1):
        return NotApplicable(why="too few have signed it, which is said elsewhere")
    given, bound = NameRule.given(inspection.rule), binding_of(inspection.rule)
    if bound is not None and bound[0] not in {SCOPE, ATTESTATION}:
        return NotApplicable(why="its name stands in the artifact itself")
    source = bound[0] if bound is not None else SCOPE
    wanted = _wanted(inspection)
    naming = distinct(_naming(inspection, source, wanted))
    if len(naming) >= inspection.evidence.threshold:
        return Passed()
    seen = _seen(inspection, naming, wanted)
    if bound is not None:
        return outcome_of([Reason(code="name.mismatch", subject=inspection.artifact.reference, message=seen)])
    # What is said aloud in the policy need not be said as loudly in every report; it is said all the same.
    severity = Severity.WARNING if given is None else Severity.NOTE
    reason = Reason(
        code="name.unbound",
        subject=inspection.artifact.reference,
        message=seen,
        hint=_hint(inspection),
        severity=severity,
    )
    return outcome_of([reason])


def _hint(inspection: Inspection) -> str:
    return _UNBOUND.get(inspection.artifact.kind, "")


def _wanted(inspection: Inspection) -> str:
    """The scope, or the name in a statement, that binds it: by default the artifact's own name."""
    bound = binding_of(inspection.rule)
    own = bound is None or inspection.rule.pattern.endswith("*")
    return inspection.artifact.name if own or bound is None else bound[1]


def _naming(inspection: Inspection, source: str, wanted: str) -> Iterator[ProvenSigner]:
    """The signers who say the name: by OPA's scope where that is looked at, or in a statement about this artifact."""
    evidence, artifact = inspection.evidence, inspection.artifact
    if source == SCOPE and evidence.embedded is not None and evidence.embedded.scope == wanted:
        yield evidence.embedded.signer
    own = {artifact.name, artifact.resource_uri}
    names = own if source == SCOPE or wanted == artifact.name else {wanted}
    for release in evidence.releases:
        if names.intersection(release.names):
            yield from release.signers


def _seen(inspection: Inspection, naming: tuple[str, ...], wanted: str) -> str:
    """What was seen and what was expected."""
    evidence = inspection.evidence
    seen = [] if evidence.embedded is None else [_scope_of(evidence.embedded.scope)]
    named = sorted({name for release in evidence.releases for name in release.names})
    seen += [f"statements name {', '.join(map(repr, named[:3]))}"] if named else []
    who = f"{', '.join(naming)} alone" if naming else "no signer"
    return f"{who} says that it is {wanted!r}{': ' if seen else ''}{', '.join(seen)}"


def _scope_of(scope: str | None) -> str:
    return "the signature has no scope claim" if scope is None else f"the signature's scope claim is {scope!r}"
