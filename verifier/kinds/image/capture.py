"""Keeping, while the layers of an image go by, what readers of packages read later.

* what is kept is known by its SHA-256: it is found under whatever name the final tree has for it
* of what a later layer brings anew the older is let go of, unless what lower layers had is asked for too
* all that is kept at once is bounded, of all layers together; more is refused
* of a program only the places are kept at which a Go compiler has left what it is built of
"""

from __future__ import annotations

from threading import Lock
from typing import Final

from verifier.archives.layers.table import Entry, Sink, Visit
from verifier.core.errors import refuse
from verifier.sbom.catalog.wanted import GO_BUILD_INFO, MAX_GO_BUILD_INFO, MAX_GO_PLACES, is_program, wanted

MAX_KEPT_BYTES: Final = 512 * 1024 * 1024
"""Of all files of an image that readers of packages read, at once; the databases of large systems have some 200 MB."""
_LARGE: Final = 256 * 1024
"""Bytes from which on a file is let go of when a later layer brings another."""
_HEAD: Final = 8
"""Bytes by which a program is known."""
_HEADER: Final = 32
"""Of build information: its mark, the size of a pointer, and flags; what is written inline follows."""
_INLINE: Final = 2
"""Flag since Go 1.18: version and modules follow, each with its length before it."""
_MOST_VARINT: Final = 10


class Capture:
    """What is kept of one image; `contents` and `programs` are by the SHA-256 of the file. Layers may be read at once,
    each in a thread. `all_layers` keeps what later layers replace."""

    def __init__(self, *, subject: str, all_layers: bool = False, most: int = MAX_KEPT_BYTES) -> None:
        self.contents: dict[bytes, bytes] = {}
        self.programs: dict[bytes, tuple[bytes, ...]] = {}
        self._subject, self._all, self._most = subject, all_layers, most
        self._held = 0
        self._lock = Lock()
        self._newest: dict[str, tuple[int, bytes]] = {}  # of large files: the layer and the SHA-256, by path
        self._uses: dict[bytes, int] = {}

    def of_layer(self, number: int) -> Visit:
        """Who looks at the files of layer number `number`, from 0."""

        def visit(entry: Entry) -> Sink | None:
            if wanted(entry.path, entry.size) is not None:
                self.count(entry.size)
                return _Keeping(self, number)
            return _Program(self) if entry.size >= _HEADER else None

        return visit

    def count(self, more: int) -> None:
        """So many bytes more are to be kept; `Refused` where that is too much."""
        with self._lock:
            self._held += more
            if self._held > self._most:
                message = f"more than {self._most} bytes of databases and records of packages (the limit: `kept-bytes`)"
                raise refuse("input.too-large", self._subject, message, "Take out of the image what is no package's.")

    def keep(self, layer: int, entry: Entry, content: bytes) -> None:
        """Keep a file that was read."""
        sha256 = entry.sha256
        if sha256 is None:
            return  # a whiteout, which is no file
        with self._lock:
            if len(content) >= _LARGE and not self._all:
                newest = self._newest.get(entry.path)
                if newest is not None and newest[0] > layer:
                    self._held -= len(content)
                    return
                self._newest[entry.path] = (layer, sha256)
                self._uses[sha256] = self._uses.get(sha256, 0) + 1
                if newest is not None:
                    self._let_go(newest[1])
            self.contents[sha256] = content

    def keep_program(self, entry: Entry, excerpts: tuple[bytes, ...]) -> None:
        """Keep what a compiler has left in a program."""
        if entry.sha256 is not None:
            self.programs[entry.sha256] = excerpts

    def _let_go(self, sha256: bytes) -> None:
        self._held -= len(self.contents[sha256])
        self._uses[sha256] -= 1
        if not self._uses[sha256]:
            del self.contents[sha256]


class _Keeping:
    """Keeps one file."""

    def __init__(self, capture: Capture, layer: int) -> None:
        self._capture, self._layer, self._content = capture, layer, bytearray()

    def feed(self, piece: bytes) -> None:
        self._content += piece

    def done(self, entry: Entry) -> None:
        self._capture.keep(self._layer, entry, bytes(self._content))


class _Program:
    """Looks through one file for what a Go compiler leaves in programs."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._at = 0
        self._rest = b""  # what has been looked through, and may be the beginning of a mark
        self._is_program: bool | None = None
        self._excerpts: list[_Excerpt] = []

    def feed(self, piece: bytes) -> None:
        if self._is_program is False:
            return
        for each in self._excerpts:
            self._capture.count(each.add(piece))
        text = self._rest + piece
        if self._is_program is None:
            if len(text) < _HEAD:
                self._rest = text
                return
            self._is_program = is_program(text)
        if self._is_program and len(self._excerpts) < MAX_GO_PLACES:
            self._search(text, self._at)
        kept = len(GO_BUILD_INFO) - 1
        self._at += max(len(text) - kept, 0)
        self._rest = text[-kept:]

    def done(self, entry: Entry) -> None:
        if self._excerpts:
            found = tuple(bytes(each.content) for each in self._excerpts)
            self._capture.keep_program(entry, found)

    def _search(self, text: bytes, start: int) -> None:
        at = text.find(GO_BUILD_INFO)
        while at >= 0 and len(self._excerpts) < MAX_GO_PLACES:
            if (start + at) % 16 == 0:
                excerpt = _Excerpt()
                self._capture.count(excerpt.add(text[at:]))
                self._excerpts.append(excerpt)
            at = text.find(GO_BUILD_INFO, at + 1)


class _Excerpt:
    """What follows from one mark on, as far as it says itself that it goes."""

    def __init__(self) -> None:
        self.content = bytearray()
        self._needed = MAX_GO_BUILD_INFO
        self._is_known = False

    def add(self, piece: bytes) -> int:
        """Take as much of `piece` as is needed: how many bytes that is."""
        before = len(self.content)
        self.content += piece[: max(self._needed - before, 0)]
        if not self._is_known:
            needed = _length(self.content)
            if needed is not None:
                self._needed, self._is_known = min(needed, MAX_GO_BUILD_INFO), True
                del self.content[self._needed :]
        return len(self.content) - before


def _length(content: bytearray) -> int | None:
    """Bytes of build information by its own word; None where they do not say that yet."""
    if len(content) < _HEADER:
        return None
    if not content[15] & _INLINE:
        return _HEADER  # before Go 1.18: pointers to elsewhere
    at = _HEADER
    for _ in range(2):  # the version, and the modules
        value, shift = 0, 0
        while True:
            if shift == 7 * _MOST_VARINT:
                return at
            if at >= min(len(content), MAX_GO_BUILD_INFO):
                return None
            byte = content[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                break
        at += value
    return at
