"""Reason codes of what the gateway has to serve."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, undecided

DELIVERY: tuple[ReasonCode, ...] = (
    undecided(
        "delivery.nothing-accepted",
        "no version of the bundle was accepted yet",
        cause="The gateway has not reached the upstream, or has refused everything that came from there.",
        remedy="See the other reasons and the gateway's /status; nothing is served until a version is accepted.",
        threat="T-212",
    ),
)
