"""One at a time for a file that verified bytes are written to.

* what is written later was accepted later: two runs cannot leave the older artifact behind the newer one's back
* the lock goes with the process that holds it, however that ends
* what a run that was killed had begun to write is swept away by the next one
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from verifier.core.errors import ConfigurationError


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Wait for, and hold, the right to write `path`; `ConfigurationError` where nothing can be written there."""
    if os.path.isdir(path):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long
        raise ConfigurationError("is a folder, expected the name of a file", where=str(path))
    # A file of our own: nobody who can merely read the folder can hold it against us.
    lock = path.with_name(f".{path.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"cannot be written: {reason}", where=str(path)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _sweep(path)
        yield
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    """Remove what `replace_file` left unfinished: whoever holds the turn is the only one who writes."""
    unfinished = re.compile(re.escape(f".{path.name}.") + "[0-9a-f]{16}")
    with suppress(OSError):  # it costs space and nothing else
        for name in os.listdir(path.parent):  # noqa: PTH208 - names are enough
            if unfinished.fullmatch(name):
                os.unlink(path.parent / name)  # noqa: PTH108 - as above
