"""Walking the tar of a layer while it is being unpacked: what it would put into a file system, and nothing more.

* nothing of a file's content is kept; who asked to look at it sees it go by
* every rule about headers, names and places is held before an entry counts; the first that is broken ends the walk
* what is harmless, and yet no honest writer does, is noted

Source: POSIX.1-2017 pax; OCI image specification 1.1, layer.md; formats/images.md section 2.
"""

from __future__ import annotations

from verifier.archives.block import BLOCK
from verifier.archives.layers.content import Content
from verifier.archives.layers.extensions import MAX_LAYER_EXTENSION_BYTES, Extensions, check_global
from verifier.archives.layers.header import LayerHeader, parse_layer_header
from verifier.archives.layers.limits import ImageLimits
from verifier.archives.layers.names import AUFS, UnsafeName, clean_name, clean_target, is_aufs, whiteout_of
from verifier.archives.layers.notes import BUILD_AGAIN, Notes
from verifier.archives.layers.occupancy import Occupancy, Occupied, memory_of
from verifier.archives.layers.table import Entry, Hashing, Visit
from verifier.archives.tar_header import PAX_GLOBAL, ZERO_BLOCK, MalformedHeader, padded
from verifier.core.errors import Refused, refuse

FREE_RECORDS = 4
"""Records of one extended header that nobody counts (a path and three times); each more is as dear as a member."""


