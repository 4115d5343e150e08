"""Reason codes of an organisation's own rules in Rego."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided

ORGANISATION: tuple[ReasonCode, ...] = (
    error(
        "organisation.denied",
        "a rule of your organisation denies",
        cause="A Rego rule over the evidence document produced a denial.",
        remedy="Read the rule's message; the rule's file is named in the subject.",
    ),
    undecided(
        "organisation.unevaluated",
        "a rule of your organisation could not be evaluated",
        cause="The Rego file does not compile, failed or took too long; the engine that the policy names is missing, of"
        " another series, or does not answer for what the rule says; or a module of the bundle could not be analysed.",
        remedy="Correct the rule as the message says, and run its own tests (`opa test`); where OPA is missing, install"
        ' it, or say `engine = "embedded"` in the policy (docs/rego.md).',
        threat="T-218",
    ),
)
