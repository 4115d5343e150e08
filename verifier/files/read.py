"""Reading a local file that may be anything. Whoever reads a whole file reads it here.

* only regular files are read; a FIFO or a device neither blocks nor is read from
* the size is checked on the descriptor that is read, before anything is read, and again on what was read
* where a link must not be followed, or a file must be its owner's alone, that is asked of the same descriptor
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from verifier.core.errors import Absent, ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.files.place import is_ours_alone, whose


class Obstacle(StrEnum):
    """What can be in the way of reading a file."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    IRREGULAR = "irregular"
    NOT_OURS = "not ours"
    TOO_LARGE = "too large"


class UnreadError(Exception):
    """A file was not read. `seen` is what there was, in words: the system's, the kind of file, its owner, its size."""

    def __init__(self, obstacle: Obstacle, seen: str) -> None:
        super().__init__(f"{obstacle}: {seen}")
        self.obstacle, self.seen = obstacle, seen


def read_bounded(
    path: Path,
    *,
    max_bytes: int,
    follow: bool = True,
    ours_alone: bool = False,
    judge: Callable[[os.stat_result], None] | None = None,
) -> bytes:
    """The whole content; `UnreadError` where there is none to be had.

    Without `follow`, a symbolic link is `UNREADABLE`; with `ours_alone`, what anybody else may touch is `NOT_OURS`.
    `judge` is asked about the file that was opened, and may raise.
    """
    # Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
        try:
            status = os.fstat(descriptor)
            _require(status, max_bytes=max_bytes, ours_alone=ours_alone)
            if judge is not None:
                judge(status)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(max_bytes + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise UnreadError(Obstacle.MISSING, error.strerror or "it is not there") from None
    except OSError as error:
        raise UnreadError(Obstacle.UNREADABLE, error.strerror or str(error)) from None
    except ValueError as error:  # a NUL byte in the path
        raise UnreadError(Obstacle.UNREADABLE, str(error)) from None
    if len(content) > max_bytes:  # it grew meanwhile
        raise UnreadError(Obstacle.TOO_LARGE, f"{len(content)} bytes")
    return content


def read_regular_file(path: Path, *, max_bytes: int, follow: bool = True) -> bytes:
    """The content of what is to be judged; `Refused` (`input.unreadable`, `input.too-large`) where it has none."""
    try:
        return read_bounded(path, max_bytes=max_bytes, follow=follow)
    except UnreadError as error:
        if error.obstacle is Obstacle.TOO_LARGE:
            message = f"{error.seen}; at most {max_bytes} are allowed"
            raise refuse("input.too-large", str(path), message) from None
        if error.obstacle is Obstacle.IRREGULAR:
            message = f"a regular file was expected, seen: {error.seen}"
            raise refuse("input.unreadable", str(path), message, _irregular(error)) from None
        message, hint = _absent(path, error)
        if error.obstacle is Obstacle.MISSING and _nothing_is_there(path):
            raise Absent(Reason(code="input.unreadable", subject=str(path), message=message, hint=hint)) from None
        raise refuse("input.unreadable", str(path), message, hint) from None


def _nothing_is_there(path: Path) -> bool:
    """Whether the folder is there, and says that nothing of this name is: no link that leads nowhere, no lost mount."""
    return path.parent.is_dir() and not os.path.lexists(path)


def read_named_file(path: Path, *, max_bytes: int, judge: Callable[[os.stat_result], None] | None = None) -> bytes:
    """The content of a file that an option, a policy or a configuration names; `ConfigurationError` where it has none.

    The error does not say where the file is named: whoever asked does.
    """
    try:
        return read_bounded(path, max_bytes=max_bytes, judge=judge)
    except UnreadError as error:
        if error.obstacle is Obstacle.TOO_LARGE:
            raise ConfigurationError(f"larger than {max_bytes} bytes") from error
        if error.obstacle is Obstacle.IRREGULAR:
            raise ConfigurationError(f"not a regular file, but {error.seen}", hint=_irregular(error)) from error
        message, hint = _absent(path, error)
        raise ConfigurationError(message, hint=hint) from error


def _irregular(error: UnreadError) -> str:
    from verifier.files.absent import instead_of  # noqa: PLC0415 - only for what is no file

    return instead_of(error.seen)


def _absent(path: Path, error: UnreadError) -> tuple[str, str]:
    if error.obstacle is not Obstacle.MISSING:
        return f"cannot be read: {error.seen}", ""
    from verifier.files.absent import told  # noqa: PLC0415 - only for what is not there

    return told(str(path), error.seen)


def unreadable(subject: str, reason: str) -> Refused:
    """The refusal for what the operating system would not let us read."""
    return refuse("input.unreadable", subject, f"cannot be read: {reason}")


def kind(mode: int) -> str:
    """What a file mode stands for, in words."""
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a character device",
        stat.S_IFBLK: "a block device",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")


def _require(status: os.stat_result, *, max_bytes: int, ours_alone: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UnreadError(Obstacle.IRREGULAR, kind(status.st_mode))
    if ours_alone and not is_ours_alone(status):
        raise UnreadError(Obstacle.NOT_OURS, whose(status))
    if status.st_size > max_bytes:
        raise UnreadError(Obstacle.TOO_LARGE, f"{status.st_size} bytes")
