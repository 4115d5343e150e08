"""Reading the files of a folder that somebody else may have filled.

* every step below the folder is taken from the one before it, and no symbolic link is followed: nothing outside is read
* only regular files are read; a FIFO or a device neither blocks nor is read from
* a file that is open is read by its descriptor: what was looked at is what is read
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.files.read import kind, read_regular_file, unreadable

OPEN_FOLDER: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY
OPEN_FILE: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Without O_NONBLOCK, opening a FIFO would wait for its writer for ever."""


class Stretch:
    """`size` bytes of a file, from `start` on, read in their order. Several of one descriptor can be read at once."""

    def __init__(self, descriptor: int, *, start: int, size: int, subject: str, owned: bool) -> None:
        self.size = size
        self._descriptor, self._position, self._end = descriptor, start, start + size
        self._subject, self._owned = subject, owned

    def read(self, most: int) -> bytes:
        """The next bytes, at most `most`; b"" behind the last, or where the file has become shorter."""
        piece = read_at(self._descriptor, min(most, self._end - self._position), self._position, subject=self._subject)
        self._position += len(piece)
        return piece

    def __enter__(self) -> Stretch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._owned:
            os.close(self._descriptor)


class Inside:
    """A folder, held open. `Refused` (`input.unreadable`, also as `Absent`) where there is none; `hint` says what to
    do where it is something else."""

    def __init__(self, folder: Path, *, hint: str = "") -> None:
        self._folder = folder
        try:
            self._descriptor = os.open(folder, OPEN_FOLDER)
        except (OSError, ValueError) as error:
            raise _no_folder(folder, error, hint) from None

    def open(self, name: str) -> Stretch | None:
        """The regular file of this relative name, None where there is none; `Refused` where it is something else."""
        *above, last = name.split("/")
        opened: list[int] = []
        try:
            for step in above:
                opened.append(os.open(step, OPEN_FOLDER | os.O_NOFOLLOW, dir_fd=(opened or [self._descriptor])[-1]))
            return self._file(last, (opened or [self._descriptor])[-1], name)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self._refusal(name, error) from None
        finally:
            for each in opened:
                os.close(each)

    def close(self) -> None:
        """Close the folder; what is asked for afterwards is unreadable."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1  # the number may be another file's by now

    def _file(self, name: str, folder: int, told: str) -> Stretch:
        descriptor = os.open(name, OPEN_FILE, dir_fd=folder)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise self._irregular(told, kind(status.st_mode))
        except BaseException:
            os.close(descriptor)
            raise
        return Stretch(descriptor, start=0, size=status.st_size, subject=self._told(told), owned=True)

    def _told(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _irregular(self, name: str, seen: str) -> Refused:
        return refuse("input.unreadable", self._told(name), f"a regular file was expected, seen: {seen}")

    def _refusal(self, name: str, error: OSError | ValueError) -> Refused:
        """What stands in the way, told by looking at each step without following it."""
        way = self._folder
        for step in name.split("/"):
            way /= step
            if way.is_symlink():
                message = f"a symbolic link ({step}), and links are not followed here"
                return refuse("input.unreadable", self._told(name), message, "Copy the folder with `cp -RL`.")
        return unreadable(self._told(name), _reason(error))


def read_at(descriptor: int, most: int, position: int, *, subject: str) -> bytes:
    """At most `most` bytes from `position` on; `Refused` (`input.unreadable`) where the system gives none."""
    try:
        return os.pread(descriptor, most, position)
    except OSError as error:
        raise unreadable(subject, _reason(error)) from None


def _no_folder(folder: Path, error: OSError | ValueError, hint: str) -> Refused:
    if isinstance(error, FileNotFoundError):
        try:
            read_regular_file(folder, max_bytes=0)
        except Refused as refused:
            return refused.kept()
    if isinstance(error, NotADirectoryError):
        return refuse("input.unreadable", str(folder), "a directory was expected, seen: something else", hint)
    return unreadable(str(folder), _reason(error))


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
