"""Reason codes of the certificates of keyless signers."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

CERTIFICATE: tuple[ReasonCode, ...] = (
    error(
        "certificate.invalid",
        "the signing certificate cannot be believed",
        cause="It does not lead to the trusted root at the time of signing, is in no certificate log, or is not a "
        "Sigstore signing certificate.",
        remedy="Check that the trusted root is the one of the instance that issued the certificate.",
        threat="T-210",
    ),
)
