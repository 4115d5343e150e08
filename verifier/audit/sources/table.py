"""What is read for packages by the name of its file: one row a format. `read_source` is what everybody asks.

* a file is read as what its name says, or as what somebody says that it is; never passed over
* any file that is named and ends in .txt or .in is a requirements file
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Final, NamedTuple

from verifier.audit.sources.collected import Collected
from verifier.core.value import Value
from verifier.sbom.locks.table import FORMATS as LOCKS


class SourceFormat(NamedTuple):
    """One format: its name, the names of its files in whatever case, and the file here whose `read` reads it."""

    name: str
    files: re.Pattern[str]
    module: str


class Reading(Value):
    """What is to be read: the file's `path` below its root, its bytes, what gives another file below that root, and
    the normalised names that the project beside it asks for, None where there is no project."""

    form: SourceFormat
    path: str
    content: bytes
    include: Callable[[str], bytes] | None = None
    asked: frozenset[str] | None = None


SOURCES: Final = (
    *(SourceFormat(each.name, re.compile(each.files.pattern, re.IGNORECASE), "locked") for each in LOCKS),
    SourceFormat("pyproject", re.compile(r"pyproject\.toml\Z", re.IGNORECASE), "pyproject"),
    SourceFormat("npm", re.compile(r"(?:\.?package-lock|npm-shrinkwrap)\.json\Z", re.IGNORECASE), "npm"),
    SourceFormat("go", re.compile(r"go\.mod\Z", re.IGNORECASE), "golang"),
    SourceFormat("sbom", re.compile(r"(?:.+\.)?(?:bom|cdx|spdx|sbom)\.(?:json|xml)\Z", re.IGNORECASE), "documents"),
)
NAMES: Final = tuple(each.name for each in SOURCES)
REQUIREMENTS: Final = next(each for each in SOURCES if each.name == "requirements")
DOCUMENT: Final = SOURCES[-1]
UNREAD: Final = frozenset(
    {
        *("yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "deno.lock", "npm-shrinkwrap.yaml", "Cargo.lock"),
        *("Gemfile.lock", "composer.lock", "gradle.lockfile", "packages.lock.json", "mix.lock", "pubspec.lock"),
        *("conda-lock.yml", "pixi.lock", "Package.resolved", "Podfile.lock", "environment.yml", "flake.lock"),
    }
)
"""Locks that are known by their names, and that nobody here reads."""
TO_BE_LOCKED: Final = {
    "package.json": (
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "bun.lockb",
    ),
    "Pipfile": ("Pipfile.lock",),
    "Cargo.toml": ("Cargo.lock",),
    "Gemfile": ("Gemfile.lock",),
    "composer.json": ("composer.lock",),
}
"""What asks for packages, and the locks of which one pins them."""


def format_named(name: str) -> SourceFormat | None:
    """The format that somebody calls so."""
    return next((each for each in SOURCES if each.name == name), None)


def format_of_file(path: str, *, named: bool = False) -> SourceFormat | None:
    """The format of a file by its path; `named` says that somebody has named this very file."""
    name = path.rpartition("/")[2]
    found = next((each for each in SOURCES if each.files.match(name) or each.files.match(path)), None)
    ending = name.lower().rpartition(".")[2]
    if found is None and named and ending in {"txt", "in"}:
        return REQUIREMENTS
    if found is None and named and ending in {"json", "xml"}:
        return DOCUMENT
    return found


def read_source(reading: Reading) -> Collected:
    """The packages of one file. `Refused` where it is not sound: `dependency.lock-invalid`, `sbom.*`, `json.*`,
    `input.*`."""
    read: Callable[[Reading], Collected] = import_module(f"verifier.audit.sources.{reading.form.module}").read
    return read(reading)
