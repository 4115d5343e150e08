"""The version that an artifact states, in the one place that its rule names.

* it is read from bytes that are signed, or from what as many signers state as must have signed
* a prefix that the rule names is demanded and taken off, so that one version has one spelling wherever it is kept
* of provenance it is the ref that all of what is proven states; whether that is how it must be built, its check says
* there is no candidate without a version there, nor without a digest that a ledger holds
"""

from __future__ import annotations

from collections.abc import Callable

from verifier.core.artifact import Artifact
from verifier.core.clock import format_rfc3339
from verifier.evidence.inspection import Evidence
from verifier.trust.sections.version import CLAIM, PROVENANCE_REF, VersionFrom
from verifier.versions.candidate import Candidate, Unstated
from verifier.versions.schemes import Scheme

OfKind = Callable[[Artifact, str], "str | Unstated | None"]
_REF_SHOWN = 80


def candidate_from(artifact: Artifact, evidence: Evidence, rule: VersionFrom, of_kind: OfKind) -> Candidate | None:
    """What the ledger is asked about, or None where the artifact has no version there, or no digest that it holds.

    `of_kind` reads the places that only artifacts of this kind have.
    """
    version = _read(artifact, evidence, rule, of_kind)
    if not isinstance(version, str) or not version or artifact.digest.algorithm != "sha256":
        return None
    prefix = rule.prefix or ""
    return Candidate(
        version=version.removeprefix(prefix),
        scheme=Scheme(rule.scheme),
        digest=artifact.digest,
        signed_time=evidence.signed_time,
        lacks="" if version.startswith(prefix) else prefix,
    )


def why_none(artifact: Artifact, evidence: Evidence, rule: VersionFrom, of_kind: OfKind) -> str:
    """Why `candidate_from` made nothing of it, "" where there is no more to say than that none is there."""
    version = _read(artifact, evidence, rule, of_kind)
    return version.why if isinstance(version, Unstated) else ""


def _read(artifact: Artifact, evidence: Evidence, rule: VersionFrom, of_kind: OfKind) -> str | Unstated | None:
    source = rule.source
    if source == "signed-time":
        return format_rfc3339(evidence.signed_time) if evidence.signed_time else None
    if source == "attestation.version":
        return evidence.version
    if source.startswith(CLAIM):
        return evidence.held(evidence.claimed(source.removeprefix(CLAIM)))
    return _ref(evidence) if source == PROVENANCE_REF else of_kind(artifact, source)


def _ref(evidence: Evidence) -> str | Unstated | None:
    """What all proven provenance says: that of one builder is not outvoted, and not undone either."""
    refs = evidence.refs()
    if len(refs) < 2:
        return refs[0] if refs else None
    listed = ", ".join(sorted("no ref" if ref is None else repr(ref[:_REF_SHOWN]) for ref in refs))
    return Unstated(why=f"the provenance does not agree upon the ref it was built from: {listed}")
