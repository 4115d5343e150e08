"""What a layer is once it was read: a table of what it would put into a file system. Nothing of it is ever extracted.

* a path has no leading slash and no `.` or `..`; the root is ""
* a whiteout is no entry: what it removes stands in `removed` and `opaque`
* links are told, never followed on the disk of whoever reads them
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field

EntryType = Literal["file", "directory", "symlink", "hardlink", "character", "block", "fifo"]


class Entry(NamedTuple):
    """One member of a layer. `mode` are its twelve bits; `target` is a link's, as it is written for a symbolic one and
    as a path of the image for a hard one; `capability` is whether it has `security.capability`; `digests` are a
    file's, where somebody asked for them: its SHA-256, and behind it SHA-1 and MD5 (`Hashing`)."""

    path: str
    type: EntryType
    mode: int
    uid: int
    gid: int
    size: int
    target: str = ""
    capability: bool = False
    digests: bytes = b""

    @property
    def sha256(self) -> bytes | None:
        """The SHA-256 of the file; None where nobody asked for it."""
        return self.digests[:32] or None

    @property
    def sha1(self) -> bytes | None:
        """Likewise its SHA-1."""
        return self.digests[32:52] or None

    @property
    def md5(self) -> bytes | None:
        """Likewise its MD5."""
        return self.digests[52:68] or None


class LayerTable(Value):
    """A layer that was read to its end. `diff_id` is the SHA-256 of its unpacked bytes (`unpacked` of them), which
    whoever reads it holds against the config's. `notes` are what the reader noticed without having to stop."""

    diff_id: Digest
    unpacked: int
    entries: tuple[Entry, ...] = field(repr=False)
    removed: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    notes: tuple[Reason, ...] = ()


class Sink(Protocol):
    """Who looks at the content of one file while it goes by."""

    def feed(self, piece: bytes) -> None:
        """The next bytes."""

    def done(self, entry: Entry) -> None:
        """The file is over, `entry` with its digests. It has been read, and the layer has not: nothing proves yet that
        it is what was signed."""


Hashing = Literal["none", "sha256", "all"]
"""What each file is hashed by: nothing, SHA-256, or SHA-1 and MD5 too, by which databases of packages know files."""

Visit = Callable[[Entry], Sink | None]
"""Asked of every regular file of a layer: who is to look at its content, or None."""
