"""Whose is the way to a file, and whose is the file? What somebody else can exchange is not believed.

* a file or folder is ours alone where this user owns it and nobody else has any permission on it
* a way is unsafe where it leads through what somebody else has put into a folder that everyone may write to
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def is_ours_alone(status: os.stat_result) -> bool:
    """Whether this user owns it, and nobody else may read, write or enter it."""
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS


def whose(status: os.stat_result) -> str:
    """The owner and the permissions, in words."""
    return f"owner {status.st_uid}, mode {stat.S_IMODE(status.st_mode):04o}"


def unsafe_steps(*paths: Path) -> Iterator[Path]:
    """What on the way to each path stands in a folder that everyone may write to, and is not ours or the system's.

    In a folder with the sticky bit, such as /tmp, only the owner can exchange it; in any other everyone can. A way is
    judged as it is written: give the path that it resolves to as well.
    """
    for path in paths:
        way = path.absolute()
        for step in (way, *way.parents):
            try:
                folder, owner = step.parent.stat().st_mode, step.lstat().st_uid
            except OSError:
                continue  # nothing there, or out of reach: whoever opens it will say so
            exchangeable = not folder & stat.S_ISVTX or owner not in (0, os.geteuid()) or step == way
            if folder & stat.S_IWOTH and exchangeable:
                yield step
