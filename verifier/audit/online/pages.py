"""A page of an index in JSON (PEP 691), and what it says of one release.

* a page of another major version, about another name, or with fields of another type is refused
* a file of which the name does not say the version (an installer or an egg of old) says nothing of any
* versions are compared by PEP 440; of a release whose files a lock pins, those files are looked at alone
* an upload time is known where every such file has one; a release is yanked where one of them is

Source: PEP 691, 592 (yanked), 700 (upload-time, versions), 792 (project-status).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from verifier.core.clock import parse_rfc3339
from verifier.core.value import replace
from verifier.formats.audit.package import Package
from verifier.formats.pypi.names import normalised


class File(NamedTuple):
    """One file of a release; `yanked` is the reason, "" where none is given, None where it is not yanked."""

    version: str
    hashes: frozenset[str]
    yanked: str | None
    uploaded: datetime | None


class Project(NamedTuple):
    """What an index says of a name; `status` is "" where it says nothing of it."""

    status: str
    why: str
    versions: frozenset[str]
    files: tuple[File, ...]


def read_page(tree: Any, name: str) -> Project:
    """`tree` as a page of PEP 691; raises `KeyError`, `TypeError`, `AttributeError` or `ValueError`."""
    version = tree["meta"]["api-version"]
    if not isinstance(version, str) or version.partition(".")[0] != "1":
        raise ValueError("its api-version is not 1")
    if normalised(tree["name"]) != normalised(name):
        raise ValueError("it is about another name")
    status = tree.get("project-status") or {}
    word, why = status.get("status", "active" if status else ""), status.get("reason") or ""
    if not isinstance(word, str) or not isinstance(why, str):
        raise TypeError("its project-status is no text")
    if not isinstance(tree["files"], list) or not isinstance(tree.get("versions", []), list):
        raise TypeError("its files, or its versions, are no list")
    files = tuple(file for each in tree["files"] if (file := _file(each)) is not None)
    versions = frozenset(tree.get("versions") or ()) | {each.version for each in files}
    return Project(word, why, versions, files)


def _file(item: Mapping[str, Any]) -> File | None:
    """One file; None for one of a form of old, of which the name does not say the version."""
    from packaging.utils import (  # noqa: PLC0415 - only where an index is asked
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    name = item["filename"]
    try:
        version = parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None
    yanked, uploaded = item.get("yanked", False), item.get("upload-time")
    if not isinstance(yanked, bool | str):
        raise TypeError("yanked is neither a text nor a truth value")
    hashes = frozenset(f"{kind}:{digest}".lower() for kind, digest in item["hashes"].items())
    return File(
        str(version),
        hashes,
        (yanked if isinstance(yanked, str) else "") if yanked is not False else None,
        None if uploaded is None else parse_rfc3339(uploaded),
    )


def described(package: Package, project: Project, index: str) -> tuple[Package, str]:
    """The package with what is said of its release, and why it is unknown: "" where the index has it."""
    if not project.versions:
        return package, f"{index} does not have {package.name}"
    package = replace(package, project_status=project.status)
    wanted = _key(package.version)
    if wanted not in {_key(each) for each in project.versions}:
        return package, f"{index} has no {package.name} {package.version}"
    files = _files_of(package, [each for each in project.files if _key(each.version) == wanted])
    yanked = next((each.yanked for each in files if each.yanked is not None), package.yanked)
    times = [each.uploaded for each in files if each.uploaded is not None]
    newest = max(times) if times and len(times) == len(files) else None
    return replace(package, yanked=yanked, uploaded=package.uploaded or newest), ""


def _files_of(package: Package, files: list[File]) -> list[File]:
    """Those of a release's files that a lock pins; all of them, where it pins none that are there."""
    pinned = {
        f"{one.algorithm.replace('-', '')}:{one.value}".lower() for each in package.distributions for one in each.hashes
    }
    return [each for each in files if each.hashes & pinned] or files


def _key(version: object) -> object:
    """What two spellings of one version have in common."""
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - only where an index is asked

    try:
        return Version(str(version))
    except InvalidVersion:
        return str(version)
