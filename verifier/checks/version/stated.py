"""The version that an artifact states, in the one place that its rule names.

* it is read from bytes that are signed, or from what as many signers state as must have signed
* a prefix that the rule names is demanded and taken off, so that one version has one spelling wherever it is kept
* there is no candidate without a version there, nor without a digest that a ledger holds
"""

from __future__ import annotations

from collections.abc import Callable

from verifier.core.artifact import Artifact
from verifier.core.clock import format_rfc3339
from verifier.evidence.inspection import Evidence
from verifier.trust.sections.version import VersionFrom
from verifier.versions.candidate import Candidate
from verifier.versions.schemes import Scheme


def candidate_from(
    artifact: Artifact, evidence: Evidence, rule: VersionFrom, of_kind: Callable[[Artifact, str], str | None]
) -> Candidate | None:
    """What the ledger is asked about, or None where the artifact has no version there, or no digest that it holds.

    `of_kind` reads the places that only artifacts of this kind have.
    """
    version = _attested(evidence, rule.source) or of_kind(artifact, rule.source)
    if not version or artifact.digest.algorithm != "sha256":
        return None
    prefix = rule.prefix or ""
    return Candidate(
        version=version.removeprefix(prefix),
        scheme=Scheme(rule.scheme),
        digest=artifact.digest,
        signed_time=evidence.signed_time,
        lacks="" if version.startswith(prefix) else prefix,
    )


def _attested(evidence: Evidence, source: str) -> str | None:
    if source == "signed-time":
        return format_rfc3339(evidence.signed_time) if evidence.signed_time else None
    if source == "attestation.version":
        return evidence.version
    return None
