"""Every check, in the order in which a report lists what it finds. Adding one is a line here."""

from __future__ import annotations

from verifier.checks import capabilities, digests, freshness, policy, provenance, signatures, version
from verifier.checks.interface import Check

CHECKS: tuple[tuple[str, Check], ...] = (
    (policy.NAME, policy.check),
    (signatures.NAME, signatures.check),
    (digests.NAME, digests.check),
    (version.NAME, version.check),
    (freshness.NAME, freshness.check),
    (provenance.NAME, provenance.check),
    (capabilities.NAME, capabilities.check),
)
