"""Environments: what is installed in a folder, found without running anything of it.

* a virtual environment, a folder of packages (`site-packages`), the root of an unpacked file system, any other folder
  in which something is installed; or a Python program, which stands for the environment that it runs in
* a link among the packages that leads nowhere or out of the folder is a refusal, and so is whatever may not be read:
  what is there is listed, or nothing is
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.engine.targets.forms import NODE_MODULES, OF_PACKAGES, Form, form_of, is_python
from verifier.engine.targets.target import Target, path_of
from verifier.evidence.contents import Contents, FileFact
from verifier.files.read import kind, unreadable
from verifier.sbom.catalog.wanted import wanted
from verifier.sources.folders.below import FilesBelow
from verifier.sources.folders.folder import FolderFiles

_OF_KERNEL: Final = ("dev", "proc", "sys")
"""What the kernel mounts at the root of a system that runs: no files."""
_INSTALLED: Final = re.compile(r"(?:.*/)?(?:[^/]+\.(?:dist-info|egg-info)|EGG-INFO|node_modules)\Z")
_ON_THE_WAY: Final = re.compile(r"(?:.*/)?lib(?:64)?(?:/(?:python|pypy)[0-9.]*)?\Z")
"""The folders that lead to where a Python has its packages."""
_HINT: Final = (
    "Give a virtual environment, a site-packages folder, DIR/bin/python, or the root folder of a file system."
)
MAX_SETTINGS: Final = 64 * 1024


def contents(target: Target) -> Contents:
    """What is in the environment; `Refused` where it is none, or part of it cannot be read."""
    folder, form = _environment_of(path_of(target))
    mounted = [name for name in _OF_KERNEL if form == "root" and os.path.ismount(folder / name)]
    inside = FolderFiles(folder, is_root=form == "root", without=mounted, limits=target.limits)
    files = FilesBelow(inside, NODE_MODULES) if form == "node-modules" else inside
    facts = list(files)
    for fact in facts:
        if fact.type == "symlink":
            _require_link(fact, files, of_system=form in {"root", "python"})
    if form == "folder" and not _has_packages(facts, files):
        raise refuse("input.unreadable", str(folder), "nothing is installed in it", _HINT)
    return Contents(
        kind="environment",
        name=os.path.basename(os.path.realpath(folder)) or "root",  # noqa: PTH119 - of a path that is no `Path` yet
        files=files,
        properties=(("verifier:environment", form), *_settings(files, form)),
    )


def _environment_of(path: Path) -> tuple[Path, Form]:
    """The folder of an environment, and what it is."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        seen = error.strerror if isinstance(error, OSError) else str(error)
        if path.is_symlink():
            seen = f"a link that leads nowhere ({seen})"
        raise unreadable(str(path), str(seen)) from None
    if stat.S_ISDIR(mode):
        return path, form_of(path)
    if not stat.S_ISREG(mode):
        raise refuse("input.unreadable", str(path), f"an environment was expected, seen: {kind(mode)}", _HINT)
    if not is_python(path):
        raise refuse("input.unreadable", str(path), "an environment was expected, seen: a file", _HINT)
    return _run_in(path)


def _run_in(program: Path) -> tuple[Path, Form]:
    """The environment that a Python runs in: the folder above its own, wherever the program itself is a link to."""
    folder = Path(os.path.realpath(program.parent)).parent
    if (folder / "pyvenv.cfg").exists():
        return folder, "virtual-environment"
    if any(is_python(each) for each in folder.glob("lib/py*")):
        return folder, "python"
    message = f"this Python runs in {folder}, which has no pyvenv.cfg and no lib/python3.11 or the like"
    raise refuse("input.unreadable", str(program), message, _HINT)


def _require_link(fact: FileFact, files: FolderFiles | FilesBelow, *, of_system: bool) -> None:
    """`Refused` where a link keeps packages away: one among them, or to a folder outside, of which a system has many
    that have nothing to do with them."""
    if files.resolve(fact.path) is not None:
        return
    above, _, name = fact.path.rpartition("/")
    about_packages = (
        _INSTALLED.match(fact.path) is not None
        or name in OF_PACKAGES
        or _ON_THE_WAY.match(fact.path) is not None
        or above.rpartition("/")[2] in OF_PACKAGES
        or wanted(fact.path, 0) is not None
    )
    if about_packages or (not of_system and Path(files.told(fact.path)).is_dir()):
        raise _lost(fact, files)


def _lost(fact: FileFact, files: FolderFiles | FilesBelow) -> Refused:
    message = f"a link to {fact.target}, which is not there or outside of the folder: what it stands for is not listed"
    hint = "Copy the environment with `cp -RL`, or give the folder that holds both, or the root of the file system."
    return refuse("input.unreadable", files.told(fact.path), message, hint)


def _has_packages(facts: list[FileFact], files: FolderFiles | FilesBelow) -> bool:
    """Whether anything in a folder says that something is installed there."""
    return any(
        _INSTALLED.match(fact.path) is not None or (fact.type == "file" and files.excerpts(fact.path)) for fact in facts
    )


def _settings(files: FolderFiles | FilesBelow, form: Form) -> tuple[tuple[str, str], ...]:
    """The version of Python that `pyvenv.cfg` names."""
    if form != "virtual-environment":
        return ()
    text = str(files.read("pyvenv.cfg", max_bytes=MAX_SETTINGS), "utf-8", "replace")
    said = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        said[key.strip().lower()] = value.strip()
    version = said.get("version") or said.get("version_info", "")
    return (("verifier:python:version", version[:100]),) if version else ()
