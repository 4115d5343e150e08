"""Reason codes of builtins that a policy bundle may use."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided

CAPABILITY: tuple[ReasonCode, ...] = (
    error(
        "capability.denied",
        "the policy bundle uses a builtin that is denied",
        cause="A module calls a builtin on the deny list, which could reach the network or the environment.",
        remedy="Remove the call, or allow the builtin in the trust policy.",
        threat="T-214",
    ),
    undecided(
        "capability.unanalysed",
        "the capabilities in use could not be established",
        cause="The policy asks which builtins are used; a module could not be analysed, or calls what nobody knows.",
        remedy="Use `--rego-engine opa`, or rewrite the construct that the message shows.",
        threat="T-214",
    ),
)
