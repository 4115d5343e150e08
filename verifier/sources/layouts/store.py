"""Where the files of a layout or of a saved image lie: a folder, or a tar file.

* nothing is unpacked onto the disk, but a compressed tar: into a file without a name, and not without bounds
* only regular files are read, none through a link that leads elsewhere
* what is handed out is bounded by who asks
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Protocol

from verifier.archives.gzip_stream import is_gzip
from verifier.archives.tar_index import TarIndex
from verifier.core.errors import Refused, refuse
from verifier.core.limits import Limits
from verifier.files.inside import Inside, Stretch, read_at
from verifier.files.read import kind, read_regular_file, unreadable
from verifier.formats.oci.manifest import Descriptor

PIECE: Final = 1024 * 1024
"""Bytes handed on at a time."""
MAX_UNPACKED: Final = 8 * 1024 * 1024 * 1024
"""Bytes of a compressed archive once unpacked: the largest images are of that size."""
MAX_RATIO, RATIO_FROM = 200, 64 * 1024 * 1024
"""Unpacked bytes for each packed byte, once it is more than so many: what is saved are programs and packed layers."""
_PACKED_PIECE: Final = 64 * 1024
_OTHERS: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


class Store(Protocol):
    """Files by their names, with `/` between folders."""

    def open(self, name: str) -> Stretch | None:
        """The regular file of this name, None where there is none; `Refused` where it is something else."""

    def close(self) -> None:
        """Close what is open."""


class TarStore:
    """A tar file, plain or compressed with gzip; with `links`, those within it are followed."""

    def __init__(self, path: Path, *, limits: Limits, links: bool = False) -> None:
        self._links = links
        self._file = _plain(_opened(path), path)
        try:
            size = os.fstat(self._file.fileno()).st_size
            self._index = TarIndex(self._file.fileno(), size=size, limits=limits, subject=str(path))
        except BaseException:
            self._file.close()
            raise

    def open(self, name: str) -> Stretch | None:
        """As `Store` has it."""
        return self._index.open(name, links=self._links)

    def has(self, name: str) -> bool:
        """Whether there is something of this name."""
        return name in self._index.members

    def behind(self, name: str) -> str:
        """The name that `name` leads to once its links are followed."""
        return self._index.behind(name)

    def close(self) -> None:
        """As `Store` has it."""
        self._file.close()


def folder_store(folder: Path) -> Store:
    """The files of a folder."""
    return Inside(folder, hint="Name a tar file as oci-archive:FILE.")


def read_file(store: Store, name: str, *, max_bytes: int, subject: str) -> bytes | None:
    """The whole file, None where there is none; `Refused` (`input.too-large`, and as `Store.open`)."""
    opened = store.open(name)
    if opened is None:
        return None
    with opened:
        if opened.size > max_bytes:
            message = f"{opened.size} bytes; at most {max_bytes} are allowed"
            raise refuse("input.too-large", f"{subject} ({name})", message)
        return b"".join(pieces(opened))


def pieces(opened: Stretch) -> Iterator[bytes]:
    """What is in it, in pieces of bounded size."""
    while piece := opened.read(PIECE):
        yield piece


def checked_pieces(opened: Stretch, descriptor: Descriptor, *, subject: str) -> Iterator[bytes]:
    """The same; raises `Refused` (`image.digest-mismatch`) before its end where it is not what `descriptor` says."""
    if opened.size != descriptor.size:
        message = f"{opened.size} bytes, expected {descriptor.size}"
        raise refuse("image.digest-mismatch", subject, message)
    hashed, length = hashlib.new(descriptor.digest.algorithm), 0
    for piece in pieces(opened):
        hashed.update(piece)
        length += len(piece)
        yield piece
    if length != descriptor.size or hashed.hexdigest() != descriptor.digest.value:
        message = f"the {length} bytes there are {descriptor.digest.algorithm}:{hashed.hexdigest()}"
        raise refuse("image.digest-mismatch", subject, message)


def _opened(path: Path) -> IO[bytes]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        mode = os.fstat(descriptor).st_mode
    except (OSError, ValueError) as error:
        with suppress(AttributeError):
            read_regular_file(path, max_bytes=0)  # says what there is instead
        raise unreadable(str(path), getattr(error, "strerror", None) or str(error)) from None
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        hint = "Name the folder of a layout as oci-layout:DIR." if stat.S_ISDIR(mode) else "Write it to a file first."
        raise refuse("input.unreadable", str(path), f"a regular file was expected, seen: {kind(mode)}", hint)
    return os.fdopen(descriptor, "rb")


def _plain(file: IO[bytes], path: Path) -> IO[bytes]:
    """The file, or what it unpacks to, in a file without a name."""
    try:
        head = read_at(file.fileno(), 6, 0, subject=str(path))
        for magic, name in _OTHERS.items():
            if head.startswith(magic):
                raise refuse("archive.malformed", str(path), f"packed with {name}, expected a tar file", "Unpack it.")
        if not is_gzip(head):
            return file
        unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    except BaseException:
        file.close()
        raise
    with file:
        try:
            _unpack(file, unpacked, str(path))
            unpacked.flush()
        except BaseException as error:
            unpacked.close()
            if isinstance(error, OSError):
                raise unreadable(str(path), f"cannot be unpacked: {error.strerror}") from None
            raise
    return unpacked


def _unpack(packed: IO[bytes], unpacked: IO[bytes], subject: str) -> None:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    taken = written = 0
    left = b""
    while not inflater.eof:
        feed = left or packed.read(_PACKED_PIECE)
        taken += 0 if left else len(feed)
        try:
            piece = inflater.decompress(feed, PIECE)
        except zlib.error as error:
            raise refuse("archive.bad-checksum", subject, f"the compressed data is damaged: {error}") from None
        left = inflater.unconsumed_tail
        if not (feed or piece or inflater.eof):
            raise refuse("archive.truncated", subject, "the compressed data is cut off")
        written += len(piece)
        _bounded(written, taken, subject)
        unpacked.write(piece)
    if inflater.unused_data or packed.read(1):
        raise refuse("archive.trailing-data", subject, "bytes follow the compressed data")


def _bounded(written: int, taken: int, subject: str) -> None:
    if written > MAX_UNPACKED:
        raise _bomb(subject, f"more than {MAX_UNPACKED} bytes unpacked")
    if written > RATIO_FROM and written > MAX_RATIO * taken:
        raise _bomb(subject, f"more than {MAX_RATIO} bytes for each packed byte")


def _bomb(subject: str, message: str) -> Refused:
    return refuse("archive.bomb", subject, message, "If it is meant, unpack it (`gunzip`) and name what comes of it.")
