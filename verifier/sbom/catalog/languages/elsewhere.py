"""What a Python environment uses that lies outside of it: it cannot be listed, so it is told.

* `pyvenv.cfg` says whether the packages of the system are used; `.pth` files add folders, `.egg-link` files packages
* a folder that lies inside is listed anyhow; in an image and the root of a file system everything does

Source: https://docs.python.org/3/library/site.html; setuptools' `develop`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from verifier.core.outcome import Reason
from verifier.evidence.contents import Contents
from verifier.sbom.catalog.languages.reading import read_at
from verifier.sbom.catalog.reader import Scene, Wanted

_FOLDERS: Final = ("", "**/site-packages/", "**/dist-packages/")
"""Where Python looks for them: PyTorch's files end in `.pth`, too."""
PATHS, LINKS = (tuple(f"{folder}*.{ending}" for folder in _FOLDERS) for ending in ("pth", "egg-link"))
SETTINGS: Final = "**/pyvenv.cfg"
MAX_READ: Final = 1 << 20
WANTED: Final = tuple(Wanted(pattern, MAX_READ) for pattern in (*PATHS, *LINKS, SETTINGS))
_TOLD: Final = 5
"""Folders that one warning names."""


def elsewhere(scene: Scene) -> Iterator[Reason]:
    """A warning for each file of the environment that brings in what lies outside."""
    if scene.contents.kind != "environment" or ("verifier:environment", "root") in scene.contents.properties:
        return
    for pattern in (*PATHS, *LINKS):
        for fact in scene.there.get(pattern, ()):
            lines = _lines(scene, fact.path)
            folders = [each for each in _folders(lines, pattern) if not _is_inside(scene.contents, fact.path, each)]
            if folders:
                more = ", ..." if len(folders) > _TOLD else ""
                named = ", ".join(repr(each[:200]) for each in folders[:_TOLD])
                yield _told(fact.path, f"it adds {named}{more}: what lies there is not listed")
    for fact in scene.there.get(SETTINGS, ()):
        if fact.path == "pyvenv.cfg" and _uses_the_system(_lines(scene, fact.path)):
            yield _told(fact.path, "`include-system-site-packages = true`: what is installed there is not listed")


def _lines(scene: Scene, path: str) -> list[str]:
    return str(read_at(scene.contents.files, path, max_bytes=MAX_READ), "utf-8-sig", "replace").splitlines()


def _folders(lines: list[str], pattern: str) -> Iterator[str]:
    """What the lines add to where Python looks; what a `.pth` runs is a matter of its bytes."""
    if pattern in LINKS:
        lines = lines[:1]
    for line in lines:
        said = line.strip()
        if said and not said.startswith(("#", "import ", "import\t")):
            yield said


def _is_inside(contents: Contents, path: str, folder: str) -> bool:
    """Whether a folder that is named in the file at `path` is one of the environment's own."""
    if not folder.startswith("/"):
        at = posixpath.normpath(posixpath.join(posixpath.dirname(path), folder))
        return at == "." or not at.startswith("..")
    # Where the environment lies is nothing that its contents say; its name is, and what lies in it.
    marker = f"/{contents.name}/"
    place = folder.find(marker)
    while place >= 0:
        if contents.files.find(folder[place + len(marker) :].rstrip("/")) is not None:
            return True
        place = folder.find(marker, place + 1)
    return False


def _uses_the_system(lines: list[str]) -> bool:
    for line in lines:
        key, _, value = line.partition("=")
        if key.strip().lower() == "include-system-site-packages" and value.strip().lower() == "true":
            return True
    return False


def _told(path: str, message: str) -> Reason:
    return Reason(code="package.elsewhere", subject=path, message=message)
