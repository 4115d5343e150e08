"""A folder of our own, for what may be lost and must not be forged.

* it is ours alone (mode 0700, no symbolic link), where nobody else can exchange it: else `ConfigurationError`
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.files.place import exchanges, is_ours_alone, whose

LOCK: Final = "lock"
"""The file in it that writers take turns by."""


def own_folder(folder: Path, *, parents: bool = False) -> Path:
    """The folder, made where it is missing, with `parents` those above it too; raises `ConfigurationError`."""
    path = folder.absolute()
    try:
        path.mkdir(mode=0o700, parents=parents, exist_ok=True)
        found = path.lstat()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(f"cannot be used: {reason}", where=str(folder)) from error
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigurationError("is not a folder", where=str(folder))
    if not is_ours_alone(found):
        raise ConfigurationError(f"must be ours alone (mode 0700), and has {whose(found)}", where=str(folder))
    for other in exchanges(path):
        hint = "Put it where every folder above it is yours or root's, and nobody else's to write to."
        raise ConfigurationError(f"{other} on the way to it", where=str(folder), hint=hint)
    return path
