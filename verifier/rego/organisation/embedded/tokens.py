"""The words of a module, as far as the embedded subset goes; anything else is named with its line.

* what two readers could take for different characters is outside: a lone carriage return, NUL, a byte order mark
* beyond ASCII there is text in strings and comments only
* annotations (`# METADATA`) are outside, for OPA reads them as YAML and may refuse them
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from verifier.core.value import Value

MAX_CHARACTERS = 256 * 1024
"""Of one module: a thousand rules are a quarter of it."""
LARGEST = 2**53
"""Integers up to here are one number to everybody."""
_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+) | (?P<comment>\#[^\n]*) | (?P<newline>\r?\n) | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>0|[1-9][0-9]*) | (?P<string>"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")
    | (?P<mark>:=|==|!=|<=|>=|[<>(){}\[\],:;.|])""",
    re.VERBOSE,
)
_CONSTRUCTS = (
    ("`", "raw strings"),
    ('$"', "template strings"),
    ('"', "a string with a control character, an unknown escape, or without an end"),
    ("$", "template strings"),
    (("+", "-", "*", "/", "%"), "arithmetic"),
    ("&", "operators on sets"),
    ("=", "unification (`=`)"),
)


class OutsideSubset(Exception):
    """What in a module the embedded engine does not answer for."""

    path = ""
    """The file, once somebody knows it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}" if line else what)

    def in_file(self, path: str) -> OutsideSubset:
        """This, said of a file, unless it is said of one."""
        self.path = self.path or path
        return self


class Token(Value):
    """One word. `apart` says that something blank stands before it, `value` what a string or a number means."""

    kind: str
    text: str
    line: int
    apart: bool = False
    value: str | int = ""


def tokens_of(source: str) -> Iterator[Token]:
    """The words of `source`, ended by one of kind "end"; raises `OutsideSubset`."""
    if len(source) > MAX_CHARACTERS:
        raise OutsideSubset(0, f"it has more than {MAX_CHARACTERS} characters")
    place, line, apart = 0, 1, True
    while place < len(source):
        found = _TOKEN.match(source, place)
        if found is None:
            raise OutsideSubset(line, _construct(source, place))
        kind, text = found.lastgroup or "", found.group()
        place = found.end()
        if kind == "comment":
            _check_comment(text, line)
        elif kind not in {"blank", "newline"}:
            yield Token(
                kind=kind, text=text, line=line, apart=apart, value=_value(kind, text, line, source[place : place + 1])
            )
        if kind == "newline":
            yield Token(kind=kind, text="a line break", line=line)
            line += 1
        apart = kind in {"blank", "newline", "comment"}
    yield Token(kind="end", text="the end of the file", line=line)


def _value(kind: str, text: str, line: int, follower: str) -> str | int:
    if kind == "number":
        if follower.isalnum() or follower in {".", "_"}:
            raise OutsideSubset(line, "numbers other than plain integers")
        if len(text) > 16 or int(text) > LARGEST:
            raise OutsideSubset(line, "integers beyond 2^53")
        return int(text)
    if kind == "string":
        value = str(json.loads(text))
        _check_characters(value, line)
        return value
    return ""


def _check_comment(text: str, line: int) -> None:
    _check_characters(text.removesuffix("\r"), line)
    if text[1:].strip().startswith("METADATA"):
        raise OutsideSubset(line, "annotations (METADATA): write them as a plain comment")
    if "\r" in text.removesuffix("\r"):
        raise OutsideSubset(line, "a carriage return inside a comment")


def _check_characters(text: str, line: int) -> None:
    if any(each == "\ufeff" or "\ud800" <= each <= "\udfff" for each in text) or "\0" in text:
        raise OutsideSubset(line, "a character that is not taken alike by everybody")


def _construct(source: str, place: int) -> str:
    rest = source[place : place + 2]
    for start, what in _CONSTRUCTS:
        if rest.startswith(start):
            return what
    return f"the character {rest[0]!a}"
