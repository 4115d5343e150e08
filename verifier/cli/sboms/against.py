"""Options that say what an SBOM is made of, or checked against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.engine.targets.target import Target
    from verifier.formats.oci.platform import Platform

Kind = Literal["bundle", "image", "project", "environment"]
_REMOTE = ("oci-layout:", "oci-archive:", "docker-archive:")


class TargetOptions(Group):
    """How the artifact is to be taken, where its form does not say it."""

    panel = "What it is about"
    kind: Kind | None = option(
        "--kind",
        "What it is, where its form does not say: a bundle, an image, a project or what is installed.",
        default=None,
    )
    platform: str | None = option(
        "--platform", "Of an index the one image for OS/ARCH[/VARIANT].", default=None, metavar="OS/ARCH"
    )

    def target(self, reference: str, *, all_layers: bool = False) -> Target:
        """The target at `reference`; raises `ConfigurationError`."""
        from verifier.engine.targets.target import Target  # noqa: PLC0415 - once there is one

        access = None
        if not reference.startswith(_REMOTE) and not _is_here(reference):
            from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - only for what lies elsewhere

            access = reference_access(reference)
        return Target(
            reference=reference, kind=self.kind, access=access, platform=self._platform(), all_layers=all_layers
        )

    def _platform(self) -> Platform | None:
        if self.platform is None:
            return None
        from verifier.formats.oci.platform import parse_platform  # noqa: PLC0415 - only where one is named

        try:
            return parse_platform(self.platform)
        except ValueError as error:
            from verifier.cli.mistakes.platforms import meant  # noqa: PLC0415 - only for a mistake

            raise ConfigurationError(str(error), where="--platform", hint=meant(self.platform)) from None


def _is_here(reference: str) -> bool:
    from pathlib import Path  # noqa: PLC0415 - as above

    return Path(reference).exists()
