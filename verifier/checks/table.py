"""Every check that holds for all kinds of artifacts, in the order in which a report lists what it finds.

Adding one is a line here. What only one kind has to answer stands in its `kinds.kind.Kind.checks`.
"""

from __future__ import annotations

from verifier.checks import freshness, names, policy, sbom, signatures, vulnerabilities
from verifier.checks.provenance import check as provenance
from verifier.checks.version import check as version
from verifier.evidence.inspection import Check

CHECKS: tuple[tuple[str, Check], ...] = (
    (policy.NAME, policy.check),
    (signatures.NAME, signatures.check),
    (names.NAME, names.check),
    (version.NAME, version.check),
    (freshness.NAME, freshness.check),
    (provenance.NAME, provenance.check),
    (sbom.NAME, sbom.check),
    (vulnerabilities.NAME, vulnerabilities.check),
)
