"""What there is to say of organisation rules before they judge anything: who judges here, and what that refuses."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.core.errors import Refused
from verifier.core.rego import RegoModule
from verifier.core.value import Value
from verifier.rego.organisation.embedded.engine import EmbeddedEngine
from verifier.rego.organisation.opa_rules import OpaRules


class Reviewed(Value):
    """`judge` is what has read the rules ("OPA 1.22.0"), "" for nothing; `problem` why they would judge nothing."""

    judge: str = ""
    problem: str = ""


def review(rules: Sequence[RegoModule], *, engine: str, series: str, opa: OpaRules | None) -> Reviewed:
    """Read the rules as the engine that the policy names would, here: `opa` is the one that was found."""
    try:
        if engine == "embedded":
            EmbeddedEngine().check(rules)
            return Reviewed(judge="the embedded engine")
        if opa is None:
            return Reviewed(problem=f"judged by OPA {series}, which was not found here: they were not compiled")
        return Reviewed(judge=f"OPA {opa.check(rules, series=series)}")
    except Refused as refusal:
        (reason,) = refusal.reasons
        return Reviewed(problem=f"{reason.subject}: {reason.message}: everything is denied")
