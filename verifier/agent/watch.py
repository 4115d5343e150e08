"""Whether what a configuration was read from is what it was: then reading it again would come to the same.

* of each file: which one it is, its size, its times, whose it is and who may change it; of each folder on the way
  there: which one it is, and who may change it
* it is looked at before it is read: a change while it is read is seen afterwards
* a file that was changed just before it was read may change once more within one tick of the file system's clock, and
  not show it: then it is read again, until it has not been changed for a while
"""

from __future__ import annotations

import os
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from verifier.core.clock import EPOCH

_SETTLED: Final = timedelta(seconds=2)
"""No file system in use has a coarser clock (VFAT's is two seconds)."""
_Seen = tuple[object, ...]
_GONE: Final[_Seen] = ("gone",)


class Watch:
    """What was seen of each file and folder when it was read."""

    def __init__(self, began: datetime) -> None:
        """`began` is the time at which reading begins."""
        self._files: dict[Path, _Seen] = {}
        self._stores: dict[Path, _Seen] = {}
        self._folders: dict[Path, _Seen] = {}
        self._began, self._newest = began, EPOCH

    def file(self, path: Path) -> None:
        """Remember what is at `path`, which is read next."""
        self._files[path] = _of_file(path)
        self._remember_way(path)
        try:
            changed = os.stat(path).st_ctime_ns  # noqa: PTH116 - as below
        except OSError:
            return
        self._newest = max(self._newest, EPOCH + timedelta(microseconds=changed // 1000))

    def store(self, path: Path) -> None:
        """Remember which database is at `path`: what it holds changes, and it says so itself."""
        self._stores[path] = _of_store(path)
        self._remember_way(path)

    def unchanged(self) -> bool:
        """Whether reading everything again would come to the same."""
        return (
            self._newest + _SETTLED <= self._began
            and all(_of_file(path) == seen for path, seen in self._files.items())
            and all(_of_store(path) == seen for path, seen in self._stores.items())
            and all(_of_folder(path) == seen for path, seen in self._folders.items())
        )

    def _remember_way(self, path: Path) -> None:
        ways = {*path.absolute().parents, *Path(os.path.realpath(path)).parents}
        for folder in ways:
            self._folders.setdefault(folder, _of_folder(folder))


def _of_file(path: Path) -> _Seen:
    try:
        found = os.stat(path)  # noqa: PTH116 - for every question
    except OSError:
        return _GONE
    return (*_whose(found), found.st_size, found.st_mtime_ns, found.st_ctime_ns, os.path.realpath(path))


def _of_store(path: Path) -> _Seen:
    try:
        return (*_whose(os.stat(path)), os.path.realpath(path))  # noqa: PTH116 - as above
    except OSError:
        return _GONE


def _of_folder(path: Path) -> _Seen:
    try:
        return _whose(os.stat(path))  # noqa: PTH116 - as above
    except OSError:
        return _GONE


def _whose(found: os.stat_result) -> _Seen:
    return (found.st_dev, found.st_ino, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid)
