"""Reason codes of scopes: which artifacts are one sequence of versions."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, warning

SCOPE: tuple[ReasonCode, ...] = (
    warning(
        "scope.each-name",
        "each name is a sequence of versions of its own, and nobody has said so",
        cause="The rule is a pattern without `scope`, or nobody gave the artifact a name: what was accepted under one "
        "name is not compared with an older release under another.",
        remedy='Say in the rule `scope = "app"` (one sequence) or `scope = "each-name"`; without a policy, --name.',
        threat="T-204",
    ),
)
