"""The content of a layer's members while it goes by: passed over, hashed, or shown to who asked for it.

* nothing of it is kept
* zeros are what fills a member's last block; other bytes there are in no file, and noted
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from verifier.archives.layers.notes import Notes
from verifier.archives.layers.table import Entry, Hashing, Sink, Visit
from verifier.archives.tar_header import padded

if TYPE_CHECKING:
    from hashlib import _Hash

_HASHES: Final[dict[Hashing, tuple[str, ...]]] = {
    "none": (),
    "sha256": ("sha256",),
    "all": ("sha256", "sha1", "md5"),
}


class Content:
    """What stands behind the header that was read last. `over` says that there is nothing more of it."""

    def __init__(self, entries: list[Entry], notes: Notes, visit: Visit | None, *, digests: Hashing) -> None:
        self._entries, self._notes, self._visit = entries, notes, visit
        self._algorithms = _HASHES[digests]
        self._left = self._padding = 0
        self._hashes: list[_Hash] = []
        self._file: Entry | None = None  # the one that goes by
        self._sink: Sink | None = None

    @property
    def over(self) -> bool:
        """Whether a header comes next."""
        return not (self._left or self._padding)

    @property
    def whole(self) -> bool:
        """Whether there is nothing more of it but what fills its last block."""
        return not self._left

    def begin(self, entry: Entry, *, kept: bool = True) -> None:
        """The content of `entry` comes next, if it has one; it is an entry of the layer where it is `kept`."""
        if kept:
            self._entries.append(entry)
        if entry.type != "file":
            return
        self._left = entry.size
        self._padding = padded(entry.size) - entry.size
        self._file = entry
        self._hashes = [hashlib.new(each, usedforsecurity=False) for each in self._algorithms] if kept else []
        self._sink = None if self._visit is None else self._visit(entry)
        if not self._left:
            self._done()

    def feed(self, piece: bytes, at: int) -> int:
        """The stream goes on at `at`; up to where of `piece` it is content."""
        if self._left:
            stop = min(at + self._left, len(piece))
            self._look(piece[at:stop])
            self._left -= stop - at
            at = stop
            if not self._left:
                self._done()
        if self._padding and not self._left:
            stop = min(at + self._padding, len(piece))
            if piece.count(0, at, stop) != stop - at:
                self._notes.add("archive.malformed", "bytes are hidden behind the content of a member", kind="padding")
            self._padding -= stop - at
            at = stop
        return at

    def _look(self, content: bytes) -> None:
        for each in self._hashes:
            each.update(content)
        if self._sink is not None:
            self._sink.feed(content)

    def _done(self) -> None:
        file = self._file
        if self._hashes and file is not None:
            file = file._replace(digests=b"".join(each.digest() for each in self._hashes))
            self._entries[-1] = file
        if self._sink is not None and file is not None:
            self._sink.done(file)
        self._file = self._sink = None
