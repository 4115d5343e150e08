"""Where a cache lies.

* its folder is ours alone (mode 0700, no symbolic link), where nobody else can exchange it: else `ConfigurationError`
* a file in it is read only where it is a regular file of ours that nobody else may touch, and within a bound
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError, refuse
from verifier.files.place import exchanges, is_ours_alone, whose
from verifier.files.read import Obstacle, UnreadError, read_bounded

LOCK: Final = "lock"
"""The file that writers in the folder take turns by."""


def open_folder(folder: Path, *inner: str) -> Path:
    """The folder, made where it is missing, with these folders in it; raises `ConfigurationError`."""
    path = folder.absolute()
    try:
        for each in (path, *(path / name for name in inner)):
            each.mkdir(mode=0o700, exist_ok=True)
            _require_ours(each)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(f"cannot be used as a cache: {reason}", where=str(folder)) from error
    for found in exchanges(path):
        hint = "Put the cache where every folder above it is yours or root's, and nobody else's to write to."
        raise ConfigurationError(f"{found} on the way to it", where=str(folder), hint=hint)
    return path


def read_ours(path: Path, *, max_bytes: int) -> bytes | None:
    """The content of a file of ours, None where there is none; raises `cache.corrupt` for anything else."""
    try:
        return read_bounded(path, max_bytes=max_bytes, follow=False, ours_alone=True)
    except UnreadError as error:
        if error.obstacle is Obstacle.MISSING:
            return None
        messages = {
            Obstacle.UNREADABLE: f"cannot be read: {error.seen}",
            Obstacle.TOO_LARGE: f"has more than {max_bytes} bytes",
        }
        message = messages.get(error.obstacle, f"is not a file of ours alone ({error.seen})")
        raise refuse("cache.corrupt", str(path), message) from error


def _require_ours(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigurationError("is not a folder; a cache needs one of its own", where=str(folder))
    if not is_ours_alone(found):
        raise ConfigurationError(f"must be ours alone (mode 0700), and has {whose(found)}", where=str(folder))
