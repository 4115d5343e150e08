"""What is in an image, as whoever lists components sees it: the files that a container would see, once its layers were
read.

* the final state decides: what a later layer replaces, removes or hides is not there, whatever database names it
* links are followed as in a container, and end at its root
* a file is told by the digests that were computed while its layer was read
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, overload

from verifier.archives.layers.table import EntryType, LayerTable
from verifier.archives.layers.tree import Placed, Tree, merge
from verifier.core.errors import Refused, refuse
from verifier.core.value import replace
from verifier.evidence.contents import Contents, FileFact, FileType
from verifier.kinds.image.artifact import PlatformImage
from verifier.kinds.image.capture import Capture
from verifier.kinds.image.wish import Called

_TYPES: Final[Mapping[EntryType, FileType]] = MappingProxyType(
    {"file": "file", "directory": "directory", "symlink": "symlink"}
)


MAX_STATE_ENTRIES: Final = 20_000_000
"""Of all states that an image went through, where they are listed too: a hundred layers upon 100,000 files."""


class ImageFiles:
    """The files of a tree (`evidence.contents.Files`), with what was kept of their content."""

    def __init__(self, tree: Tree, kept: Capture, *, subject: str) -> None:
        self._tree, self._kept, self._subject = tree, kept, subject

    def __iter__(self) -> Iterator[FileFact]:
        """As `Files` has it."""
        return map(_fact, self._tree)

    def find(self, path: str) -> FileFact | None:
        """As `Files` has it."""
        placed = self._tree.find(path)
        return None if placed is None else _fact(placed)

    def resolve(self, path: str) -> FileFact | None:
        """As `Files` has it."""
        placed = self._tree.resolve(path)
        return None if placed is None else _fact(placed)

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """As `Files` has it."""
        placed = self._tree.find(path)
        if placed is None or placed.entry.type != "file":
            raise self._unreadable(path, "no such file" if placed is None else f"a {placed.entry.type}, no file")
        if placed.entry.size > max_bytes:
            message = f"{placed.entry.size} bytes; at most {max_bytes} are allowed"
            raise refuse("input.too-large", self._told(path), message)
        content = self._kept.contents.get(placed.entry.sha256 or b"")
        if content is None:
            raise self._unreadable(path, "its content was not kept while its layer was read")
        return content

    def digest(self, path: str, algorithm: str) -> bytes | None:
        """As `Files` has it; no file of an image is hashed by SHA-512."""
        placed = self._tree.find(path)
        if placed is None:
            return None
        if algorithm == "sha256":
            return placed.entry.sha256
        if algorithm == "md5":
            return placed.entry.md5
        return placed.entry.sha1 if algorithm == "sha1" else None

    def excerpts(self, path: str) -> tuple[bytes, ...]:
        """As `Files` has it."""
        placed = self._tree.find(path)
        return () if placed is None else self._kept.programs.get(placed.entry.sha256 or b"", ())

    def _told(self, path: str) -> str:
        return f"{self._subject} {path}"

    def _unreadable(self, path: str, message: str) -> Refused:
        return refuse("input.unreadable", self._told(path), message)


def contents_of_image(part: PlatformImage, kept: Capture, called: Called, *, subject: str) -> Contents:
    """The contents of an image whose layers were read while `kept` looked on."""
    manifest, tables, tree = part.manifest, part.layers, part.tree
    if manifest is None or tables is None or tree is None:
        raise TypeError("the layers of the image were not read")
    platform = part.runs_on
    if platform is not None and platform.os == "windows":
        message = "an image of Windows, whose list of programs is not read: what it contains is not known"
        raise refuse("image.unsupported", subject, message)
    whole = Contents(
        kind="image",
        name=called.name,
        version=called.version or str(part.digest),
        digests=tuple(dict.fromkeys((part.digest, manifest.config.digest))),
        files=ImageFiles(tree, kept, subject=subject),
        layers=tuple(each.diff_id for each in tables),
        properties=() if platform is None else (("verifier:oci:platform", str(platform)),),
    )
    return replace(whole, before=_Before(whole, tables, kept, subject)) if called.all_layers else whole


class _Before(Sequence[Contents]):
    """The same without its last layer, without its last two, and so on: each is put together when it is asked for, and
    kept by whoever asks."""

    def __init__(self, whole: Contents, tables: Sequence[LayerTable], kept: Capture, subject: str) -> None:
        entries = sum((len(tables) - number - 1) * len(each.entries) for number, each in enumerate(tables))
        if entries > MAX_STATE_ENTRIES:
            message = f"its {len(tables)} states have {entries} entries, and {MAX_STATE_ENTRIES} are looked at"
            raise refuse("input.too-costly", subject, message, "Leave out `--all-layers`.")
        self._whole, self._tables, self._kept, self._subject = whole, tables, kept, subject

    def __len__(self) -> int:
        return max(len(self._tables) - 1, 0)

    @overload
    def __getitem__(self, number: int) -> Contents: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Contents]: ...

    def __getitem__(self, number: int | slice) -> Contents | Sequence[Contents]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        layers = range(len(self._tables) - 1, 0, -1)[number]
        tree = merge(self._tables[:layers], subject=self._subject)
        files = ImageFiles(tree, self._kept, subject=self._subject)
        return replace(self._whole, files=files, layers=self._whole.layers[:layers])


def _fact(placed: Placed) -> FileFact:
    entry = placed.entry
    return FileFact(entry.path, _TYPES.get(entry.type, "other"), entry.size, entry.mode, entry.target, placed.layer)
