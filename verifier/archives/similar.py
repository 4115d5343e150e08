"""Files whose tar headers are like one that was judged: nearly all of an archive, read quickly and to the same effect.

* a header may differ in its name, size and time only; all other bytes are those of the one that was judged
* names are of letters, digits, "_", "-" and "."; whatever else there is, `tar_walk` reads one by one
* held by a differential test: what is read here is what is read one by one
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from verifier.archives.block import BLOCK
from verifier.archives.reserve import Buffer
from verifier.archives.tar_header import REGULAR, ZERO_BLOCK, shared_part
from verifier.core.limits import Limits

PLAIN_BYTES, PLAIN_SEGMENTS = 100, 50
"""The most that a name has which is read here."""

Span: TypeAlias = tuple[str, int, int, int, int]
"""A regular file: its path, the start of its headers, the start and the end of its content, the end of its padding."""

_PARTS: Final = struct.Struct("148s8s356s")
"""All before the checksum, the checksum, the type and all behind it."""
_PLAIN: Final = re.compile(
    rb"(?s)(/?+\.?+[\w-][\w.-]*+(?:/\.?+[\w-][\w.-]*+)*+)\0*+"  # what is left of 100 bytes
    rb".{24}([0-7]{11})[ \0][0-7]{11}[ \0]\Z"
)
"""All before the checksum: a name (no segment empty or beginning with two dots), its ownership, its size and time."""


class JudgedHeader(NamedTuple):
    """What a header of a regular file, found to be sound, had in the fields that most headers of an archive share."""

    ownership: bytes
    rest: bytes
    total: int  # the sum of `rest` and the eight spaces that stand for the checksum, less one


def judged(block: bytes) -> JudgedHeader | None:
    """What to compare further headers with, from one that `parse_header` has read; None for other than plain files."""
    head, _, rest = _PARTS.unpack(block)
    kind, prefix = shared_part(rest)
    if kind not in REGULAR or prefix:
        return None
    return JudgedHeader(head[100:124], rest, sum(rest) + 256 - 1)


def similar_files(
    tar: Buffer, base: int, position: int, padding: int, filled: int, like: JudgedHeader, limits: Limits
) -> Iterator[Span]:
    """The files from `position` on, as long as their headers are like one that was judged and nothing is in doubt.

    All are offsets in the stream: `tar` begins at `base` and is there up to `filled`; the content before the first
    header ended at `padding`.
    """
    ownership, shared, total = like
    member_bytes, total_bytes = limits.member_bytes, limits.total_bytes
    while position + BLOCK <= filled:
        head, checksum, rest = _PARTS.unpack_from(tar, position - base)
        if rest != shared or head[100:124] != ownership:
            return
        # The sum of so few bytes (148 * 255 < 65521) is one less than the lower half of their Adler-32.
        if checksum != b"%06o\0 " % (total + (zlib.adler32(head) & 0xFFFF)):
            return
        plain = _PLAIN.match(head)
        if plain is None or tar[padding - base : position - base] != ZERO_BLOCK[: position - padding]:
            return
        path, size = plain.groups()
        body = position + BLOCK
        stop = body + int(size, 8)
        if stop - body > member_bytes or stop > total_bytes:
            return
        end = (stop + 511) & ~511
        yield path.decode("ascii"), position, body, stop, end
        position, padding = end, stop
