"""Reason codes of licences."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

LICENSE: tuple[ReasonCode, ...] = (
    error(
        "license.denied",
        "a component has a licence that is not allowed",
        cause="No choice that its licence expression leaves is on the list of what is allowed, or one is denied.",
        remedy="Replace the component, or except it, with an end, in the licence file.",
    ),
    error(
        "license.unknown",
        "a component's licence is not known",
        cause="It states none, or one that is no SPDX expression, and there is a list of what is allowed.",
        remedy="State its licence in the SBOM, or except it, with an end, in the licence file.",
    ),
    error(
        "license.exception-expired",
        "an exception for a component's licence has ended",
        cause="The date up to which it was excepted has passed.",
        remedy="Decide anew: replace the component, or except it until a later date.",
    ),
)
