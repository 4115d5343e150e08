"""Reason codes of VEX documents."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning

VEX: tuple[ReasonCode, ...] = (
    error(
        "vex.invalid",
        "the VEX document is not sound",
        cause="It breaks its format, or says that something is not affected without saying why.",
        remedy="Have it mended by who wrote it; the message says where it breaks.",
    ),
    warning(
        "vex.elsewhere",
        "a VEX statement is about something else",
        cause="It names no component of this artifact with its version: it silences nothing.",
        remedy="Have it say the purl with the version, or the bom-ref, that is meant.",
    ),
)
