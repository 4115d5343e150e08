"""The program that searches what it is given for secrets, in a process of its own. `scanner` starts it.

 * reads its settings, and then pieces of files, from standard input; writes a line a finding to standard output, and at
   the end that it has seen everything: without that line, nothing that it found or did not find is all
 * of a secret nothing leaves this process but a fingerprint, made with a salt that is for one run
 * a file of any size is searched in windows that overlap, so that memory is bounded and no secret is cut in two
 * reads no comment that tells a scanner to look away: whoever wants to hide something could write one
 * depends on nothing but the standard library and `kingfisher_sdk`: it is run by its path

A piece is its file's number, its length and whether it is the file's last, in twelve bytes, and then the piece.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

NO_SCANNER = 78
"""Exit status of a process without a scanner, before it has read anything."""
PIECE = struct.Struct(">IIL")
SETTINGS = struct.Struct(">32sI")
"""The salt, and the length of the path that follows: a folder for compiled rules, or nothing."""
DONE = "all"
WINDOW = 8 * 1024 * 1024
OVERLAP = 64 * 1024
"""Bytes that two windows of a file share: a private key of 16,384 bits has 13,000."""
WINDOW_S = 30.0
"""Seconds for one window: rules are automata, and take a tenth of a second."""
MAX_FINDINGS = 5_000
LEFT_OUT = frozenset({"betterleaks.generic-credential-uri"})
"""Rules that are not asked: what they look for, `scanner` looks for itself, with fewer mistakes."""


class _File:
    """What of a file is waiting to be searched, and the lines before it."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.lines = 0


class _Search:
    """Files that are open, and how one window is searched."""

    def __init__(self, scan: Callable[..., list[Any]], salt: bytes, answers: BinaryIO) -> None:
        self._scan, self._salt, self._answers = scan, salt, answers
        self._open: dict[int, _File] = {}
        self._found = 0

    def take(self, number: int, piece: bytes, *, last: bool) -> None:
        """The next piece of a file."""
        if last and number not in self._open:
            self._window(number, piece, 0)
            return
        file = self._open.setdefault(number, _File())
        file.held += piece
        if last:
            del self._open[number]
            self._window(number, bytes(file.held), file.lines)
        elif len(file.held) >= WINDOW:
            self._window(number, bytes(file.held), file.lines)
            over = len(file.held) - OVERLAP
            file.lines += file.held.count(b"\n", 0, over)
            del file.held[:over]

    def finish(self) -> None:
        """Say that everything was seen, if it was."""
        if not self._open:
            self._say(DONE)

    def _window(self, number: int, text: bytes, lines: int) -> None:
        try:
            found = self._scan(text, timeout=WINDOW_S)
        except TimeoutError:
            self._say(f"late\t{number}")
            return
        for each in found:
            if each.visible and each.rule_id not in LEFT_OUT and self._found < MAX_FINDINGS:
                self._found += 1
                secret = each.secret.encode("utf-8", "replace")
                fingerprint = hashlib.blake2b(secret, key=self._salt, digest_size=8).hexdigest()
                line = lines + each.location["line"]
                self._say(f"found\t{number}\t{line}\t{fingerprint}\t{_plain(each.rule_id)}")

    def _say(self, line: str) -> None:
        self._answers.write(line.encode() + b"\n")
        self._answers.flush()


def _plain(rule: str) -> str:
    return "".join(each for each in rule if each.isascii() and (each.isalnum() or each in "._/-"))[:100]


def _pieces(source: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    while head := source.read(PIECE.size):
        number, length, last = PIECE.unpack(head)
        piece = source.read(length)
        if len(piece) != length:
            raise ValueError("cut off")
        yield number, piece, bool(last)


def main() -> None:
    """Answer what is given on standard input."""
    try:
        import kingfisher_sdk  # noqa: PLC0415 - this module is also read by who starts it
    except (ImportError, OSError):  # OSError: its library is there and asks for a newer system
        sys.exit(NO_SCANNER)
    answers, source = _claim_stdout(), sys.stdin.buffer
    salt, length = SETTINGS.unpack(source.read(SETTINGS.size))
    cache = source.read(length).decode("utf-8", "surrogateescape")
    rules = kingfisher_sdk.Rules(cache=bool(cache), cache_dir=cache or None)
    search = _Search(kingfisher_sdk.Scanner(rules).scan, salt, answers)
    for number, piece, last in _pieces(source):
        search.take(number, piece, last=last)
    search.finish()


def _claim_stdout() -> BinaryIO:
    """Keep the pipe for the answers: what native code or an error prints may be a secret, and goes nowhere."""
    answers, nowhere = os.fdopen(os.dup(1), "wb"), os.open(os.devnull, os.O_WRONLY)
    for complaints in (1, 2):
        os.dup2(nowhere, complaints)
    return answers


if __name__ == "__main__":
    main()
