"""What a signature beside an artifact claims of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from verifier.cli import inputs
from verifier.cli.options.option import Group, option
from verifier.core.clock import shifted

if TYPE_CHECKING:
    from verifier.formats.intoto.release import Release


class Claims(Group):
    """Its name, its version, and how long the signature holds."""

    panel = "What it claims"
    name: str | None = option("--name", "Name that the signature states (default: the file's).", default=None)
    version: str | None = option("--version", "Version that the attestation states.", default=None)
    expires: str | None = option("--expires", "How long the signature holds, as in 90d.", default=None)

    def until(self, moment: datetime) -> datetime | None:
        """When a signature made at `moment` ends to hold; raises `ConfigurationError` for what is no duration."""
        return shifted(moment, inputs.duration(self.expires, where="--expires")) if self.expires else None

    def release(self, kind: str, reference: str, moment: datetime) -> Release:
        """The release that `reference` is, signed at `moment`."""
        from verifier.formats.intoto.release import Release  # noqa: PLC0415 - its options are read without it

        return Release(
            kind=kind,
            name=self.name or inputs.name_of(reference),
            version=self.version,
            issued_at=moment,
            expires_at=self.until(moment),
        )
