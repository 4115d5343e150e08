"""Version: does the artifact state one, where one is wanted, that a ledger could be asked about?

* an artifact without a version where one is wanted is denied, and so is one of which no sha256 is known
* what signers state holds where as many state it as must have signed; what fewer state otherwise is named
* a version without the prefix that the rule demands is denied, so that no version has two spellings
* whether the version may follow what a ledger has accepted is `checks.version.compare`
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.outcome import NotApplicable, Outcome, Passed, Reason, outcome_of, reasons_of
from verifier.evidence.inspection import Inspection
from verifier.trust.sections.version import CLAIM, PROVENANCE_REF, VersionFrom, VersionRule

NAME = "version"
_ATTESTED = "attestation.version"
_STATED = (_ATTESTED, "signed-time", PROVENANCE_REF)
"""Where only who is proven to have signed states a version; so are the claims of signers."""
SHOWN, _MOST = 80, 10
"""Characters of a version, and versions, that a reason repeats."""


def check(inspection: Inspection) -> Outcome:
    """Judge what the artifact says of its version."""
    source, artifact = VersionRule.of(inspection.rule).order, inspection.artifact
    if not isinstance(source, VersionFrom):
        return NotApplicable(why="nothing is ordered")
    if artifact.digest.algorithm != "sha256":
        message = f"only {artifact.digest} is known of it, and a ledger knows content by its sha256"
        return outcome_of([Reason(code="version.unorderable", subject=artifact.reference, message=message)])
    disputed = tuple(_disputed(inspection, source.source))
    if inspection.candidate is None and disputed:
        return outcome_of(disputed)
    if inspection.candidate is None:
        message = inspection.unstated or f"{source.source} of {artifact.reference} is empty or absent"
        signed = source.source in _STATED or source.source.startswith(CLAIM)
        follows = _unsigned(inspection) if signed else ""
        reason = Reason(code="version.missing", subject=artifact.reference, message=message, follows=follows)
        return outcome_of([reason])
    if lacks := inspection.candidate.lacks:
        return outcome_of([_without_prefix(inspection.candidate.version, lacks, source)])
    return Passed(reasons=tuple(reason.as_warning() for reason in disputed))


def _without_prefix(version: str, lacks: str, source: VersionFrom) -> Reason:
    shown = version[:SHOWN]
    message = f"{source.source} is {shown!r}, and the rule demands the prefix {lacks!r} before the version"
    hint = (
        f"Publish it as {lacks}{shown}, or take `prefix = {lacks!r}` out of the rule (without it no version has one)."
    )
    return Reason(code="version.unorderable", subject=shown, message=message, hint=hint)


def _unsigned(inspection: Inspection) -> str:
    """Why nobody is proven to have signed: a code, or "" where enough have."""
    from verifier.checks import signatures  # noqa: PLC0415 - only for what is denied

    return next((reason.code for reason in reasons_of(signatures.check(inspection)) if reason.is_error), "")


def _disputed(inspection: Inspection, source: str) -> Iterator[Reason]:
    """Who states which version, where not all state one and the same, or too few do."""
    evidence, subject = inspection.evidence, inspection.artifact.reference
    if source == _ATTESTED:
        stated = evidence.versions()
    elif source.startswith(CLAIM):
        stated = evidence.claimed(source.removeprefix(CLAIM))
    else:
        return
    if len(stated) > 1 or (set(stated) - {None} and evidence.held(stated) is None):
        named = sorted((version or "none", by) for version, by in stated.items())
        said = "; ".join(f"{version[:SHOWN]} by {', '.join(by)}" for version, by in named[:_MOST])
        message = f"the version is {said}, expected one and the same by {evidence.threshold} distinct signers"
        yield Reason(code="version.disputed", subject=subject, message=message)
