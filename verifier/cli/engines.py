"""What judges by rules in Rego on this machine: the OPA that is on PATH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli import settings
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.rego.interface import RuleEngine
    from verifier.rego.organisation.opa_rules import OpaRules


def opa_rules() -> OpaRules | None:
    """The OPA on PATH, or None."""
    found = settings.opa_on_path()
    if found is None:
        return None
    from verifier.rego.organisation.opa_rules import OpaRules  # noqa: PLC0415 - only where it is asked for

    return OpaRules(executable=found)


def judges(policy: TrustPolicy) -> dict[str, RuleEngine]:
    """What judges besides what is built in, by the policy's name for it; nothing is looked for where no rule asks."""
    from verifier.trust.evaluate import organisation_section  # noqa: PLC0415 - only where something is verified

    sections = map(organisation_section, policy.artifacts)
    if not any(section is not None and section.engine == "opa" for section in sections):
        return {}
    found = opa_rules()
    return {} if found is None else {"opa": found}
