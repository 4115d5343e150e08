"""Reason codes of what is asked with: the command line, its files, the arguments of a call."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

CONFIGURATION: tuple[ReasonCode, ...] = (
    error(
        "configuration.invalid",
        "an option, an argument, a policy or a key cannot be used",
        cause="A value that is misspelt, is of another kind, or contradicts another one.",
        remedy="Correct what the message names; nothing was judged.",
        threat="T-212",
    ),
)
