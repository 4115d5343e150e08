"""Whose is the way to a file, and whose is the file? What somebody else can exchange is not believed.

* a file or folder is ours alone where this user owns it and nobody else has any permission on it
* whoever owns a folder on the way, or may write to it, can put another file there; in a folder with the sticky bit,
  such as /tmp, only what is not ours or the system's can be exchanged
* a way is walked as the system walks it: every folder and every link, up to the file itself
* the system is root, and whoever owns `/`: in a user namespace that is another number
* a group counts as ours alone where it is this user's private group (its name is the user's, and it has no other
  member), or one of this process' groups that has no name here: that of a volume (Kubernetes' `fsGroup`)
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

from verifier.core.value import Value

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
MAX_LINKS: Final = 40
"""As Linux follows."""


class Exchange(Value):
    """That somebody else can put something else in the place of `step`, and who."""

    step: Path
    who: str
    anybody: bool

    def __str__(self) -> str:
        return f"{self.who} may exchange {self.step}"


def is_ours_alone(status: os.stat_result) -> bool:
    """Whether this user owns it, and nobody else may read, write or enter it."""
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS


def whose(status: os.stat_result) -> str:
    """The owner and the permissions, in words."""
    return f"owner {status.st_uid}, mode {stat.S_IMODE(status.st_mode):04o}"


def exchanges(path: Path, *, alone: bool = False) -> Iterator[Exchange]:
    """Who else can exchange what stands at `path`, or put it there where it is missing: each step; nothing for nobody.

    With `alone`, its folder must be nobody else's to write to even with the sticky bit: for what has files beside it
    that another could make first. What is out of reach is for whoever opens it to say.
    """
    try:
        trusted = {0, os.geteuid(), os.stat("/").st_uid}  # noqa: PTH116 - a `Path` is made for each step as it is
        for folder, step, last in _way(path):
            found = step.lstat() if os.path.lexists(step) else None
            who, anybody = _writer(folder.stat(), found, trusted, sticky=not (last and alone))
            if who:
                yield Exchange(step=step, who=who, anybody=anybody)
            if found is None:
                return
            if last and stat.S_ISREG(found.st_mode):
                who, anybody = _owner_or_writer(found, trusted)
                if who:
                    yield Exchange(step=step, who=who, anybody=anybody)
    except (OSError, ValueError):
        return


def _way(path: Path) -> Iterator[tuple[Path, Path, bool]]:
    """Each step as the system takes it: the folder that it stands in, the step, and whether the way ends there."""
    absolute = path.absolute()
    reached, ahead, links = Path(absolute.anchor), list(absolute.parts[1:]), 0
    while ahead:
        name = ahead.pop(0)
        if name == "..":
            reached = reached.parent
            continue
        step = reached / name
        is_link = step.is_symlink()
        yield reached, step, not ahead and not is_link
        if not is_link:
            reached = step
            continue
        links += 1
        if links > MAX_LINKS:
            return
        target = PurePath(os.readlink(step))  # noqa: PTH115 - as it is written
        if target.is_absolute():
            reached = Path(target.anchor)
        ahead[:0] = [part for part in target.parts if part != target.anchor]


def _writer(
    folder: os.stat_result, found: os.stat_result | None, trusted: set[int], *, sticky: bool
) -> tuple[str, bool]:
    """Who else may put something in the place of `found`, which stands in `folder`; "" for nobody."""
    who, anybody = _owner_or_writer(folder, trusted)
    holds = sticky and folder.st_uid in trusted and folder.st_mode & stat.S_ISVTX
    return ("", False) if who and holds and found is not None and found.st_uid in trusted else (who, anybody)


def _owner_or_writer(status: os.stat_result, trusted: set[int]) -> tuple[str, bool]:
    if status.st_mode & stat.S_IWOTH:
        return "everybody", True
    if status.st_uid not in trusted:
        return f"the user {status.st_uid}", False
    if status.st_mode & stat.S_IWGRP and not _is_ours(status.st_gid):
        return f"the group {status.st_gid}", False
    return "", False


def _is_ours(group: int) -> bool:
    """Whether nobody else is in a group, as far as this system knows."""
    import grp  # noqa: PLC0415 - only where a group has a say
    import pwd  # noqa: PLC0415 - as above

    if group not in {os.getegid(), *os.getgroups()}:
        return False
    try:
        found = grp.getgrgid(group)
    except KeyError:
        return True
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return False
    return found.gr_name == name and not set(found.gr_mem) - {name}
