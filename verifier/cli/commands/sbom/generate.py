"""`verify sbom generate`: write the SBOM of an artifact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import inputs, output, settings
from verifier.cli.options.option import argument, option
from verifier.cli.progress.line import told as progress
from verifier.cli.sboms.against import TargetOptions
from verifier.cli.sboms.stated import Stated
from verifier.cli.spread import spread
from verifier.core.costs.progress import Step
from verifier.core.errors import ConfigurationError
from verifier.formats.cyclonedx.versions import Form, SpecVersion

if TYPE_CHECKING:
    from verifier.engine.targets.target import Target
    from verifier.evidence.contents import Contents
    from verifier.files.output import Output
    from verifier.sbom.generate import Written

_NAMES = {"cyclonedx": "CycloneDX {} JSON", "cyclonedx-xml": "CycloneDX {} XML", "spdx": "SPDX 2.3 JSON"}


@spread
def generate(
    *,
    reference: str = argument(
        "TARGET",
        "A bundle (archive, directory, https://..., oci://...), an image (registry/repository:tag, oci-layout:DIR, "
        "oci-archive:FILE, docker-archive:FILE), a lock file, a project's or an environment's folder.",
    ),
    destination: Path | None = option("--output", "Write it here (default: standard output).", default=None),
    form: Form = option("--as", "Format.", default="cyclonedx"),
    spec_version: SpecVersion | None = option("--spec-version", "Version of CycloneDX (default: 1.6).", default=None),
    files: bool = option("--files", "List every file, and the files that packages say otherwise of.", default=False),
    all_layers: bool = option("--all-layers", "Of an image, what later layers delete, too.", default=False),
    name: str | None = option("--name", "What it is called (default: as it is named).", default=None),
    revision: str | None = option("--revision", "Its version, where it does not say one itself.", default=None),
    stated: Stated,
    about: TargetOptions,
) -> int:
    """Write the SBOM of an artifact: what it consists of, found in the artifact itself.

    The same artifact makes the same bytes. Time is stated where SOURCE_DATE_EPOCH says which. What cannot be read is an
    error, and never an empty list.
    """
    from verifier.engine.targets.target import contents_of  # noqa: PLC0415 - only its options are read
    from verifier.sbom.catalog.table import catalog_of  # noqa: PLC0415 - as above
    from verifier.sbom.generate import written  # noqa: PLC0415 - as above

    if form == "spdx" and spec_version is not None:
        hint = "Leave it away: SPDX is written as 2.3."
        raise ConfigurationError("is a version of CycloneDX, and goes with no SPDX", where="--spec-version", hint=hint)
    moment = settings.source_date()
    if form == "spdx" and moment is None:
        hint = "Set SOURCE_DATE_EPOCH, as in SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)."
        raise ConfigurationError("SPDX has to say when it was made, and no time is given", where="--as spdx", hint=hint)
    target = about.target(reference, all_layers=all_layers)
    if name is None:
        inputs.require_named(reference.removeprefix("oci-archive:").removeprefix("docker-archive:"))
    place = _place(destination, target)
    progress()(Step(f"listing what {reference} consists of", 0, None, ""))
    contents = _called(contents_of(target), name, revision)
    catalog = stated.onto(catalog_of(contents, files=files))
    made = written(catalog, form=form, spec_version=spec_version, timestamp=moment, files=files)
    _hand_out(made, place)
    from verifier.cli.sboms.told import told  # noqa: PLC0415 - as above

    for text in told(catalog, made, form=_NAMES[form].format(spec_version or "1.6"), timed=moment is not None):
        output.hint(text)
    for finding in catalog.findings:
        output.finding(finding)
    return output.EXIT_ACCEPTED


def _hand_out(made: Written, place: Output | None) -> None:
    if place is None:
        output.document(made.content)
        return
    place.write(made.content)
    output.hint(f"wrote {place.path}")


def _place(destination: Path | None, target: Target) -> Output | None:
    """Where it is written to, held apart from what it is made of."""
    if destination is None:
        return None
    from verifier.cli.options.outputs import outputs  # noqa: PLC0415 - only where a file is written
    from verifier.cli.sboms.against import read_by  # noqa: PLC0415 - as above
    from verifier.files.output import OutputKind  # noqa: PLC0415 - as above

    return outputs(target=read_by(target)).place("--output", destination, OutputKind.SBOM)


def _called(contents: Contents, name: str | None, revision: str | None) -> Contents:
    """The contents under the name and the version that are given for them."""
    from verifier.core.value import replace  # noqa: PLC0415 - as above

    for flag, given in (("--name", name), ("--revision", revision)):
        if given is not None and (not given.strip() or not given.isprintable()):
            raise ConfigurationError("is empty, or holds what nobody could see", where=flag)
    if revision is not None and contents.kind == "bundle" and contents.version not in (None, revision):
        message = f"the bundle's own revision is {contents.version}, not {revision}"
        raise ConfigurationError(message, where="--revision", hint="Leave it away.")
    version = contents.version if revision is None else revision
    return replace(contents, name=contents.name if name is None else name, version=version)