class LayerWalk:
    """Feed it the unpacked stream; it keeps `entries`, what is `removed` and `opaque`, and `notes`.

    `count` and `names` are how many members there were so far and how many bytes of names, with what they imply.
    `length` is how much of the stream there was.
    """

    def __init__(
        self, *, limits: ImageLimits, subject: str, visit: Visit | None = None, digests: Hashing = "none"
    ) -> None:
        self.entries: list[Entry] = []
        self.removed: list[str] = []
        self.opaque: list[str] = []
        self.notes = Notes(subject)
        self.length = 0
        self._limits, self._subject = limits, subject
        self._members = self._name_bytes = 0
        self._content = Content(self.entries, self.notes, visit, digests=digests)
        self._occupancy = Occupancy()
        self._extensions: Extensions | None = None
        self._rest = bytearray()  # what of the stream is not understood yet: the beginning of a header
        self._needed = BLOCK  # bytes of it from which on it can be
        self._zeros = 0  # blocks of zeros; behind two of them the layer has ended
        self._at = 0  # of the header that is read

    @property
    def count(self) -> int:
        """Members so far, and the directories that are there by names alone."""
        return self._members + self._occupancy.implied

    @property
    def names(self) -> int:
        """Bytes of their names, and of what links say."""
        return self._name_bytes + self._occupancy.implied_bytes

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the stream; raises `Refused`."""
        self.length += len(piece)
        if self._zeros > 1:
            self._after_end(piece, 0)
            return
        at = self._content.feed(piece, 0)
        if self._rest or len(piece) - at < self._needed:
            self._rest += piece[at:]
            if len(self._rest) < self._needed:
                return
            piece, at = bytes(self._rest), 0
            self._rest.clear()
        try:
            at = self._advance(piece, at)
        except MalformedHeader as error:
            raise self._stop(error.code, f"{error}, in the header at byte {self._at}") from None
        except (UnsafeName, Occupied) as error:
            code = error.code if isinstance(error, Occupied) else "archive.unsafe-name"
            raise self._stop(code, str(error)) from None
        self._rest += piece[at:]

    def finish(self) -> None:
        """The stream is over; raises `Refused` where the layer is not."""
        if not self._content.whole or self._rest or self._extensions is not None:
            raise self._stop("archive.truncated", f"the layer ends within a member, at byte {self.length}")
        if not self._content.over:
            # umoci's `insert` ends so, and Go's reader, by which runtimes unpack, takes it for the end.
            self.notes.add("archive.truncated", "what fills the last block of the last member is missing")
        elif self._zeros < 2:
            self.notes.add("archive.truncated", "the two end-of-archive blocks are missing")
        occupied = self._occupancy.taken.keys() | self._occupancy.directories if self.removed else frozenset()
        if both := [path for path in self.removed if path in occupied]:
            message = f"{both[0]!r} is added and removed by the same layer: which it is depends on who unpacks it"
            self.notes.add("archive.duplicate-member", message)

    def _advance(self, piece: bytes, at: int) -> int:
        """Read members as long as their headers are there; up to where the piece is understood."""
        end, base = len(piece), self.length - len(piece)
        self._needed = BLOCK
        while at + BLOCK <= end:
            self._at = base + at
            block = piece[at : at + BLOCK]
            if self._zeros or block == ZERO_BLOCK:
                self._zero_block(block)
                at += BLOCK
                if self._zeros > 1:
                    self._after_end(piece, at)
                    return end
                continue
            header = parse_layer_header(block)
            body = at + BLOCK
            if header.type is None:
                stop = body + padded(header.size)
                if header.size > MAX_LAYER_EXTENSION_BYTES:
                    message = f"an extended header of {header.size} bytes; at most {MAX_LAYER_EXTENSION_BYTES} are read"
                    raise self._stop("archive.too-large", message)
                if stop > end:
                    self._needed = stop - at
                    break
                self._extension(header.kind, piece[body : body + header.size])
                at = stop
                continue
            self._member(header)
            at = self._content.feed(piece, body)
        return at

    def _zero_block(self, block: bytes) -> None:
        """Behind the first block of zeros comes the second, and then zeros alone."""
        if self._extensions is not None:
            raise MalformedHeader("archive.malformed", "an extended header has no member")
        if block != ZERO_BLOCK:
            raise MalformedHeader("archive.malformed", "a block of zeros stands between two members")
        self._zeros += 1

    def _after_end(self, piece: bytes, at: int) -> None:
        if piece.count(0, at) != len(piece) - at:
            raise self._stop("archive.trailing-data", "bytes other than zeros follow the end-of-archive blocks")

    def _extension(self, kind: int, content: bytes) -> None:
        if kind == PAX_GLOBAL:
            if self._extensions is not None:
                raise MalformedHeader("archive.malformed", "an extended header follows another")
            self._members += 1
            check_global(content)
            return
        if self._extensions is None:
            self._extensions = Extensions()
        self._members += max(self._extensions.add(kind, content) - FREE_RECORDS, 0)
        if self._extensions.unknown:
            shown = ", ".join(sorted(self._extensions.unknown)[:8])
            self.notes.add("archive.malformed", f"an extended header with records that readers do not share: {shown}")

    def _member(self, header: LayerHeader) -> None:
        extensions, self._extensions = self._extensions, None
        if extensions is not None:
            header = extensions.applied(header)
        kind, most = header.type, self._limits.name_bytes
        assert kind is not None  # noqa: S101 - extended headers do not come here
        is_directory = kind == "directory"
        path = clean_name(header.name, is_directory=is_directory, most=most)
        target = ""
        if header.size and kind != "file":
            raise MalformedHeader("archive.malformed", f"a size of {header.size} for {path!r}, which is a {kind}")
        if kind == "symlink":
            target = clean_target(header.link, most=most)
        elif kind == "hardlink":
            target = clean_name(header.link, is_directory=False, most=most)
        self._members += 1
        self._name_bytes += memory_of(path) + memory_of(target)
        capability = extensions is not None and extensions.capability
        entry = Entry(path, kind, header.mode, header.uid, header.gid, header.size, target, capability)
        if ".wh." in path and self._is_special(entry):
            self._content.begin(entry, kept=False)
            return
        if kind == "hardlink":
            self._occupancy.refer(target)
        replaced = self._occupancy.add(path, kind)
        if self.names > self._limits.all_name_bytes:  # one long name implies as many as it has segments
            raise self._stop(
                "archive.too-large", f"more than {self._limits.all_name_bytes} bytes of names in one layer"
            )
        if replaced:
            self.notes.add(
                "archive.duplicate-member", f"{path!r} is a symbolic link, and then a directory in its place"
            )
        self._content.begin(entry)

    def _is_special(self, entry: Entry) -> bool:
        """Whether a member is a whiteout, or what AUFS left behind, rather than an entry."""
        if is_aufs(entry.path):
            self.notes.add(
                "archive.special-member", f"what AUFS keeps for itself is ignored ({', '.join(sorted(AUFS))})"
            )
            return True
        removed = whiteout_of(entry.path)
        if removed is None:
            return False
        if entry.type != "file" or entry.size:
            message = f"{entry.path!r} is a whiteout and a {entry.type} of {entry.size} bytes; empty files are expected"
            raise MalformedHeader("archive.special-member", message)
        self._occupancy.add(entry.path, entry.type)
        (self.opaque if removed[1] else self.removed).append(removed[0])
        return True

    def _stop(self, code: str, message: str) -> Refused:
        return refuse(code, self._subject, message, BUILD_AGAIN)
