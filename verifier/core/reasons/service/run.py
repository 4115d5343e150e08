"""Reason codes of a run that ended before its answer."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, undecided

RUN: tuple[ReasonCode, ...] = (
    undecided(
        "run.timed-out",
        "it was not decided in the time that was given",
        cause="A server that does not answer, a ledger that others hold, or work that takes longer than `--timeout`.",
        remedy="Give it more time, or see what it waits for.",
        threat="T-212",
    ),
)
