"""Which kind of target something is, by its form: the words before it, its name, and for a folder what lies in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown
from verifier.engine.targets.forms import form_of, is_python
from verifier.sbom.locks.table import format_of

TargetKind = Literal["bundle", "image", "project", "environment"]
_IMAGE_PLACES: Final = ("oci-layout:", "oci-archive:", "docker-archive:")
_TO_BE_LOCKED: Final = frozenset({"pyproject.toml", "Pipfile"})
_BUNDLE_ENDS: Final = (".tar.gz", ".tgz")
_DEPTH: Final = 4
_DOCUMENT_ENDS: Final = (".json", ".xml")
_NAMED: Final = "Say which with --kind: bundle, image, project or environment"


class NothingThereError(ConfigurationError):
    """A folder in which nothing lies that anybody here reads."""


def is_lock(path: str) -> bool:
    """Whether a file of this name, in this folder, pins what a project depends on, or says what it asks for."""
    return path.rpartition("/")[2] in _TO_BE_LOCKED or format_of(path) is not None


def kind_of_target(reference: str) -> TargetKind:
    """The kind; `ConfigurationError` where that is none, or more than one."""
    if reference.startswith(_IMAGE_PLACES):
        return "image"
    if reference.startswith(("oci://", "https://", "http://")):
        return "bundle"
    path = Path(reference)
    if path.is_dir():
        return _kind_of_folder(path)
    if is_python(path) and os.path.lexists(path):
        return "environment"
    if path.exists():
        return _kind_of_file(path)
    if "/" in reference and ("@sha256:" in reference or ":" in reference.rsplit("/", 1)[1]):
        return "image"
    raise ConfigurationError(
        "there is no such file or folder, and it is no reference",
        where=shown(reference),
        hint="Give a file, a folder, oci-layout:DIR, or registry/repository:tag.",
    )


def _kind_of_file(path: Path) -> TargetKind:
    if is_lock(f"{path.parent.name}/{path.name}"):
        return "project"
    if path.name.endswith(_BUNDLE_ENDS):
        return "bundle"
    if path.name.endswith(_DOCUMENT_ENDS):
        hint = f"An SBOM is held against what it is about: `verify sbom check SBOM --against TARGET`. {_NAMED}."
        raise ConfigurationError("is a file of an unknown kind", where=shown(str(path)), hint=hint)
    raise _unclear(path, "is a file of an unknown kind", ())


def _kind_of_folder(path: Path) -> TargetKind:
    kinds: list[TargetKind] = []
    if (path / ".manifest").exists() or _has_rego(path):
        kinds.append("bundle")
    if (path / "oci-layout").exists():
        kinds.append("image")
    if any(is_lock(each.name) for each in path.iterdir()):
        kinds.append("project")
    if form_of(path) != "folder" or (not kinds and any(path.glob("*.egg-info"))):
        kinds.append("environment")  # beside a project, an egg-info is what its own installation has left
    if len(kinds) == 1:
        return kinds[0]
    if not kinds:
        error = _unclear(path, "there is no bundle, image, lock file or installed package in this folder", ())
        raise NothingThereError(error.message, where=error.where, hint=error.hint)
    raise _unclear(path, "may be several things", tuple(kinds))


def _has_rego(path: Path) -> bool:
    """Whether there is a module in it, or in a folder of it, as far down as people put them."""
    return any(any(path.glob(f"{'*/' * depth}*.rego")) for depth in range(_DEPTH))


def _unclear(path: Path, what: str, kinds: tuple[TargetKind, ...]) -> ConfigurationError:
    seen = f": {', '.join(kinds)}" if kinds else ""
    images = (
        "an OCI layout is oci-layout:DIR."
        if path.is_dir()
        else "an image's archive is docker-archive:FILE or oci-archive:FILE."
    )
    return ConfigurationError(
        f"{what}{seen}",
        where=shown(str(path)),
        hint=f"{_NAMED}; {images}",
    )
