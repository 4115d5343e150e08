"""Reason codes of whether what was signed is the artifact that it is given out as."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning

NAME: tuple[ReasonCode, ...] = (
    error(
        "name.mismatch",
        "what was signed does not say this name",
        cause="The policy says what binds the artifact's name, and what stands there is another name, or none: an "
        "artifact of another name may have been put in this one's place.",
        remedy="Compare the two names in the message. `verify sign bundle` writes the name as the scope; `opa sign` "
        "and `opa build` take it as `scope` in a `--claims-file`.",
        threat="T-219",
    ),
    warning(
        "name.unbound",
        "nothing that was signed says the artifact's name",
        cause="What the same signers signed for another name would pass as this one, and move its high-water mark.",
        remedy="Sign with a scope (`verify sign bundle` does, `opa sign` and `opa build` with `scope` in a "
        "`--claims-file`), and say in the rule what binds the name: `scope`, or `name = { from = ... }`.",
        threat="T-219",
    ),
)
