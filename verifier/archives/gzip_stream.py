"""One gzip stream, unpacked piece by piece.

* a piece is bounded whatever the input is: nothing is unpacked before the last piece was looked at
* the checksum and the length in the trailer are verified
* where the stream ends is known to the byte, so that what follows it can be refused

Source: RFC 1952, RFC 1951.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from verifier.archives.inflating import ERRORS, Inflater, crc32, inflater
from verifier.core.errors import refuse

PIECE = 256 * 1024
"""Bytes unpacked at a time."""
FIRST_FEED, _FEED = 1024, 64 * 1024
"""Bytes packed at a time, ever more: zlib copies what it has not consumed, and a stream may be of a few bytes."""
RAW: Final = -15
"""What `inflater` takes for a bare deflate stream with the largest window."""
_TRAILER = struct.Struct("<II")
_FHCRC, _FEXTRA, _FNAME, _FCOMMENT, _RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0


class GzipStream:
    """The gzip member that starts at `start`. `end` is the offset behind its trailer once `pieces` is exhausted."""

    def __init__(self, content: bytes | memoryview, *, subject: str, start: int = 0) -> None:
        self._content = memoryview(content)
        self._subject = subject
        self.consumed = start + _header_length(content, start, subject)
        self.end = self.consumed
        self._feed = FIRST_FEED

    def pieces(self) -> Iterator[bytes]:
        """Everything that is packed, in bounded pieces; `Refused` where the stream is cut off or damaged."""
        stream = inflater(RAW)
        checksum = length = 0
        while not stream.eof:
            piece = self._inflate(stream)
            checksum = crc32(piece, checksum)
            length += len(piece)
            if piece:
                yield piece
        self.consumed -= len(stream.unused_data)
        self._check_trailer(checksum, length & 0xFFFFFFFF)

    def _inflate(self, stream: Inflater) -> bytes:
        left = stream.unconsumed_tail
        feed = left or self._content[self.consumed : self.consumed + self._feed]
        self.consumed += 0 if left else len(feed)
        self._feed = min(2 * self._feed, _FEED)
        try:
            piece = stream.decompress(feed, PIECE)
        except ERRORS as error:
            raise refuse("archive.bad-checksum", self._subject, f"the compressed data is damaged: {error}") from None
        if not (feed or piece or stream.eof):
            raise refuse("archive.truncated", self._subject, "the compressed data is cut off")
        return piece

    def _check_trailer(self, checksum: int, length: int) -> None:
        trailer = self._content[self.consumed : self.consumed + _TRAILER.size]
        self.end = self.consumed + len(trailer)
        if len(trailer) < _TRAILER.size:
            raise refuse("archive.truncated", self._subject, "the gzip trailer is cut off")
        if _TRAILER.unpack(trailer) != (checksum, length):
            message = "the CRC or the length in the gzip trailer is not that of what was unpacked"
            raise refuse("archive.bad-checksum", self._subject, message)


def declared_length(content: bytes) -> int:
    """The unpacked length modulo 2**32 that the last four bytes declare, as far as they are a trailer."""
    return int.from_bytes(content[-4:], "little")


def is_gzip(content: bytes | memoryview, start: int = 0) -> bool:
    """Whether a gzip member with deflate starts there."""
    return bytes(content[start : start + 3]) == b"\x1f\x8b\x08"


def _header_length(content: bytes | memoryview, start: int, subject: str) -> int:
    """Bytes of the header with its optional fields (RFC 1952, section 2.3)."""
    if not is_gzip(content, start):
        seen = bytes(content[start : start + 4]).hex(" ") or "nothing"
        raise refuse("archive.not-gzip", subject, f"a gzip header was expected (1f 8b 08), seen: {seen}")
    header = bytes(content[start : start + 10])
    flags = header[3] if len(header) == 10 else 0
    if flags:
        header = bytes(content[start : start + 64 * 1024 + 512])
    if flags & _RESERVED:
        raise refuse("archive.not-gzip", subject, f"reserved gzip flags are set: {flags:#04x}")
    end = 10
    if flags & _FEXTRA:
        end += 2 + int.from_bytes(header[10:12], "little")
    for flag in (_FNAME, _FCOMMENT):
        if flags & flag:
            terminator = header.find(b"\0", end)
            end = terminator + 1 if terminator >= 0 else len(header) + 1
    if flags & _FHCRC:
        if int.from_bytes(header[end : end + 2], "little") != crc32(header[:end], 0) & 0xFFFF:
            raise refuse("archive.bad-checksum", subject, "the checksum of the gzip header is wrong")
        end += 2
    if end > len(header) or len(header) < 10:
        raise refuse("archive.truncated", subject, "the gzip header is cut off")
    return end
