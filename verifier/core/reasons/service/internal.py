"""Reason codes of defects of this program."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, undecided

INTERNAL: tuple[ReasonCode, ...] = (
    undecided(
        "internal.error",
        "the verifier failed",
        cause="A defect of this program; whatever it is, it is not a pass.",
        remedy="Report it with the correlation id; do not use the artifact meanwhile.",
        threat="T-212",
    ),
)
