"""The URIs that name types: this project's own, and those that several floors compare with."""

from __future__ import annotations

RELEASE = "https://policy-verifier.dev/attestations/release/v1"
"""Predicate type of a detached release signature."""
VERDICT_EXTENSION = "https://policy-verifier.dev/verdict/v1"
"""Name of the one field that our verdicts add to SLSA's verification summary."""
VERIFIER_ID = "https://policy-verifier.dev/verifier"
"""The `verifier.id` of whoever does not configure one."""

COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1"
"""Predicate type by which cosign >= 3 signs: a signature without claims."""
VERIFICATION_SUMMARY = "https://slsa.dev/verification_summary/v1"
"""Predicate type of a SLSA verification summary."""
STATEMENT_V1 = "https://in-toto.io/Statement/v1"
STATEMENT_V0_1 = "https://in-toto.io/Statement/v0.1"
IN_TOTO_PAYLOAD = "application/vnd.in-toto+json"
"""DSSE `payloadType` of an in-toto statement."""
CYCLONEDX_BOM = "https://cyclonedx.org/bom"
"""Predicate type of a CycloneDX document."""
SPDX_DOCUMENT = "https://spdx.dev/Document"
"""Predicate type of an SPDX document."""
