"""Projects: a folder with lock files, or one lock file.

* a file that is named is read alone, with what it includes from its own folder, or from the one around `requirements/`
* links are followed within the folder; nothing outside is read
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from verifier.engine.targets.target import Target, path_of
from verifier.evidence.contents import Contents
from verifier.files.read import unreadable
from verifier.sources.folders.folder import FolderFiles

LEVELS: Final = 2
"""Of folders, in which locks are looked for: those of the project, and `requirements/`."""
APART: Final = (".git", ".hg", ".nox", ".tox", ".venv", "node_modules", "venv")
"""Folders at the top in which no lock of the project lies."""


def contents(target: Target) -> Contents:
    """What is in the project; `Refused` with `input.unreadable` where there is no such file or folder."""
    path = path_of(target)
    if path.is_dir():
        return _contents(path, (), target)
    if not path.is_file():
        raise unreadable(str(path), "there is no such file or folder")
    folder = path.parent
    if folder.name == "requirements":
        return _contents(folder.parent, (f"{folder.name}/{path.name}",), target)
    return _contents(folder, (path.name,), target)


def _contents(folder: Path, named: tuple[str, ...], target: Target) -> Contents:
    name = os.path.basename(os.path.realpath(folder)) or "root"  # noqa: PTH119 - of a path that is no `Path` yet
    files = FolderFiles(folder, levels=LEVELS, without=APART, limits=target.limits)
    return Contents(kind="project", name=name, files=files, named=named)
