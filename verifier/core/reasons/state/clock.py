"""Reason codes of clocks that are wrong."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

CLOCK: tuple[ReasonCode, ...] = (
    error(
        "clock.backwards",
        "the clock runs behind what the ledger has seen",
        cause="The time now is earlier than the newest time recorded, beyond the allowed skew.",
        remedy="Correct the clock.",
        threat="T-402",
    ),
    error(
        "clock.skew",
        "a signed time lies in the future",
        cause="It is later than the time now, beyond the allowed skew.",
        remedy="Correct this clock or the signer's.",
        threat="T-402",
    ),
)
