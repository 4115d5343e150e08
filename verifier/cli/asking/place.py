"""Where the verified bytes go, for whoever asks an agent: `files.output`, `files.lock` and `files.write` in the plain
case, without loading what they take; a test holds them to the same.

* whatever is not plain is left to them: a link, a pipe, what is not an earlier bundle, what an input might be
* nothing here imports what Python has not loaded already
"""

import fcntl
import os
import stat

from verifier.files.sealed import AT_ONCE, write_all

MODE = 0o400
"""Only for its loader."""
_ARCHIVE = b"\x1f\x8b"
"""What gzip begins with."""
BESIDE_A_LEDGER = ("", "-wal", "-shm", "-journal")


def is_plain(out: str, inputs: tuple[str, ...], ledgers: tuple[str, ...]) -> bool:
    """Whether an earlier bundle, or nothing, stands at `out`, and it can be none of what is read."""
    read = (*inputs, *(ledger + end for ledger in ledgers for end in BESIDE_A_LEDGER))
    if any(_last(out) == _last(each) for each in read if not os.path.exists(each)):
        return False
    try:
        there = os.lstat(out)
    except FileNotFoundError:
        return os.path.isdir(_folder(out))
    except OSError:
        return False
    if not stat.S_ISREG(there.st_mode) or any(_same(each, there) for each in read):
        return False
    return not there.st_size or _begins(out) == _ARCHIVE


def take_turn(out: str) -> int:
    """Wait for, and hold, the right to write `out`; raises `OSError`. Closed, it is another's turn."""
    lock = os.open(_beside(out, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _sweep(out)
    except BaseException:
        os.close(lock)
        raise
    return lock


def write_whole(out: str, sealed: int) -> None:
    """Write what a sealed memory file holds to `out`, whole or not at all; raises `OSError`."""
    draft = _beside(out, os.urandom(8).hex())
    try:
        made = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, MODE)
        try:
            at = 0
            while piece := os.pread(sealed, AT_ONCE, at):
                write_all(made, piece)
                at += len(piece)
            os.fsync(made)
        finally:
            os.close(made)
        os.rename(draft, out)
    except BaseException:
        _remove(draft)
        raise
    folder = os.open(_folder(out), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sweep(out: str) -> None:
    """Remove the drafts that a run which was killed had begun."""
    begins = f".{_last(out)}."
    for name in os.listdir(_folder(out)):
        rest = name[len(begins) :]
        if name.startswith(begins) and len(rest) == 16 and not rest.strip("0123456789abcdef"):
            _remove(f"{_folder(out)}/{name}")


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # it costs space and nothing else
        return


def _begins(path: str) -> bytes:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(opened, len(_ARCHIVE))
    finally:
        os.close(opened)


def _same(path: str, there: os.stat_result) -> bool:
    for look in (os.stat, os.lstat):
        try:
            found = look(path)
        except OSError:
            continue
        if (found.st_dev, found.st_ino) == (there.st_dev, there.st_ino):
            return True
    return False


def _folder(path: str) -> str:
    return os.path.dirname(path) or "."


def _last(path: str) -> str:
    return os.path.basename(path)


def _beside(path: str, end: str) -> str:
    return os.path.join(_folder(path), f".{_last(path)}.{end}")
