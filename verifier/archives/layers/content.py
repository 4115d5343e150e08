"""The content of a layer's members while it goes by: passed over, hashed, or shown to who asked for it.

* nothing of it is kept
* zeros are what fills a member's last block; other bytes there are in no file, and noted
"""

from __future__ import annotations

import hashlib

from verifier.archives.layers.notes import Notes
from verifier.archives.layers.table import Entry, Sink, Visit
from verifier.archives.tar_header import padded


class Content:
    """What stands behind the header that was read last. `over` says that there is nothing more of it."""

    def __init__(self, entries: list[Entry], notes: Notes, visit: Visit | None, *, digests: bool) -> None:
        self._entries, self._notes, self._visit, self._digests = entries, notes, visit, digests
        self._left = self._padding = 0
        self._sinks: list[Sink] = []

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
        if self._digests and kept:
            self._sinks.append(_Digest(self._entries))
        if self._visit is not None and (sink := self._visit(entry)) is not None:
            self._sinks.append(sink)
        if not self._left:
            self._done()

    def feed(self, piece: bytes, at: int) -> int:
        """The stream goes on at `at`; up to where of `piece` it is content."""
        if self._left:
            stop = min(at + self._left, len(piece))
            for sink in self._sinks:
                sink.feed(piece[at:stop])
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

    def _done(self) -> None:
        for sink in self._sinks:
            sink.done()
        self._sinks.clear()


class _Digest:
    """Puts the SHA-256 of the content into the entry that was read last."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries
        self._hash = hashlib.sha256()

    def feed(self, piece: bytes) -> None:
        self._hash.update(piece)

    def done(self) -> None:
        self._entries[-1] = self._entries[-1]._replace(sha256=self._hash.digest())
