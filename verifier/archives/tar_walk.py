"""Walking a tar stream while it is being unpacked.

* every limit is held against what a header declares, before the bytes it announces are kept
* an extended header belongs to exactly one member; a header cannot be named twice
* the padding behind a member and behind the end is zeros
* the end is two blocks of zeros, and not much follows it
* a walk that keeps nothing runs in constant memory: it tells whether a stream is worth keeping

Source: POSIX.1-2017 pax; formats/opa-bundle.md section 1.
"""

from __future__ import annotations

import re
from itertools import islice

from verifier.archives.block import BLOCK
from verifier.archives.findings import Findings
from verifier.archives.reserve import reserve
from verifier.archives.tar_header import (
    DIRECTORY,
    EXTENSIONS,
    GNU_LONG_NAME,
    HEADER_ONLY,
    MAX_EXTENSION_BYTES,
    NO_SEGMENT,
    PAX_GLOBAL,
    PLAIN_BYTES,
    PLAIN_SEGMENTS,
    REGULAR,
    UNREADABLE,
    ZERO_BLOCK,
    Header,
    JudgedHeader,
    MalformedHeader,
    Span,
    judged,
    padded,
    parse_header,
    parse_long_name,
    parse_pax,
    similar_files,
)
from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import HEADER, MEMBER, NAME, ODD_NAME, RECORD, UNPACKED
from verifier.core.errors import Refused
from verifier.core.limits import Limits

MAX_PADDING = 64 * 1024
"""Bytes of zeros after the end-of-archive blocks. GNU tar and Python pad to 10,240 bytes."""

_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\\\\\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


