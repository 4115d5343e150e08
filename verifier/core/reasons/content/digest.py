"""Reason codes of files against the digests that were signed."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

DIGEST: tuple[ReasonCode, ...] = (
    error(
        "digest.mismatch",
        "a file differs from its signed digest",
        cause="The file was changed after the bundle was signed.",
        remedy="Do not use the bundle; fetch it again, then ask who changed it.",
        threat="T-201",
    ),
    error(
        "digest.missing",
        "a file is not covered by the signature",
        cause="The file was added to the bundle after it was signed.",
        remedy="Do not use the bundle; sign it again if the file belongs to it.",
        threat="T-201",
    ),
    error(
        "digest.extra",
        "the signature covers a file that is not there",
        cause="The file was removed from the bundle, or is listed twice.",
        remedy="Do not use the bundle; fetch it again, or sign it again as it is.",
        threat="T-201",
    ),
    error(
        "digest.weak-algorithm",
        "a file digest uses a broken hash function",
        cause="MD5 and SHA-1 do not resist collisions; unknown names are refused likewise.",
        remedy="Sign with SHA-256, the default of `opa sign`.",
        threat="T-201",
    ),
)
