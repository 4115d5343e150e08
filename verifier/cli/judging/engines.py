"""Engines that look at Rego, by their names on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from verifier.cli import output, settings
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.rego.interface import RegoEngine, RuleEngine

Engine = Literal["auto", "regocpp", "opa", "none"]
"""Compilers by their names; `auto` is the built-in one."""


def rego_engine(choice: str) -> RegoEngine | None:
    """The engine that compiles modules; what the built-in one finds is kept where this user keeps what may be lost."""
    if choice == "none":
        return None
    if choice == "opa":
        from verifier.rego.opa import OpaEngine  # noqa: PLC0415 - only where it is asked for

        return OpaEngine(executable=settings.opa_executable())
    from verifier.rego.built_in import BuiltInEngine  # noqa: PLC0415 - only where something is verified

    return BuiltInEngine(folder=settings.default_compiled_folder(), tell=output.hint)


def judges(policy: TrustPolicy) -> dict[str, RuleEngine]:
    """What judges by the organisation's rules besides what is built in; looked for only where a rule asks for it."""
    from verifier.trust.evaluate import organisation_section  # noqa: PLC0415 - only where something is verified

    sections = map(organisation_section, policy.artifacts)
    asked = any(section is not None and section.engine == "opa" for section in sections)
    found = settings.opa_rules() if asked else None
    return {} if found is None else {"opa": found}
