"""The files of a folder on this machine, as `evidence.contents.Files`: what is asked of them is read then, not before.

* every step below the folder is taken from the one before it, and no symbolic link is followed by opening it: nothing
  outside is ever read, whoever exchanges files meanwhile
* a link is followed by looking where it leads, within the folder alone: one that leads out of it leads nowhere
* only regular files are read; a FIFO, a socket or a device is never opened
* what may not be read, or is exchanged while it is read, is a refusal (`input.unreadable`): nothing is left out
* entries, the depth of folders and the bytes that are hashed are bounded (`core.limits`)
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.files.entry import FileFact, FileType
from verifier.files.inside import OPEN_FILE, OPEN_FOLDER
from verifier.files.place import MAX_LINKS
from verifier.files.read import kind, unreadable
from verifier.formats.golang.build_info import GO_BUILD_INFO, MAX_GO_BUILD_INFO, MAX_GO_PLACES, PROGRAM_HEADS

MAX_NESTED: Final = 256
"""Folders within each other: each is held open while those inside are listed."""
_READ_AT_ONCE: Final = 1024 * 1024


class FolderFiles:
    """The files below one folder.

    `levels` is how many levels are listed (1: what lies in the folder itself), None for all. `is_root` says that it is
    an unpacked file system, whose absolute links begin at it; else they begin where this machine's do. `without` are
    paths of which the content is not looked at. `Refused` where there is no folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        levels: int | None = None,
        is_root: bool = False,
        without: Collection[str] = (),
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._descriptor = self._held = -1
        self._held_path = ""
        self._folder, self._levels, self._is_root = folder, levels, is_root
        self._without, self._limits = frozenset(without), limits
        self._listed: dict[str, FileFact] | None = None
        self._digests: dict[tuple[str, str], bytes] = {}
        self._hashed = self._entries = 0
        try:
            self._descriptor = os.open(folder, OPEN_FOLDER)
            self._real = os.path.realpath(folder)
        except (OSError, ValueError) as error:
            raise unreadable(str(folder), _reason(error)) from None

    def __iter__(self) -> Iterator[FileFact]:
        """Every entry, sorted within each folder; the same whenever it is asked."""
        if self._listed is None:
            self._listed = {fact.path: fact for fact in self._walk(self._descriptor, "", 1)}
        return iter(self._listed.values())

    def find(self, path: str) -> FileFact | None:
        """What stands at exactly this path; no link is followed."""
        if self._listed is not None and self._levels is None and not self._without:
            return self._listed.get(path)
        folder, _, name = path.rpartition("/")
        if not name or name in {".", ".."}:
            return None
        try:
            within = self._open_folder(folder)
            return self._fact(path, os.stat(name, dir_fd=within, follow_symlinks=False), name, within)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise self._unreadable(path, error) from None

    def resolve(self, path: str) -> FileFact | None:
        """What a process would find there without leaving the folder; None where the way leads out of it."""
        rest = path.split("/")[::-1]
        way: list[str] = []
        links = 0
        while rest:
            step = rest.pop()
            if step in {"", "."}:
                continue
            if step == "..":
                if not way and not self._is_root:
                    return None
                way = way[:-1]
                continue
            fact = self.find("/".join([*way, step]))
            if fact is None or (rest and fact.type not in {"directory", "symlink"}):
                return None
            if fact.type != "symlink":
                way.append(step)
                continue
            links += 1
            target = self._within(fact.target)
            if links > MAX_LINKS or target is None:
                return None
            way = [] if fact.target.startswith("/") else way
            rest += target.split("/")[::-1]
        return self.find("/".join(way)) if way else FileFact("", "directory")

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """The content of the file at exactly this path; `Refused` where there is none to be had, or it is larger."""
        descriptor, size = self._open_file(path)
        try:
            if size > max_bytes:
                raise refuse("input.too-large", self.told(path), f"{size} bytes; at most {max_bytes} are allowed")
            content = b"".join(self._pieces(descriptor, size, path))
        finally:
            os.close(descriptor)
        return content

    def digest(self, path: str, algorithm: str) -> bytes | None:
        """The digest of the file at exactly this path; None where it is no file. It is computed once."""
        known = self._digests.get((path, algorithm))
        if known is not None:
            return known
        fact = self.find(path)
        if fact is None or fact.type != "file":
            return None
        descriptor, size = self._open_file(path)
        try:
            self._hashed += size
            if self._hashed > self._limits.image_bytes:
                message = f"its files have more than {self._limits.image_bytes} bytes to be hashed"
                raise refuse("input.too-large", str(self._folder), message)
            made = hashlib.new(algorithm, usedforsecurity=False)
            for piece in self._pieces(descriptor, size, path):
                made.update(piece)
        finally:
            os.close(descriptor)
        return self._digests.setdefault((path, algorithm), made.digest())

    def excerpts(self, path: str) -> tuple[bytes, ...]:
        """What a Go compiler has left in the program at exactly this path (`formats.golang.build_info`)."""
        fact = self.find(path)
        if fact is None or fact.type != "file" or fact.size < len(GO_BUILD_INFO):
            return ()
        descriptor, size = self._open_file(path)
        try:
            if not os.pread(descriptor, 4, 0).startswith(PROGRAM_HEADS):
                return ()
            places = self._places(descriptor, size, path)
            return tuple(os.pread(descriptor, MAX_GO_BUILD_INFO, place) for place in islice(places, MAX_GO_PLACES))
        except OSError as error:
            raise self._unreadable(path, error) from None
        finally:
            os.close(descriptor)

    def told(self, path: str) -> str:
        """How a path is named to whoever gave the folder."""
        return f"{self._folder}/{path}" if path else str(self._folder)

    def close(self) -> None:
        """Close the folder; whoever drops it need not."""
        for descriptor in (self._descriptor, self._held):
            if descriptor >= 0:
                os.close(descriptor)
        self._descriptor = self._held = -1  # the numbers may be another's by now

    def __del__(self) -> None:
        self.close()

    def _walk(self, folder: int, path: str, level: int) -> Iterator[FileFact]:
        if level > MAX_NESTED:
            message = f"folders are nested deeper than {MAX_NESTED}"
            raise refuse("input.too-large", self.told(path[: self._limits.path_bytes]), message)
        for name in self._names(folder, path):
            below = f"{path}/{name}" if path else name
            fact = self._looked_at(below, name, folder)
            yield fact
            if fact.type == "directory" and level != self._levels and below not in self._without:
                descriptor = self._step(below, name, folder)
                try:
                    yield from self._walk(descriptor, below, level + 1)
                finally:
                    os.close(descriptor)

    def _names(self, folder: int, path: str) -> list[str]:
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in islice(entries, self._limits.image_entries + 1))
        except OSError as error:
            raise self._unreadable(path, error) from None
        self._entries = (self._entries if path else 0) + len(names)
        if self._entries > self._limits.image_entries:
            message = f"more than {self._limits.image_entries} files and folders"
            raise refuse("input.too-large", str(self._folder), message)
        return names

    def _looked_at(self, path: str, name: str, folder: int) -> FileFact:
        try:
            return self._fact(path, os.stat(name, dir_fd=folder, follow_symlinks=False), name, folder)
        except (OSError, ValueError) as error:
            raise self._unreadable(path, error) from None

    def _step(self, path: str, name: str, folder: int) -> int:
        try:
            return os.open(name, OPEN_FOLDER | os.O_NOFOLLOW, dir_fd=folder)
        except (OSError, ValueError) as error:
            raise self._unreadable(path, error) from None

    def _fact(self, path: str, status: os.stat_result, name: str, folder: int) -> FileFact:
        """An entry as it was looked at; `Refused` where its name is none that a document can hold."""
        self._require_text(path)
        kind_ = _TYPES.get(stat.S_IFMT(status.st_mode), "other")
        mode = stat.S_IMODE(status.st_mode)
        if kind_ != "symlink":
            return FileFact(path, kind_, status.st_size if kind_ == "file" else 0, mode)
        target = os.readlink(name, dir_fd=folder)
        self._require_text(target)
        return FileFact(path, kind_, 0, mode, target)

    def _require_text(self, path: str) -> None:
        try:
            path.encode("utf-8")
        except UnicodeEncodeError:
            shown = os.fsencode(path).decode("utf-8", "backslashreplace")
            raise refuse(
                "input.unreadable", self.told(shown), "its name is not UTF-8: no document can name it"
            ) from None

    def _within(self, target: str) -> str | None:
        """The target of a link as a path from the folder, or from where the link lies; None where it leads out."""
        if not target.startswith("/") or self._is_root:
            return target
        if target == self._real or target.startswith(f"{self._real}/"):
            return target[len(self._real) :]
        return None

    def _open_folder(self, path: str) -> int:
        """The folder at exactly this path, held open until another is asked for."""
        if not path:
            return self._descriptor
        if path == self._held_path:
            return self._held
        descriptor = self._descriptor
        try:
            for step in path.split("/"):
                if step in {"", ".", ".."}:
                    raise FileNotFoundError(path)
                above, descriptor = descriptor, os.open(step, OPEN_FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
                if above != self._descriptor:
                    os.close(above)
        except BaseException:
            if descriptor != self._descriptor:
                os.close(descriptor)
            raise
        if self._held >= 0:
            os.close(self._held)
        self._held, self._held_path = descriptor, path
        return descriptor

    def _open_file(self, path: str) -> tuple[int, int]:
        """The descriptor of a regular file, and its size."""
        folder, _, name = path.rpartition("/")
        try:
            within = self._open_folder(folder)
            seen = os.stat(name, dir_fd=within, follow_symlinks=False)
            if not stat.S_ISREG(seen.st_mode):  # asked before it is opened: opening a device can do something
                raise self._irregular(path, seen.st_mode)
            descriptor = os.open(name, OPEN_FILE, dir_fd=within)
        except (OSError, ValueError) as error:
            raise self._unreadable(path, error) from None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise self._irregular(path, status.st_mode)
        return descriptor, status.st_size

    def _pieces(self, descriptor: int, size: int, path: str) -> Iterator[bytes]:
        """As many bytes as the file had when it was opened; `Refused` where it has become shorter."""
        left = size
        while left:
            try:
                piece = os.read(descriptor, min(left, _READ_AT_ONCE))
            except OSError as error:
                raise self._unreadable(path, error) from None
            if not piece:
                raise refuse("input.unreadable", self.told(path), "it became shorter while it was read")
            left -= len(piece)
            yield piece

    def _places(self, descriptor: int, size: int, path: str) -> Iterator[int]:
        """Where in a program the magic of Go's build information stands."""
        before, start = b"", 0
        for piece in self._pieces(descriptor, size, path):
            text = before + piece
            at = text.find(GO_BUILD_INFO)
            while at >= 0:
                if (start + at) % 16 == 0:
                    yield start + at
                at = text.find(GO_BUILD_INFO, at + 1)
            before = text[1 - len(GO_BUILD_INFO) :]
            start += len(text) - len(before)

    def _irregular(self, path: str, mode: int) -> Refused:
        return refuse("input.unreadable", self.told(path), f"a regular file was expected, seen: {kind(mode)}")

    def _unreadable(self, path: str, error: OSError | ValueError) -> Refused:
        return unreadable(self.told(path), _reason(error))


_TYPES: Final[dict[int, FileType]] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
}


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
