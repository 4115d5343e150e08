"""Writing a file: whole or not at all. Whoever writes a file that is to last writes it here.

* a reader sees what stood there before or all of what was written, also after a crash or a power cut
* a new file takes its name only where nothing has it; nothing is replaced, no link followed
* a file never has more permissions than it is to have, not even while it is written
* what cannot be written leaves nothing behind; what a killed writer had begun is `sweep_unfinished`'s

Both ways lead over a draft beside the file: synced, then named, then its folder synced.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

from verifier.core.errors import ConfigurationError


def write_whole(path: Path, content: bytes, *, mode: int) -> None:
    """Write `content` to `path`, in the place of what stands there; raises `OSError`."""
    with _draft(path) as draft:
        _fill(draft, content, mode)
        draft.replace(path)
        sync_folder(path.parent)


@contextmanager
def appearing(path: Path, *, mode: int) -> Iterator[Path]:
    """An empty draft that takes the name `path` where the block ends well; `FileExistsError` where the name is taken.

    Raises `OSError`.
    """
    with _draft(path) as draft:
        os.close(_create(draft, mode))
        yield draft
        _sync(draft, os.O_RDONLY)
        _give_name(draft, path)


@contextmanager
def replacing(path: Path, *, mode: int) -> Iterator[Path]:
    """An empty draft that takes the place of what stands at `path` where the block ends well; raises `OSError`.

    For what is too large for memory. Only for whoever holds `lock.turn_to_write`.
    """
    with _draft(path) as draft:
        os.close(_create(draft, mode))
        yield draft
        _sync(draft, os.O_RDONLY)
        draft.replace(path)
        sync_folder(path.parent)


def replace_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """`write_whole` for an answer; `ConfigurationError` where that cannot be, and then nothing has changed."""
    try:
        write_whole(path, content, mode=mode)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


ANOTHER = "Name another file, or move that one away first."


@contextmanager
def writing_new(path: Path, *, mode: int) -> Iterator[IO[str]]:
    """A stream of ASCII that becomes the new file `path` where the block ends well, and nothing where it does not.

    `ConfigurationError` where it exists or cannot be made.
    """
    try:
        with appearing(path, mode=mode) as draft, draft.open("w", encoding="ascii", newline="") as stream:
            yield stream
    except FileExistsError as error:
        raise ConfigurationError("the file exists and is not overwritten", where=str(path), hint=ANOTHER) from error
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


def write_new_file(path: Path, content: bytes, *, mode: int) -> None:
    """Create `path` with `content` in one step; `ConfigurationError` where it exists or cannot be made."""
    try:
        with _draft(path) as draft:
            _fill(draft, content, mode)
            _give_name(draft, path)
    except FileExistsError as error:
        raise ConfigurationError("the file exists and is not overwritten", where=str(path), hint=ANOTHER) from error
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


_MENDS: Final = MappingProxyType(
    {
        errno.ENOENT: "Make its folder first.",
        errno.ENOTDIR: "Name another place: what stands for its folder is a file.",
        errno.EISDIR: "Name a file: that is a folder.",
        errno.ENOSPC: "Make room there, or name a file on another disk.",
        errno.EDQUOT: "Make room there, or name a file on another disk.",
        errno.EROFS: "Name a file elsewhere: nothing can be written there.",
        errno.EACCES: "Name a file where you may write.",
        errno.EPERM: "Name a file where you may write.",
    }
)
"""What to do, by what the system says of a path that nothing can be written to."""


def unwritable(path: Path, error: OSError | ValueError) -> ConfigurationError:
    """The error for a path that nothing can be written to."""
    reason = error.strerror if isinstance(error, OSError) else error
    hint = _MENDS.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    return ConfigurationError(f"cannot be written: {reason}", where=str(path), hint=hint)


def sync_folder(folder: Path) -> None:
    """Make a new name in `folder` durable: it survives a power cut only once the folder that holds it is on disk."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sweep_unfinished(path: Path) -> None:
    """Remove the drafts of `path` that were never named. Only for whoever alone may write it: others may be at it."""
    unfinished = re.compile(re.escape(f".{path.name}.") + "[0-9a-f]{16}")
    with suppress(OSError):  # it costs space and nothing else
        for name in os.listdir(path.parent):  # noqa: PTH208 - names are enough
            if unfinished.fullmatch(name):
                os.unlink(path.parent / name)  # noqa: PTH108 - as above


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A name beside `path`; what has it is gone at the end, unless it has taken `path`'s."""
    draft = path.parent / f".{path.name}.{os.urandom(8).hex()}"  # `with_name` raises for "." and "/"
    try:
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink()


def _create(draft: Path, mode: int) -> int:
    return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)


def _fill(draft: Path, content: bytes, mode: int) -> None:
    with os.fdopen(_create(draft, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_name(draft: Path, path: Path) -> None:
    path.hardlink_to(draft)  # fails where the name is taken, unlike a rename
    try:
        sync_folder(path.parent)
    except OSError:
        path.unlink()
        raise
