"""Reason codes of licences."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning

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
    warning(
        "license.excepted",
        "a component's licence is excepted",
        cause="It is not allowed, and the licence file excepts the component until a date.",
        remedy="Nothing until then; replace the component, or decide anew.",
    ),
    warning(
        "license.unused-rule",
        "a rule about licences matches nothing",
        cause="No component that an exception is for needs one, or no component has a licence that is allowed.",
        remedy="Remove it, or mend its spelling: an exception nobody needs excepts whatever comes later.",
    ),
)
