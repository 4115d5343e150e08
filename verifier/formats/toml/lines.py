"""On which line does each key of a TOML document stand?

`tomllib` gives values without positions, and an error in a policy must name its line.

* every key, table, array element and inline-table key of an accepted document has a line
* keys and values inside strings and comments are never mistaken for keys
* the values are still `tomllib`'s alone: this scanner reads only where things stand

Source: https://toml.io/en/v1.0.0. Only for text that `tomllib.loads` has accepted; what it would do with other
text is not defined.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_MAX_DEPTH = 16
"""Deeper paths have their ancestor's line: no key of a policy lies as deep, and prefixes cost their length."""


def line_index(text: str) -> Mapping[KeyPath, int]:
    """The line, from 1, of every key path in `text`; elements of arrays are numbered from 0."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    """One pass over the text, `position` always at the next character to read."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._position = 0
        self._breaks = [at for at, character in enumerate(text) if character == "\n"]
        self._array_lengths: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        while self._next_is_not(""):
            if self._text.startswith("[[", self._position):
                table = self._header(brackets=2)
            elif self._peek() == "[":
                table = self._header(brackets=1)
            else:
                self._pair(table)

    def _header(self, *, brackets: int) -> KeyPath:
        start = self._position
        self._position += brackets
        parts = self._key()
        self._position += brackets
        path: KeyPath = ()
        for part in parts[:-1]:
            path = (*path, part)
            if path in self._array_lengths:  # [a.b] below [[a]] belongs to the newest element of a
                path = (*path, self._array_lengths[path] - 1)
        path = (*path, parts[-1])
        if brackets == 2:
            length = self._array_lengths[path] = self._array_lengths.get(path, 0) + 1
            path = (*path, length - 1)
        self._note(path, start)
        return path

    def _pair(self, table: KeyPath) -> None:
        start = self._position
        path = (*table, *self._key())
        self._position += 1  # the equals sign
        self._note(path, start)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        """Read a dotted key up to the character that ends it: `=` or `]`."""
        parts = []
        while True:
            self._spaces()
            parts.append(self._simple_key())
            self._spaces()
            if self._peek() != ".":
                return tuple(parts)
            self._position += 1

    def _simple_key(self) -> str:
        start = self._position
        if self._peek() in {'"', "'"}:
            self._string()
            # Escapes are decoded by the one who decodes them in the document.
            return str(tomllib.loads(f"key = {self._text[start : self._position]}")["key"])
        while self._peek() in _BARE:
            self._position += 1
        return self._text[start : self._position]

    def _value(self, path: KeyPath) -> None:
        self._spaces()
        match self._peek():
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._string()
            case _:
                while self._peek() not in {"", "\n", ",", "]", "}", "#"}:
                    self._position += 1

    def _array(self, path: KeyPath) -> None:
        self._position += 1
        index = 0
        while self._next_is_not("]"):
            if self._peek() == ",":
                self._position += 1
                continue
            self._note((*path, index), self._position)
            self._value((*path, index))
            index += 1
        self._position += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._position += 1
        while self._next_is_not("}"):
            if self._peek() == ",":
                self._position += 1
                continue
            self._pair(path)
        self._position += 1

    def _string(self) -> None:
        quote = self._peek()
        delimiter = quote * 3 if self._text.startswith(quote * 3, self._position) else quote
        self._position += len(delimiter)
        while not self._text.startswith(delimiter, self._position):
            self._position += 2 if quote == '"' and self._peek() == "\\" else 1
        self._position += len(delimiter)
        # Up to two quotes may stand before a closing delimiter of three: they are content, and still behind us.
        for _ in range(2 if len(delimiter) == 3 else 0):
            if self._peek() == quote:
                self._position += 1

    def _next_is_not(self, end: str) -> bool:
        """Skip blanks, line breaks and comments; whether there is something before `end` (or the text's end)."""
        while self._position < len(self._text):
            if self._peek() == "#":
                self._position = self._end_of_line()
            elif self._peek() in " \t\r\n":
                self._position += 1
            else:
                return self._peek() != end
        return False

    def _end_of_line(self) -> int:
        end = self._text.find("\n", self._position)
        return len(self._text) if end < 0 else end

    def _spaces(self) -> None:
        while self._peek() in {" ", "\t"}:
            self._position += 1

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _note(self, path: KeyPath, at: int) -> None:
        if len(path) > _MAX_DEPTH:
            return
        line = bisect_left(self._breaks, at) + 1
        for length in range(1, len(path)):
            self.lines.setdefault(path[:length], line)
        self.lines[path] = line
