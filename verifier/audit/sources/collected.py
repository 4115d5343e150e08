"""What is to be audited, as it was read from one target or several.

* a package stands here once, with every place; what nobody can be asked about is here too
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.audit.package import Package, SourceKind

UNKNOWN: Final = "vulnerability.unknown-dependency"
"""What is said of packages that are known to be there, and not which."""
KINDS: Final[Mapping[str, SourceKind]] = {"registry": "index", "unrecorded": "index", "git": "git", "url": "url"}
"""The source of a package by the kind of its origin; every other kind is a path."""


class Source(NamedTuple):
    """One file, or artifact, that packages were read from.

    `format` is "uv", "poetry", "pdm", "pylock", "pipenv", "requirements", "pyproject", "npm", "go", "cyclonedx",
    "spdx", "environment", "bundle" or "image"; `path` is as it was typed, or below what was typed.
    """

    format: str
    path: str


class Collected(Value):
    """The packages of a target, sorted by ecosystem, name and version.

    `reasons` is what reading has found: warnings, `dependency.lock-outdated`, `vulnerability.unknown-dependency` for
    what lies there and is not read. `unread` are errors about what could not be read, or not wholly: whatever their
    codes are, nothing was judged. `files` are all files that were read. `edges` are pairs of purls: the first needs the
    second. `sources` are what the packages come from; `format` and `path` are those of the first, "" where there
    is none. `subjects` are what was read, by what it is called, each with its digest, for whoever signs what comes of
    it; what has no digest (a folder of packages) is not there.
    """

    packages: tuple[Package, ...] = field(default=(), repr=False)
    reasons: tuple[Reason, ...] = ()
    unread: tuple[Reason, ...] = ()
    files: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    edges: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    subjects: tuple[tuple[str, Digest], ...] = ()

    @property
    def format(self) -> str:
        """The format of the first source."""
        return self.sources[0].format if self.sources else ""

    @property
    def path(self) -> str:
        """The path of the first source."""
        return self.sources[0].path if self.sources else ""
