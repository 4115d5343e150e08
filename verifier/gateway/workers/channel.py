"""What the judge and a worker say to each other: records of a SOCK_SEQPACKET socket pair, each whole or not at all.

    record   = length of the head (4 bytes, big-endian)  head (a JSON object)  content*
    content  = 0x00  length (4 bytes, big-endian)  bytes      one that is short
             | 0x01                                           one that is in the next sealed memory file of the record

* the kernel hands over all of a record with its descriptors, or says that it was cut; it keeps their order
* bytes that are long are in memory files that nobody can change any more (`files.sealed`)
* what is not of this form ends the channel, and so does an end that reads nothing while more and more waits for it
"""

from __future__ import annotations

import array
import asyncio
import os
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from verifier.core.errors import Refused
from verifier.files.sealed import UnsealedError, content_of, sealed
from verifier.formats.json import strict_json
from verifier.formats.json.write import compact

MOST_IN_A_RECORD: Final = 160 * 1024
"""Bytes: within what the kernel takes for one record (net.core.wmem_default is 208 KiB and more)."""
MOST_FILES: Final = 4
SHORT: Final = 16 * 1024
"""Contents that stand in the record itself."""
_MOST_WAITING: Final = 100_000
"""Records that wait for the other end: more than a worker has connections."""
_TURN: Final = 64
_LEAST_LENGTH: Final = 4
_ROOM: Final = socket.CMSG_SPACE(MOST_FILES * array.array("i").itemsize)

Said = Mapping[str, object]
Heard = Callable[[Said, Sequence[bytes]], None]


class NotUnderstoodError(Exception):
    """A record that is not of the form, or that says what it cannot."""


class Channel:
    """One end, in the running event loop."""

    def __init__(self, end: socket.socket, *, most: int, heard: Heard, ended: Callable[[str], None]) -> None:
        """`most` bytes may be in one content that comes; `ended` is told why once, `heard` each record."""
        self._end, self._most, self._heard, self._ended = end, most, heard, ended
        self._waiting: deque[tuple[bytes, list[int]]] = deque()
        self._buffer = bytearray(MOST_IN_A_RECORD)
        self._loop = asyncio.get_running_loop()
        self.is_open = True
        end.setblocking(False)
        self._loop.add_reader(end.fileno(), self._read)

    def say(self, head: Said, *contents: bytes | int) -> None:
        """Send one record; a content that is a number is a sealed memory file, which stays the caller's."""
        if not self.is_open:
            return
        files: list[int] = []
        text = compact(head, ascii_only=False).encode()
        parts = [len(text).to_bytes(4, "big"), text]
        for each in contents:
            if isinstance(each, bytes) and len(each) <= SHORT:
                parts += (b"\0", len(each).to_bytes(4, "big"), each)
            else:
                parts.append(b"\1")
                files.append(os.dup(each) if isinstance(each, int) else sealed(each))
        self._waiting.append((b"".join(parts), files))
        if len(self._waiting) == 1:
            self._write()
        elif len(self._waiting) > _MOST_WAITING:
            self.close("it reads nothing")

    def close(self, why: str = "") -> None:
        """Say and hear nothing more."""
        if not self.is_open:
            return
        self.is_open = False
        self._loop.remove_reader(self._end.fileno())
        self._loop.remove_writer(self._end.fileno())
        self._end.close()
        while self._waiting:
            _close(self._waiting.popleft()[1])
        self._ended(why)

    def _write(self) -> None:
        while self._waiting:
            record, files = self._waiting[0]
            besides = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))] if files else []
            try:
                self._end.sendmsg([record], besides)
            except (BlockingIOError, InterruptedError):
                self._loop.add_writer(self._end.fileno(), self._write)
                return
            except OSError as error:
                self.close(f"it cannot be written to: {error.strerror}")
                return
            self._waiting.popleft()
            _close(files)
        self._loop.remove_writer(self._end.fileno())

    def _read(self) -> None:
        for _ in range(_TURN):
            try:
                size, besides, seen, _ = self._end.recvmsg_into([self._buffer], _ROOM, socket.MSG_CMSG_CLOEXEC)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self.close(f"it cannot be read: {error.strerror}")
                return
            files = _files(besides)
            try:
                if not size:
                    self.close("it has ended")
                    return
                if seen & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                    raise NotUnderstoodError("a record was cut")
                self._heard(*_parsed(bytes(memoryview(self._buffer)[:size]), files, self._most))
            except (NotUnderstoodError, UnsealedError, Refused, ValueError, LookupError) as error:
                # The last two: a number, a letter or a length that whoever hears it cannot use.
                self.close(f"it says what is not understood: {error}")
            finally:
                _close(files)
            if not self.is_open:
                return


def _parsed(record: bytes, files: Sequence[int], most: int) -> tuple[Said, list[bytes]]:
    at = _LEAST_LENGTH + int.from_bytes(record[:_LEAST_LENGTH], "big")
    if at > len(record):
        raise NotUnderstoodError("a record ends within its head")
    head = strict_json.loads(record[_LEAST_LENGTH:at], subject="a record of a worker")
    if not isinstance(head, dict):
        raise NotUnderstoodError("a head is no object")
    contents, left = [], list(files)
    while at < len(record):
        kind, at = record[at], at + 1
        if kind == 1 and left:
            contents.append(content_of(left.pop(0), most=most))
            continue
        ends = at + _LEAST_LENGTH + int.from_bytes(record[at : at + _LEAST_LENGTH], "big")
        if kind != 0 or ends > len(record) or at + _LEAST_LENGTH > len(record):
            raise NotUnderstoodError("a content is not whole")
        contents.append(record[at + _LEAST_LENGTH : ends])
        at = ends
    if left:
        raise NotUnderstoodError("more files came than it says")
    return head, contents


def _files(besides: Sequence[tuple[int, int, bytes]]) -> list[int]:
    found = array.array("i")
    for level, kind, content in besides:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            found.frombytes(content[: len(content) - len(content) % found.itemsize])
    return found.tolist()


def _close(files: Sequence[int]) -> None:
    for each in files:
        with suppress(OSError):
            os.close(each)
