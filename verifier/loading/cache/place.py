"""Where a cache lies.

* its folder is ours alone (mode 0700, no symbolic link), where nobody else can exchange it: else `ConfigurationError`
* a file in it is read only where it is a regular file of ours that nobody else may touch, and within a bound
"""

from __future__ import annotations

from pathlib import Path

from verifier.core.errors import refuse
from verifier.files.folder import own_folder
from verifier.files.read import Obstacle, UnreadError, read_bounded


def open_folder(folder: Path, *inner: str) -> Path:
    """The folder, made where it is missing, with these folders in it; raises `ConfigurationError`."""
    path = own_folder(folder)
    for name in inner:
        own_folder(path / name)
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
