"""The order of versions: where an artifact's version stands, and whether it may follow what the ledger has accepted.

* the version is read from the one place that the policy names, from bytes that are signed
* an artifact without a version there is denied, and so is one that is known by no digest which a ledger holds
* the order itself is `ledger.rules`, which this only asks
"""

from __future__ import annotations

from verifier.checks.version.rules import version_rules
from verifier.core.artifact import Artifact
from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.evidence.inspection import Inspection
from verifier.formats.json.strict_json import JsonValue
from verifier.kinds.bundle.artifact import Bundle
from verifier.trust.sections.version import VersionFrom
from verifier.versions.rules import Candidate, decide
from verifier.versions.schemes import Scheme

_METADATA = "manifest.metadata."


def check_order(inspection: Inspection, source: VersionFrom) -> Outcome:
    """Ask the ledger's rules about the version that stands where `source` says."""
    if inspection.artifact.digest.algorithm != "sha256":
        return _unorderable(inspection)
    candidate = candidate_from(inspection, source)
    if candidate is None:
        message = f"{source.source} of {inspection.artifact.reference} is empty or absent"
        return outcome_of([Reason(code="version.missing", subject=inspection.artifact.reference, message=message)])
    view = inspection.ledger
    decision = decide(
        view.state if view else None,
        candidate,
        version_rules(inspection.rule, source),
        now=inspection.now,
        max_time_seen=view.max_time_seen if view else None,
    )
    reasons = list(decision.reasons)
    if view is None:
        message = f"{candidate.version} was not compared with anything: no ledger was consulted"
        reasons.append(Reason(code="version.unchecked", subject=inspection.artifact.reference, message=message))
    return outcome_of(reasons)


def candidate_from(inspection: Inspection, source: VersionFrom) -> Candidate | None:
    """What the ledger is asked about, or None where the artifact has no version there, or no digest that it holds."""
    version = _read(inspection, source.source)
    if not version or inspection.artifact.digest.algorithm != "sha256":
        return None
    return Candidate(
        version=version,
        scheme=Scheme(source.scheme),
        digest=inspection.artifact.digest,
        signed_time=inspection.evidence.signed_time,
    )


def _unorderable(inspection: Inspection) -> Outcome:
    reference, digest = inspection.artifact.reference, inspection.artifact.digest
    message = f"only {digest} is known of it, and a ledger knows content by its sha256"
    return outcome_of([Reason(code="version.unorderable", subject=reference, message=message)])


def _read(inspection: Inspection, source: str) -> str | None:
    artifact, evidence = inspection.artifact, inspection.evidence
    if source == "signed-time":
        return format_rfc3339(evidence.signed_time) if evidence.signed_time else None
    if source == "attestation.version":
        versions = {release.claims.version for release in evidence.releases if release.claims}
        return versions.pop() if len(versions) == 1 else None
    return _from_manifest(artifact, source)


def _from_manifest(artifact: Artifact, source: str) -> str | None:
    manifest = artifact.manifest if isinstance(artifact, Bundle) else None
    if manifest is None:
        return None
    if source == "manifest.revision":
        return manifest.revision
    if not source.startswith(_METADATA):
        return None
    value: JsonValue = dict(manifest.metadata)
    for key in source.removeprefix(_METADATA).split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return None
    return str(value) if isinstance(value, str | int) else None
