"""Where a cache lies, and how processes take turns in it.

* its folder is ours alone (mode 0700, no symbolic link), where nobody else can exchange it: else `ConfigurationError`
* a file in it is read only where it is a regular file of ours that nobody else may touch, and within a bound
* whoever waits for a turn waits a bounded time; a turn ends with the process that has it, however that ends
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError, refuse
from verifier.ledger.sqlite.place import unsafe_steps

WAIT_SECONDS: Final = 10.0
"""How long a turn is waited for: far longer than anybody writes, short enough for a load that waits."""

_LOCK: Final = "lock"
_PAUSE_SECONDS: Final = 0.005
_OURS_ALONE: Final = 0o077
"""The permissions that nobody but the owner may have."""


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
    for step in (*unsafe_steps(path / _LOCK), *unsafe_steps(path.resolve() / _LOCK)):
        raise ConfigurationError(f"somebody else may exchange {step} on the way to it", where=str(folder))
    return path


def read_ours(path: Path, *, max_bytes: int) -> bytes | None:
    """The content of a file of ours, None where there is none; raises `cache.corrupt` for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refuse("cache.corrupt", str(path), f"cannot be read: {error.strerror}") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & _OURS_ALONE:
            message = f"is not a file of ours alone (owner {found.st_uid}, mode {stat.S_IMODE(found.st_mode):04o})"
            raise refuse("cache.corrupt", str(path), message)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise refuse("cache.corrupt", str(path), f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if len(content) > max_bytes:
        raise refuse("cache.corrupt", str(path), f"has more than {max_bytes} bytes")
    return content


@contextmanager
def turn(path: Path, *, shared: bool = False, wait_seconds: float = WAIT_SECONDS) -> Iterator[bool]:
    """Hold the lock `path`, or go on without it (False) where others held it for too long; raises `OSError`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield _taken(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait_seconds)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, operation: int, wait_seconds: float) -> bool:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True


def _require_ours(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigurationError("is not a folder; a cache needs one of its own", where=str(folder))
    if found.st_uid != os.geteuid() or found.st_mode & _OURS_ALONE:
        seen = f"owner {found.st_uid}, mode {stat.S_IMODE(found.st_mode):04o}"
        raise ConfigurationError(f"must be ours alone (mode 0700), and has {seen}", where=str(folder))
