"""Which paths of one layer are taken, and by what: where extractors would differ, the layer is refused.

* a file, link or device stands once, and nothing lies below it
* directories may be repeated; one may take the place of a symbolic link, below which nothing was put before
* a hard link to a member of the same layer stands behind it
"""

from __future__ import annotations

from verifier.archives.layers.table import EntryType


def memory_of(name: str) -> int:
    """Bytes that the characters of a name may take: one wide character makes all of them so."""
    return len(name) if name.isascii() else 4 * len(name)


class Occupied(Exception):
    """A path that something else has taken, or lies above; `code` is a reason code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Occupancy:
    """Fill it in the order of the layer. `implied` and `implied_bytes` count directories that are only in names."""

    def __init__(self) -> None:
        self.directories = {""}
        self.taken: dict[str, EntryType] = {}
        self.implied = self.implied_bytes = 0
        self._linked: set[str] = set()  # targets of hard links that were not in this layer when these were

    def add(self, path: str, kind: EntryType) -> bool:
        """Take a path; whether a directory took that of a symbolic link. Raises `Occupied`."""
        folder = path.rpartition("/")[0]
        if folder not in self.directories:
            self._imply(path)
        if kind == "directory":
            return self._directory(path)
        if path in self.taken or path in self.directories:
            what = self.taken.get(path, "directory")
            raise Occupied("archive.duplicate-member", f"{path!r} is a {kind}, and was a {what} before")
        self._require_unlinked(path)
        self.taken[path] = kind
        return False

    def refer(self, target: str) -> None:
        """A hard link to `target`; raises `Occupied` where that is a directory here."""
        if target in self.directories:
            raise Occupied("archive.malformed", f"a hard link to {target!r}, which is a directory")
        if target not in self.taken:
            self._linked.add(target)

    def _directory(self, path: str) -> bool:
        if path in self.directories:
            return False
        before = self.taken.pop(path, None)
        if before is not None and before != "symlink":
            raise Occupied("archive.duplicate-member", f"{path!r} is a directory, and was a {before} before")
        self._require_unlinked(path)
        self.directories.add(path)
        return before is not None

    def _require_unlinked(self, path: str) -> None:
        if path in self._linked:
            raise Occupied("archive.malformed", f"{path!r} stands behind a hard link to it, which may mean another")

    def _imply(self, path: str) -> None:
        """Take the directories that `path` lies in, up to one that is known: each new one is paid for by its name."""
        folder = path.rpartition("/")[0]
        while folder not in self.directories:
            if folder in self.taken:
                message = f"{path!r} lies below {folder!r}, which is a {self.taken[folder]} of the same layer"
                raise Occupied("archive.unsafe-name", message)
            self._require_unlinked(folder)
            self.directories.add(folder)
            self.implied += 1
            self.implied_bytes += memory_of(folder)
            folder = folder.rpartition("/")[0]
