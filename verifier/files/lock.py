"""Taking turns, among processes, by a lock file.

* a lock goes with the process that holds it, however that ends
* a lock file is ours alone: nobody who can merely read its folder can hold it against us
* a link in its place is not followed
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.files.write import sweep_unfinished, unwritable

_PAUSE_SECONDS: Final = 0.005


@contextmanager
def locked(lock: Path, *, shared: bool = False, wait_seconds: float | None = None) -> Iterator[bool]:
    """Hold the lock file `lock`; raises `OSError`, or `ValueError` for a path that is none.

    Where others held it for more than `wait_seconds`, the block runs without it and is told so (False); with None, it
    waits as long as it takes.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield _taken(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait_seconds)
    finally:
        os.close(descriptor)


@contextmanager
def turn_to_write(path: Path) -> Iterator[None]:
    """Wait for, and hold, the right to write `path`; `ConfigurationError` where nothing can be written there.

    What is written later was decided later: two runs cannot leave the older artifact behind the newer one's back. What
    a run that was killed had begun to write is swept away by the next one.
    """
    if os.path.isdir(path):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long
        raise ConfigurationError("is a folder, expected the name of a file", where=str(path))
    with ExitStack() as held:
        try:
            held.enter_context(locked(path.with_name(f".{path.name}.lock")))
        except (OSError, ValueError) as error:
            raise unwritable(path, error) from error
        sweep_unfinished(path)
        yield


def _taken(descriptor: int, operation: int, wait_seconds: float | None) -> bool:
    if wait_seconds is None:
        fcntl.flock(descriptor, operation)
        return True
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
