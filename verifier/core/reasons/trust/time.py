"""Reason codes of trusted times of signing."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

TIME: tuple[ReasonCode, ...] = (
    error(
        "time.untrusted",
        "nobody trusted says when it was signed",
        cause="A short-lived certificate needs a log's promise or a timestamp of a trusted authority, made while the "
        "certificate was valid.",
        remedy="Sign with a timestamp authority that the trusted root names.",
        threat="T-402",
    ),
)