class TarWalk:
    """Feed it the stream; it keeps the stream (`tar`), where the members lie (`spans`) and where they end (`body_end`).

    With `keep=False` it judges only, and keeps no more than it has to look at again. `overrun` says that what follows
    the end is not worth reading, `ascii` that no byte so far lies beyond ASCII. `expected` bytes are reserved, so that
    the buffer does not move while it fills up. `budget` pays for all that is made, kept or not.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        findings: Findings,
        subject: str,
        budget: Budget,
        keep: bool = True,
        expected: int = 0,
    ) -> None:
        self.budget = budget
        self.tar = reserve(expected)
        self.spans: list[Span] = []
        self.ended = False
        self.overrun = False
        self.body_end = 0
        self.length = 0
        self.ascii = True
        self._filled = 0  # bytes of tar that are the stream's
        self._base = 0  # offset in the stream of tar[0]
        self._position = 0  # of the next header
        self._padding = 0  # where the content before it ended
        self._members = 0
        self._named: bytes | None = None  # what an extended header calls the next member
        self._start: int | None = None  # of the extended header that belongs to the next member
        self._zeros = 0
        self._like: JudgedHeader | None = None  # the last header of a plain file
        self._may_hurry = limits.path_bytes >= PLAIN_BYTES and limits.path_depth >= PLAIN_SEGMENTS
        self._limits, self._findings, self._subject, self._keep = limits, findings, subject, keep

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the stream."""
        self.length += len(piece)
        self.budget.spend(UNPACKED, len(piece), subject=self._subject)
        self.ascii = self.ascii and piece.isascii()
        if self.ended:
            self._after_end(piece)
            return
        self._store(piece)
        try:
            self._advance()
        except MalformedHeader as error:
            raise self._stop(error.code, f"{error}, in the header at byte {self._position}") from None
        if self.ended:
            end = self.body_end + 2 * BLOCK - self._base
            self._after_end(bytes(self.tar[end : self._filled]))
            self._filled = end
        elif not self._keep:
            self._forget()

    def finish(self) -> None:
        """The stream is over: was the archive?"""
        if self.ended:
            if self.length % BLOCK:
                self._findings.differs("archive.truncated", self._subject, "the last block is not whole")
            return
        # Beside one block of zeros, only the padding of the last member may be missing for a reader not to notice.
        missing = self._position - self.length
        if not 0 <= missing < BLOCK or self._padding > self.length or self._start is not None:
            raise self._stop("archive.truncated", f"the archive ends within a member, at byte {self.length}")
        self._store(bytes(missing))
        self._check_padding()
        self._findings.differs("archive.truncated", self._subject, "the two end-of-archive blocks are missing")
        self.body_end = self._position - self._zeros * BLOCK
        self.ended = True

    def _store(self, piece: bytes) -> None:
        end = self._filled + len(piece)
        if end > len(self.tar) and not isinstance(self.tar, bytearray):
            self.tar = bytearray(self.tar[: self._filled])  # more than was expected: from here on it grows
        self.tar[self._filled : end] = piece
        self._filled = end

    def _advance(self) -> None:
        """Read headers as long as they are there, up to the end-of-archive blocks."""
        filled = self._base + self._filled
        while self._hurry(filled) + BLOCK <= filled:
            at = self._position - self._base
            block = bytes(self.tar[at : at + BLOCK])
            if block == ZERO_BLOCK:
                if self._zero_block():
                    return
                continue
            if self._zeros:
                raise self._stop("archive.malformed", "a block of zeros stands between two members")
            header = parse_header(block)
            if header[0] in EXTENSIONS:
                if not self._extension(header, filled):
                    return
            else:
                if self._may_hurry and self._start is None:
                    self._like = judged(block) or self._like
                self._member(header)

    def _hurry(self, filled: int) -> int:
        """Read members as long as their headers are like one before; where the first is that is not, or in doubt."""
        like, left = self._like, self._limits.members - self._members
        if like is None or self._start is not None or self._zeros:
            return self._position
        files = similar_files(self.tar, self._base, self._position, self._padding, filled, like, self._limits)
        if read := list(islice(files, left)):
            self._members += len(read)
            self.budget.spend(MEMBER, len(read), subject=self._subject)
            self.budget.spend(NAME, sum([len(span[0]) for span in read]), subject=self._subject)
            _, _, _, self._padding, self._position = read[-1]
        if self._keep:
            self.spans += read
        return self._position

    def _zero_block(self) -> bool:
        self._check_padding()
        if self._start is not None:
            raise self._stop("archive.malformed", "an extended header has no member")
        self._zeros += 1
        self._position += BLOCK
        self._padding = self._position
        if self._zeros == 2:
            self.ended = True
            self.body_end = self._position - 2 * BLOCK
        return self.ended

    def _extension(self, header: Header, filled: int) -> bool:
        """Read an extended header; False when its content is not there yet."""
        kind, _, size = header
        if size > MAX_EXTENSION_BYTES:
            message = f"an extended header of {size} bytes; at most {MAX_EXTENSION_BYTES} are expected"
            raise self._stop("archive.too-large", message)
        if self._start is not None:
            raise self._stop("archive.malformed", "an extended header follows another")
        body = self._position + BLOCK
        if body + padded(size) > filled:
            return False
        self.budget.spend(HEADER, subject=self._subject)
        content = bytes(self.tar[body - self._base : body - self._base + size])
        self._check_padding()
        if kind == PAX_GLOBAL:
            self._count()
            self._global_records(content)
        else:
            self._start = self._position
            self._named = parse_long_name(content) if kind == GNU_LONG_NAME else self._own_records(content)
        self._padding = body + size
        self._position = body + padded(size)
        return True

    def _own_records(self, content: bytes) -> bytes | None:
        records, unknown = self._records(content)
        if unknown:
            message = f"an extended header with records that readers do not share: {', '.join(sorted(unknown))}"
            self._findings.differs("archive.malformed", self._subject, message)
        return records["path"].encode("utf-8") if "path" in records else None

    def _global_records(self, content: bytes) -> None:
        # `git archive` writes one that holds a comment. Go applies none of them to members, Python all.
        records, _ = self._records(content)
        if records.keys() - {"comment"}:
            message = f"a global extended header ({', '.join(sorted(records))}), which readers apply differently"
            self._findings.differs("archive.special-member", self._subject, message)

    def _records(self, content: bytes) -> tuple[dict[str, str], list[str]]:
        records, unknown = parse_pax(content)
        self.budget.spend(RECORD, len(records), subject=self._subject)
        return records, unknown

    def _member(self, header: Header) -> None:
        kind, name, size = header
        start = self._position if self._start is None else self._start
        body = self._position + BLOCK
        path = self._name(name if self._named is None else self._named, is_directory=kind == DIRECTORY)
        if kind not in REGULAR:
            size = self._not_a_file(kind, path, size)
        self._count()
        if size > self._limits.member_bytes or body + size > self._limits.total_bytes:
            raise self._too_large(path, size)
        self._check_padding()
        end = body + padded(size)
        if kind in REGULAR and self._keep:
            self.spans.append((path, start, body, body + size, end))
        self._position, self._padding = end, body + size
        self._start = self._named = None

    def _not_a_file(self, kind: int, path: str, size: int) -> int:
        """Judge a directory, or what should not be there; returns the size of the content behind its header."""
        if kind == DIRECTORY:
            if size:
                raise self._stop("archive.malformed", f"the directory {path!r} has a size of {size}")
            return 0
        message = f"a member of type {chr(kind)!r}; regular files ('0') and directories ('5') are expected"
        if kind in UNREADABLE:
            raise self._findings.stop("archive.special-member", path, message)
        self._findings.differs("archive.special-member", path, message)
        return 0 if kind in HEADER_ONLY else size

    def _name(self, raw: bytes, *, is_directory: bool) -> str:
        try:
            path = raw.decode("utf-8")
            self.budget.spend(NAME if len(path) == len(raw) else ODD_NAME, len(path), subject=self._subject)
        except UnicodeDecodeError as error:
            message = f"the name is not UTF-8 at its byte {error.start}"
            raise self._findings.stop("archive.unsafe-name", raw.decode("utf-8", "backslashreplace"), message) from None
        segments = (path.removeprefix("/")).split("/")
        if is_directory and len(segments) > 1 and not segments[-1]:
            segments.pop()
        if not NO_SEGMENT.isdisjoint(segments) or _UNSAFE.search(path):
            self._unsafe(path, empty_end=not segments[-1] and not is_directory)
        if len(raw) > self._limits.path_bytes or len(segments) > self._limits.path_depth:
            message = (
                f"the name has {len(raw)} bytes and {len(segments)} segments; "
                f"at most {self._limits.path_bytes} and {self._limits.path_depth} are allowed"
            )
            raise self._findings.stop("archive.unsafe-name", path[:256], message)
        return path

    def _unsafe(self, path: str, *, empty_end: bool) -> None:
        if not path or empty_end:
            # A regular file by its type and a directory by its name: Go and Python part here.
            raise self._findings.stop("archive.unsafe-name", path, "the name is empty or ends in '/'")
        from verifier.archives.dotted import FROM_WITHIN, packed_by_dot  # noqa: PLC0415 - for refused names only

        character = _UNSAFE.search(path)
        if character is None and path.startswith(".") and packed_by_dot(path, self._findings):
            return
        seen = f"the character U+{ord(character[0]):04X}" if character else "an empty, '.' or '..' segment"
        hint = "" if character or ".." not in path.split("/") else FROM_WITHIN
        self._findings.differs("archive.unsafe-name", path, f"the name has {seen}", hint)

    def _count(self) -> None:
        self._members += 1
        self.budget.spend(MEMBER, subject=self._subject)
        if self._members > self._limits.members:
            raise self._stop("archive.too-many-members", f"more than {self._limits.members} members")

    def _too_large(self, path: str, size: int) -> Refused:
        if size > self._limits.member_bytes:
            message = f"{size} bytes in one member; at most {self._limits.member_bytes} are allowed"
            return self._findings.stop("archive.too-large", path, message)
        return self._stop("archive.too-large", f"more than {self._limits.total_bytes} bytes unpacked")

    def _check_padding(self) -> None:
        start, end = self._padding - self._base, self._position - self._base
        if self.tar[start:end].count(0) != end - start:
            message = f"bytes are hidden in the padding before byte {self._position}"
            self._findings.differs("archive.malformed", self._subject, message)

    def _after_end(self, piece: bytes) -> None:
        if piece.count(0) != len(piece):
            message = "bytes other than zeros follow the end-of-archive blocks"
        elif self.length - self.body_end > MAX_PADDING:
            message = f"more than {MAX_PADDING} bytes of zeros follow the end-of-archive blocks"
        else:
            return
        self._findings.differs("archive.trailing-data", self._subject, message)
        self.overrun = True

    def _forget(self) -> None:
        done = min(max(self._padding - self._base, 0), self._filled)
        self.tar = bytearray(self.tar[done : self._filled])
        self._filled -= done
        self._base += done

    def _stop(self, code: str, message: str) -> Refused:
        return self._findings.stop(code, self._subject, message)
