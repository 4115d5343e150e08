"""The database of records that known vulnerabilities are judged by."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.engine.vulnerabilities.question import Advisories
    from verifier.trust.adhoc import AdHocFlags
    from verifier.trust.model import TrustPolicy


class GivenRecords(Group):
    """Whose records. Without a policy file, that some are given asks that nothing known is in it."""

    panel = "Name and evidence"
    advisories: Path | None = option(
        "--advisories",
        "A database of records (verify audit db import): nothing in it may have a known vulnerability.",
        default=None,
        metavar="FILE",
    )

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with whether known vulnerabilities are asked about."""
        return replace(flags, advisories=self.advisories is not None)

    def opened(self, policy: TrustPolicy, closing: ExitStack) -> Advisories | Refused | None:
        """The database, which `closing` closes, or why it cannot be used; raises `ConfigurationError` where no rule of
        `policy` would ask it."""
        if self.advisories is None:
            return None
        if all(rule.section("vulnerabilities") is None for rule in policy.artifacts):
            hint = "Give the rule a section `vulnerabilities`, or leave --advisories away."
            message = "no rule of the policy asks about known vulnerabilities"
            raise ConfigurationError(message, where="--advisories", hint=hint)
        from verifier.audit.database.opening import open_database  # noqa: PLC0415 - few runs have one

        try:
            database = open_database(self.advisories)
        except Refused as refusal:
            return refusal.kept()
        closing.callback(database.close)
        return database
