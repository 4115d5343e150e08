"""Options that say what an SBOM is made of, or checked against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from verifier.cli.judging import engines
from verifier.cli.judging.engines import Engine
from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.engine.targets.target import Target
    from verifier.formats.oci.platform import Platform
    from verifier.net.access import Access

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
    rego_engine: Engine | None = option(
        "--rego-engine", "Compiler that analyses the modules of a bundle (default: the built-in one).", default=None
    )

    def target(self, reference: str, *, all_layers: bool = False) -> Target:
        """The target at `reference`; raises `ConfigurationError`."""
        from verifier.engine.targets.recognise import kind_of_target  # noqa: PLC0415 - once there is one
        from verifier.engine.targets.target import Target  # noqa: PLC0415 - as above

        kind = self.kind or kind_of_target(reference)
        self._require_meant(kind, all_layers=all_layers)
        return Target(
            reference=reference,
            kind=kind,
            access=access_to(reference),
            platform=self._platform(),
            all_layers=all_layers,
            rego=engines.rego_engine(self.rego_engine or "auto") if kind == "bundle" else None,
        )

    def _require_meant(self, kind: str, *, all_layers: bool) -> None:
        """Refuse what would mean nothing."""
        given = (
            ("--platform", self.platform is not None, "image"),
            ("--all-layers", all_layers, "image"),
            ("--rego-engine", self.rego_engine is not None, "bundle"),
        )
        for flag, is_given, of in given:
            if is_given and kind != of:
                raise ConfigurationError(f"goes with a target that is a kind of {of}, not {kind}", where=flag)

    def _platform(self) -> Platform | None:
        if self.platform is None:
            return None
        from verifier.formats.oci.platform import parse_platform  # noqa: PLC0415 - only where one is named

        try:
            return parse_platform(self.platform)
        except ValueError as error:
            from verifier.cli.mistakes.platforms import meant  # noqa: PLC0415 - only for a mistake

            raise ConfigurationError(str(error), where="--platform", hint=meant(self.platform)) from None


def access_to(reference: str) -> Access | None:
    """How what lies elsewhere is reached; None for what is here."""
    if reference.startswith(_REMOTE) or _is_here(reference):
        return None
    if reference.startswith(("https://", "http://")):
        from verifier.cli.network import network  # noqa: PLC0415 - only where a URL is given
        from verifier.net.access import Access  # noqa: PLC0415 - as above

        return Access(network=network())
    from verifier.cli.registries.access import reference_access  # noqa: PLC0415 - only for what a registry has

    return reference_access(reference)


def read_by(target: Target) -> tuple[Path, ...]:
    """The paths that a target is read from. Of a project's folder those of its locks: an SBOM may lie beside them."""
    from verifier.engine.targets.recognise import is_lock  # noqa: PLC0415 - only where a file is written
    from verifier.sources.places import local_reference  # noqa: PLC0415 - as above

    if target.reference.startswith(_REMOTE):
        local = local_reference(target.reference)
        return () if local is None else (local.path,)
    path = Path(target.reference)
    if target.kind == "project" and path.is_dir():
        return tuple(each for each in path.iterdir() if is_lock(each.name))
    return (path,) if path.exists() else ()


def _is_here(reference: str) -> bool:
    return Path(reference).exists()
