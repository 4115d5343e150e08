"""The bytes of a layer, unpacked piece by piece while its packed pieces come in.

* a piece is bounded whatever the input is, and no more than one is kept: memory is the same for every size
* gzip may have several members, zstd several frames and skippable ones; nothing else follows them
* checksums and lengths inside are verified
* what unpacks to far more than it is packed in is refused, by its whole size where that is known

Source: RFC 1952; RFC 8878; formats/images.md section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from verifier.archives.gzip_stream import FIRST_FEED, PIECE, is_gzip
from verifier.archives.inflating import ERRORS, inflater
from verifier.archives.layers.limits import MAX_WINDOW_LOG, ImageLimits
from verifier.archives.layers.packing import (
    FETCH_AGAIN,
    MAGIC_BYTES,
    PackedLayer,
    compression_of,
    cut_off,
    is_zstd,
    require_agreement,
)
from verifier.core.errors import Refused, refuse

if TYPE_CHECKING:
    from backports.zstd import ZstdDecompressor

_WITH_HEADER = 16 + 15
"""What `inflater` takes for a gzip stream with the largest window."""
_MOST_FEED = 128 * 1024
"""Bytes packed at a time, from few to ever more: what is not consumed is copied, and a stream may be of a few bytes."""


def unpacked(layer: PackedLayer, pieces: Iterator[bytes], *, limits: ImageLimits) -> Iterator[bytes]:
    """What is packed in `pieces`, in bounded pieces; `Refused` before the end where it is not sound."""
    compression = compression_of(layer.media_type, subject=layer.subject)
    source = _Source(pieces)
    require_agreement(compression, source.peek(), subject=layer.subject)
    if compression == "none":
        return source.rest()
    gzip = compression == "gzip"
    streams = _streams(source, layer.subject, limits, starts=is_gzip if gzip else is_zstd)
    content = _gunzip(source, streams, layer.subject) if gzip else _unzstd(source, streams, layer.subject)
    return _proportionate(content, source, layer, limits, limits.gzip_ratio if gzip else limits.zstd_ratio)


class _Source:
    """The packed bytes, in pieces of whatever size is asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")
        self._at = 0
        self.taken = 0

    def take(self, most: int) -> memoryview:
        """The next bytes, at most so many; none at the end."""
        while self._at == len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return memoryview(b"")
            self._piece, self._at = memoryview(piece), 0
        taken = self._piece[self._at : self._at + most]
        self._at += len(taken)
        self.taken += len(taken)
        return taken

    def put_back(self, count: int) -> None:
        """The last bytes of what was taken last are still to come."""
        self._at -= count
        self.taken -= count

    def peek(self) -> bytes:
        """The next few bytes, which are still to come; fewer at the end."""
        if len(self._piece) - self._at < MAGIC_BYTES:
            head = bytes(self._piece[self._at :])
            while len(head) < MAGIC_BYTES and (piece := next(self._pieces, None)) is not None:
                head += piece
            self._piece, self._at = memoryview(head), 0
        return bytes(self._piece[self._at : self._at + MAGIC_BYTES])

    def rest(self) -> Iterator[bytes]:
        """All that is still to come, in the pieces that it comes in."""
        if self._at < len(self._piece):
            yield bytes(self._piece[self._at :])
        yield from self._pieces


def _streams(source: _Source, subject: str, limits: ImageLimits, *, starts: Callable[[bytes], bool]) -> Iterator[int]:
    """The number of each member or frame, where one starts, up to the end of the layer."""
    number = 0
    while head := source.peek():
        if not starts(head):
            message = f"bytes follow its last compressed stream (they begin with {head.hex(' ')})"
            raise refuse("image.layer-malformed", subject, message)
        number += 1
        if number > limits.streams:
            message = f"more than {limits.streams} compressed streams in one layer"
            raise refuse("archive.bomb", subject, message)
        yield number


def _gunzip(source: _Source, streams: Iterator[int], subject: str) -> Iterator[bytes]:
    for _ in streams:
        stream = inflater(_WITH_HEADER)  # with the header and the trailer, which are verified
        size = FIRST_FEED
        while not stream.eof:
            feed = stream.unconsumed_tail or source.take(size)
            size = min(2 * size, _MOST_FEED)
            try:
                piece = stream.decompress(feed, PIECE)
            except ERRORS as error:
                raise _damaged(subject, error) from None
            if piece:
                yield piece
            elif not (feed or stream.eof):
                raise cut_off(subject, "a gzip member does not end")
        source.put_back(len(stream.unused_data))


def _unzstd(source: _Source, streams: Iterator[int], subject: str) -> Iterator[bytes]:
    make, error_type = _zstd()
    for _ in streams:
        frame = make()
        size = FIRST_FEED
        while not frame.eof:
            feed = source.take(size) if frame.needs_input else memoryview(b"")
            size = min(2 * size, _MOST_FEED)
            if frame.needs_input and not feed:
                raise cut_off(subject, "a zstd frame does not end")
            try:
                piece = frame.decompress(feed, PIECE)
            except error_type as error:
                raise _damaged(subject, error) from None
            if piece:
                yield piece
        source.put_back(len(frame.unused_data))


def _zstd() -> tuple[Callable[[], ZstdDecompressor], type[Exception]]:
    import sys  # noqa: PLC0415 - beside what it chooses

    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - for layers that are packed so only
    else:
        from backports import zstd  # noqa: PLC0415 - for layers that are packed so only
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}
    return lambda: zstd.ZstdDecompressor(options=options), zstd.ZstdError


def _damaged(subject: str, error: Exception) -> Refused:
    if "too much memory" in str(error):
        message = f"a zstd frame refers back further than {1 << MAX_WINDOW_LOG} bytes, which nobody has to keep"
        return refuse("image.unsupported", subject, message, "Pack it without --long and at a level below 22.")
    return refuse("archive.bad-checksum", subject, f"the compressed data is damaged: {error}", FETCH_AGAIN)


def _proportionate(
    content: Iterator[bytes], source: _Source, layer: PackedLayer, limits: ImageLimits, ratio: int
) -> Iterator[bytes]:
    unpacked_bytes = 0
    for piece in content:
        unpacked_bytes += len(piece)
        packed = source.taken if layer.size is None else layer.size
        if unpacked_bytes > limits.free_bytes and unpacked_bytes > ratio * packed:
            message = f"more than {ratio} bytes unpacked for each byte packed"
            raise refuse("archive.bomb", layer.subject, message)
        yield piece
