"""What an artifact reaches where nothing denies: SLSA's levels and ours, and those of what it is made of."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.checks.provenance.check import established_level
from verifier.evidence.inspection import Inspection

SIGNED_LEVEL = "POLICY_VERIFIER_SIGNED"
"""A `verifiedLevels` value of ours: the policy's threshold of signers was met."""


def levels_of(inspection: Inspection) -> tuple[str, ...]:
    """The `verifiedLevels` of a verdict that says PASSED."""
    build = established_level(inspection)
    reached = (SIGNED_LEVEL,) if build is None else (f"SLSA_BUILD_LEVEL_{build}", SIGNED_LEVEL)
    judged = (each for each in (inspection.sbom, inspection.vulnerabilities) if each is not None)
    return (*reached, *(level for each in judged for level in each.levels))


def dependency_levels_of(inspection: Inspection) -> Mapping[str, int] | None:
    """SLSA's `dependencyLevels`: no claim where no verdict about a dependency was given, and none were counted."""
    evidence, levels = inspection.evidence, None
    if evidence.dependencies and len(evidence.provenances) == 1:
        from verifier.checks.provenance.dependencies import dependency_levels  # noqa: PLC0415 - only where verdicts were given

        levels = dependency_levels(evidence.provenances[0].provenance, evidence.dependencies)
    if inspection.sbom is None or inspection.sbom.dependencies is None:
        return levels
    from verifier.evidence.sbom import with_unevaluated  # noqa: PLC0415 - only where there is an SBOM

    return with_unevaluated(levels or {}, inspection.sbom.dependencies)
