"""Where the version stands, and how versions order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.value import replace

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags


class VersionDemands(Group):
    """Without these a policy of flags orders nothing."""

    panel = "Version"
    version_from: str | None = option(
        "--version-from", "Where the version stands, as in manifest.revision.", default=None
    )
    version_scheme: str | None = option("--version-scheme", "semver, integer, rfc3339, pep440 or calver.", default=None)
    version_prefix: str | None = option(
        "--version-prefix", "What must stand before every version, as v does in v1.4.0.", default=None
    )

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with the order of versions."""
        return replace(
            flags,
            version_from=self.version_from,
            version_scheme=self.version_scheme,
            version_prefix=self.version_prefix,
        )
