"""A bundle on this machine: an archive, or a directory by way of its canonical archive.

* only regular files are read; what has changed is decided by the content
"""

from __future__ import annotations

from pathlib import Path

from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.sources.content import read_content
from verifier.sources.fetched import Fetched
from verifier.sources.place import Place


class PathUpstream:
    """One path."""

    place: Place | None = None
    """Nothing can be asked for beside it."""

    def __init__(self, path: Path, *, limits: Limits) -> None:
        self._path, self._limits = path, limits

    @property
    def reference(self) -> str:
        """The path as it was given."""
        return str(self._path)

    def fetch(self, validator: str | None, *, wait: int = 0) -> Fetched | None:  # noqa: ARG002 - a file says nothing by itself
        """What is there now, or None where it has not changed."""
        content = read_content(self._path, limits=self._limits)
        digest = str(Digest.of(content))
        return None if digest == validator else Fetched(content=content, validator=digest)

    def close(self) -> None:
        """There is nothing to close."""
