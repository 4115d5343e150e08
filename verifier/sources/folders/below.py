"""Files as if their folder lay in another: a `node_modules` is only told from other folders by its name.

* what is asked for elsewhere is not there, and links lead nowhere outside
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.errors import refuse
from verifier.files.entry import FileFact
from verifier.sources.folders.folder import FolderFiles


class FilesBelow:
    """The files of a folder, by their paths in a folder that holds it alone, as `name`."""

    def __init__(self, files: FolderFiles, name: str) -> None:
        self._files, self._name = files, name

    def __iter__(self) -> Iterator[FileFact]:
        """Every entry, and the folder itself."""
        yield FileFact(self._name, "directory")
        for fact in self._files:
            yield self._moved(fact)

    def find(self, path: str) -> FileFact | None:
        """What stands at exactly this path."""
        inner = self._inner(path)
        if inner is None:
            return None
        found = self._files.find(inner) if inner else FileFact("", "directory")
        return self._moved(found) if found is not None else None

    def resolve(self, path: str) -> FileFact | None:
        """What a process would find there without leaving the folder."""
        inner = self._inner(path)
        found = self._files.resolve(inner) if inner is not None else None
        return self._moved(found) if found is not None else None

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """The content of the file at exactly this path."""
        inner = self._inner(path)
        if inner is None:
            raise refuse("input.unreadable", path, "there is no such file")
        return self._files.read(inner, max_bytes=max_bytes)

    def digest(self, path: str, algorithm: str) -> bytes | None:
        """The digest of the file at exactly this path."""
        inner = self._inner(path)
        return self._files.digest(inner, algorithm) if inner is not None else None

    def excerpts(self, path: str) -> tuple[bytes, ...]:
        """What a Go compiler has left in the program at exactly this path."""
        inner = self._inner(path)
        return self._files.excerpts(inner) if inner is not None else ()

    def told(self, path: str) -> str:
        """How a path is named to whoever gave the folder."""
        return self._files.told(self._inner(path) or "")

    def _inner(self, path: str) -> str | None:
        if path == self._name:
            return ""
        return path[len(self._name) + 1 :] if path.startswith(f"{self._name}/") else None

    def _moved(self, fact: FileFact) -> FileFact:
        return fact._replace(path=f"{self._name}/{fact.path}" if fact.path else self._name)
