"""What is audited: from what was typed to packages, each with where it stands.

* what it is says its name and form; somebody may say it (`Opening.form`, `Opening.kind`); what could be two things is
  refused
* of a folder every lock at its top and in `requirements/` is read; what lies there and is not read is said, never
  passed over
* a pyproject.toml is never enough: a lock beside it is read, and held against it; so is a lock that was named alone
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.audit.sources.collected import Collected, Source
from verifier.audit.sources.merged import merged
from verifier.audit.sources.table import (
    NAMES,
    SourceFormat,
    format_named,
    format_of_file,
)
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.text.shown import shown
from verifier.core.value import Value, replace
from verifier.engine.audits.projects import collect_files, collect_folder, is_project
from verifier.engine.audits.roots import Root
from verifier.files.read import unreadable
from verifier.formats.audit.package import Place

if TYPE_CHECKING:
    from verifier.engine.targets.recognise import TargetKind
    from verifier.formats.bom.component import Component
    from verifier.formats.oci.platform import Platform
    from verifier.net.access import Access
    from verifier.rego.interface import RegoEngine

_ARCHIVES: Final = (".tar.gz", ".tgz", ".tar")
_PLACES: Final = ("oci-layout:", "oci-archive:", "docker-archive:", "oci://", "https://", "http://")

_MAX_SHOWN: Final = 300
_NAME: Final = "Name a lock file, an SBOM, an environment (--environment DIR), or an image as oci-layout:DIR."


class Opening(Value):
    """How what was typed is to be read.

    `form` is the name of a format (`audit.sources.table.NAMES`), "" where the file's name says it; `kind` says what a
    folder or a reference is, None where its form does. `root` is the folder that includes may not leave. The rest is as
    in `engine.targets.Target`.
    """

    form: str = ""
    kind: TargetKind | None = None
    root: Path | None = None
    access: Access | None = None
    platform: Platform | None = None
    limits: Limits = DEFAULT_LIMITS
    rego: RegoEngine | None = None


def collect(reference: str, *, opening: Opening | None = None) -> Collected:
    """The packages of one target. `Refused` where it cannot be read, is not sound or is a folder of nothing,
    `ConfigurationError` where nobody can say what it is. There is never a shorter list instead; one of nothing is
    empty."""
    opening = opening or Opening()
    form = _form(opening)
    _require_place(reference)
    if opening.kind in {"bundle", "image", "environment"} or reference.startswith(_PLACES):
        return _installed(reference, opening)
    path = Path(reference)
    if form is None and not path.is_dir():
        form = format_of_file(_with_folder(path), named=True)
    if form is None and not (opening.kind == "project" or (path.is_dir() and is_project(path))):
        return _other(reference, opening)
    root = Root(reference, opening.root)
    try:
        return collect_folder(root) if form is None else collect_files(root, [(form, root.path)])
    except Refused as refusal:
        raise root.refusal(refusal) from None


def collect_all(references: Sequence[str], *, opening: Opening | None = None) -> Collected:
    """The packages of several targets: what is in two of them stands once, with both places. Raises as `collect`."""
    return merged([collect(each, opening=opening) for each in dict.fromkeys(references)])


def _require_place(reference: str) -> None:
    """`Refused` where nobody can even ask what lies there, `ConfigurationError` where nothing is named."""
    if not reference:
        raise ConfigurationError("is empty: a target has a name", where="TARGET", hint="A variable may be unset.")
    try:
        os.stat(reference)  # noqa: PTH116 - `Path` takes a name that is too long for an error of its own
    except (FileNotFoundError, NotADirectoryError):
        return  # it may be a reference
    except (OSError, ValueError) as error:
        if not reference.startswith(_PLACES):
            seen = error.strerror if isinstance(error, OSError) else str(error)
            raise unreadable(reference[:_MAX_SHOWN], str(seen)) from None


def _form(opening: Opening) -> SourceFormat | None:
    if not opening.form:
        return None
    form = format_named(opening.form)
    if form is None:
        raise ConfigurationError(f"{shown(opening.form)!r}, expected one of {', '.join(NAMES)}", where="--source")
    return form


def _with_folder(path: Path) -> str:
    """A file with its folder, by which a requirements file is known."""
    return f"{path.absolute().parent.name}/{path.name}"


def _other(reference: str, opening: Opening) -> Collected:
    """What is no file of a project: an archive, an image, a folder in which something is installed."""
    path = Path(reference)
    known = path.is_dir() or reference.endswith(_ARCHIVES) or path.name.startswith(("python", "pypy"))
    looks_remote = not path.exists() and "/" in reference and ":" in reference.rsplit("/", 1)[1]
    if known or looks_remote:
        return _installed(reference, opening)
    if not path.exists():
        raise unreadable(reference, "there is no such file or folder")
    hint = f"Say what it is with --source: {', '.join(NAMES)}; an environment with --environment."
    raise ConfigurationError("is a file of an unknown kind", where=shown(reference), hint=hint)


def _kind(reference: str) -> TargetKind:
    """What a folder, an archive or a reference is; `ConfigurationError` where nobody can say."""
    from verifier.engine.targets.recognise import (  # noqa: PLC0415 - few targets have one
        NothingThereError,
        kind_of_target,
    )

    try:
        return kind_of_target(reference)
    except NothingThereError as error:
        raise refuse("input.empty", shown(reference), error.message, _NAME) from None
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=error.where, hint=_NAME) from None


def _installed(reference: str, opening: Opening) -> Collected:
    """What is in a bundle, an image or an environment."""
    from verifier.audit.sources.components import of_components  # noqa: PLC0415 - few targets have one
    from verifier.engine.targets.target import Target, contents_of  # noqa: PLC0415 - as above
    from verifier.sbom.catalog.table import catalog_of  # noqa: PLC0415 - as above

    target = Target(
        reference=reference,
        kind=opening.kind or _kind(reference),
        access=opening.access,
        platform=opening.platform,
        limits=opening.limits,
        rego=opening.rego,
    )
    catalog = catalog_of(contents_of(target))
    below = reference if catalog.kind == "environment" and Path(reference).is_dir() else ""

    def place(component: Component) -> Place:
        found = component.path or reference
        return Place((Path(below) / found).as_posix() if below and component.path else found)

    found = of_components(
        catalog.components,
        catalog.dependencies,
        source=Source(catalog.kind, reference),
        place=place,
        reasons=catalog.findings,
        files=(reference,),
    )
    # The first is what the artifact is signed by: of an image its manifest, of a bundle its archive.
    return replace(found, subjects=tuple((reference, each) for each in catalog.digests[:1]))
