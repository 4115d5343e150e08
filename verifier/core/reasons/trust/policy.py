"""Reason codes of what the trust policy itself is told about."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, undecided, warning

POLICY: tuple[ReasonCode, ...] = (
    undecided(
        "policy.unevaluated",
        "the policy asks for what this release cannot judge",
        cause="The rule has a section that this release only reads, or asks for what cannot be answered here: of a "
        "kind that is not looked into, by a library that is not installed, of a scan that does not say it.",
        remedy="Use a release that evaluates the section, or take it out of the policy knowingly.",
        threat="T-212",
    ),
    warning(
        "policy.exchangeable",
        "somebody else may exchange the policy",
        cause="Another user or group owns, or may write to, the policy, a file that it names, or a folder above them: "
        "who can write there says whom to believe. What everybody may write to is refused.",
        remedy="Keep policies in folders of this user or root; in CI, compare `policy.digest` with the expected one.",
        threat="T-303",
    ),
    warning(
        "policy.opa-compat",
        "the policy accepts what OPA accepts",
        cause='`mode = "opa-compat"` turns refusals of ambiguous input into warnings.',
        remedy="Go back to strict mode once the bundles are clean.",
        threat="T-208",
    ),
    warning(
        "policy.raised-limit",
        "the policy allows more than the default limits",
        cause="A limit stands above its default.",
        remedy="Lower it when it is no longer needed.",
        threat="T-213",
    ),
    undecided(
        "policy.malformed",
        "the trust policy cannot be read",
        cause="What was inspected is a trust policy by its look, and one that no command would load.",
        remedy="Mend what the message names: `verify trust check FILE` names the line.",
        threat="T-303",
    ),
)
