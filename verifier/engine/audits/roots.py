"""Where files of a project may be read from, and what they are called in reports.

* the root is what somebody says (`--root`), else the top of git's working tree, else the folder of the file, or the one
  around `requirements/`; nothing beyond it is read, through no link either
* files are told as they were typed: relative to where that was
"""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import replace
from verifier.files.read import read_regular_file
from verifier.sbom.locks.rows.document import MAX_BYTES

if TYPE_CHECKING:
    from verifier.sources.folders.folder import FolderFiles

_REQUIREMENTS: Final = "requirements"
MAX_ABOVE: Final = 64
"""Folders above a file in which git's are looked for."""


class Root:
    """The folder that a file, or another folder, is read within. `typed` is what somebody wrote; `said` the root that
    somebody demands. `ConfigurationError` where the one is not below the other."""

    def __init__(self, typed: str, said: Path | None) -> None:
        self._typed = typed
        at = Path(os.path.abspath(typed))  # noqa: PTH100 - `resolve` would follow links
        self._folder = at if at.is_dir() else at.parent
        above = _top(self._folder, said)
        if above is None:
            above = self._folder.parent if self._folder.name == _REQUIREMENTS and not at.is_dir() else self._folder
        try:
            self.path = at.relative_to(above).as_posix()
        except ValueError:
            message = f"{shown(typed)} is not below it"
            raise ConfigurationError(message, where=f"--root {shown(str(said))}") from None
        self.folder = above
        self._files: FolderFiles | None = None
        self.digests: dict[str, Digest] = {}
        """What every file was that was read."""

    def beside(self, name: str) -> str:
        """The path below the root of a file beside what was typed, or in it."""
        base = self._folder.relative_to(self.folder).as_posix()
        return posixpath.normpath(posixpath.join(base, name))

    def read(self, path: str) -> bytes:
        """The bytes of a file below the root; what was typed itself may be a link that leads out."""
        if path == self.path:
            return self._known(path, read_regular_file(Path(self._typed), max_bytes=MAX_BYTES))
        return self.include(path)

    def include(self, path: str) -> bytes:
        """The bytes of a file that another one names; `Refused` where it is not there, a link leads out, or it is
        hidden: what is refused of a file is shown, and settings of git and others hold passwords."""
        files = self._below()
        fact = files.resolve(path)
        if _is_hidden(path) or (fact is not None and _is_hidden(fact.path)):
            raise refuse("input.unreadable", path, "it is hidden, or git's own, and no requirements file")
        if fact is None or fact.type != "file":
            raise refuse("input.unreadable", path, f"there is no such file below {shown(self.told('.'))}")
        return self._known(path, files.read(fact.path, max_bytes=MAX_BYTES))

    def _known(self, path: str, content: bytes) -> bytes:
        """The content, of which it is kept what it was."""
        self.digests[path] = Digest.of(content)
        return content

    def has(self, path: str) -> bool:
        """Whether there is such a file below the root."""
        if not os.path.lexists(self.folder / path):
            return False
        fact = self._below().resolve(path)
        return fact is not None and fact.type == "file"

    def told(self, path: str) -> str:
        """What a path below the root is called, as what was typed is."""
        if path == self.path:
            return self._typed
        base = self._folder.relative_to(self.folder).as_posix()
        beside = self._typed if Path(self._typed).is_dir() else posixpath.dirname(self._typed)
        return posixpath.normpath(posixpath.join(beside, posixpath.relpath(path, base)))

    def reason(self, reason: Reason) -> Reason:
        """A reason about a file below the root, told as the file is."""
        path, colon, line = reason.subject.rpartition(":")
        if self._typed in (reason.subject, path) or reason.subject.startswith("/") or "://" in reason.subject:
            return reason
        if colon and line.isdigit():
            return replace(reason, subject=f"{self.told(path)}:{line}")
        return replace(reason, subject=self.told(reason.subject))

    def refusal(self, refusal: Refused) -> Refused:
        """A refusal of a file below the root, told as the file is."""
        return type(refusal)(*(self.reason(each) for each in refusal.reasons))

    def _below(self) -> FolderFiles:
        if self._files is None:
            from verifier.sources.folders.folder import FolderFiles  # noqa: PLC0415 - most files include no other

            self._files = FolderFiles(self.folder, levels=1)
        return self._files


def _is_hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".") or ".git" in path.lower().split("/")


def _top(folder: Path, said: Path | None) -> Path | None:
    """The root that is demanded, or the top of the working tree of git that the folder is in."""
    if said is not None:
        top = Path(os.path.abspath(said))  # noqa: PTH100 - as above
        if not top.is_dir():
            raise ConfigurationError("there is no such folder", where=f"--root {shown(str(said))}")
        return top
    for each in (folder, *list(folder.parents)[:MAX_ABOVE]):
        if os.path.lexists(each / ".git"):
            return each
    return None
