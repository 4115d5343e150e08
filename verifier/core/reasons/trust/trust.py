"""Reason codes of whether there is a rule at all."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

TRUST: tuple[ReasonCode, ...] = (
    error(
        "trust.no-policy",
        "no rule of the policy matches the artifact",
        cause="An artifact that nobody has written a rule for is denied.",
        remedy='Add an [artifacts."kind:name"] table, or pass the right --name.',
        threat="T-217",
    ),
)
