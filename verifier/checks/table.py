"""Every check, in the order in which a report lists what it finds. Adding one is a line here."""

from __future__ import annotations

from verifier.checks import freshness, policy, signatures
from verifier.checks.provenance import check as provenance
from verifier.checks.version import check as version
from verifier.evidence.inspection import Check
from verifier.kinds.bundle import capabilities, digests

CHECKS: tuple[tuple[str, Check], ...] = (
    (policy.NAME, policy.check),
    (signatures.NAME, signatures.check),
    (digests.NAME, digests.check),
    (version.NAME, version.check),
    (freshness.NAME, freshness.check),
    (provenance.NAME, provenance.check),
    (capabilities.NAME, capabilities.check),
)
