"""A Rego module as tokens, and what stands in it as a call: no compiler's opinion, only what is written.

* the tokens are OPA's: what its scanner refuses is refused here; strings and comments are one token or none
* a template string is taken apart: what stands between its braces is read like any other text
* a name with everything that follows it by dots and strings in brackets is one path, blanks or not
* linear in the length of the text

Source: OPA `v1/ast/internal/scanner`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from verifier.core.errors import Refused
from verifier.formats.json import strict_json

_TOKEN: Final = re.compile(
    r"""(?P<gap>[ \t\r\n]++|\#[^\n]*+)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*+)
    |(?P<number>[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![A-Za-z_.]))
    |(?P<text>"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"|`[^`]*+`)
    |(?P<template>\$["`])
    |(?P<mark>:=|==|!=|<=|>=|[][{}(),:;.+*/%&|=<>-])""",
    re.VERBOSE,
)
_PIECES: Final = {
    '"': re.compile(r'(?:[^"\\{\n]|\\["\\/bfnrt{]|\\u[0-9A-Fa-f]{4})*(["{])'),
    "`": re.compile(r"(?:[^`\\{]|\\\{|\\(?!\{))*([`{])"),
}
"""What a template string holds up to its end, or to an expression in it."""
_FIRST_LINE: Final = re.compile(r"\ufeff?")


class UnreadableError(ValueError):
    """OPA's scanner would not read this."""


class Token(NamedTuple):
    """`kind` is "name", "text", "number", "mark", "opening" of a template string, "template" where an
    expression begins in one.

    `close` is whether it follows the one before at once, `first` whether it is the first of its line, `depth` how many
    brackets it stands in, `at` where in the text.
    """

    kind: str
    text: str
    close: bool
    first: bool
    depth: int
    at: int

    @property
    def is_mark(self) -> bool:
        """Whether it is a sign, and not a word or a string that looks like one."""
        return self.kind == "mark"


def tokens_of(source: str) -> list[Token]:
    """The tokens of a module; raises `UnreadableError`. The expressions of a template string stand in `{` and `}`."""
    return list(_tokens(source))


def _tokens(source: str) -> Iterator[Token]:
    at, depth, close, first = len(_FIRST_LINE.match(source)[0]), 0, False, True  # type: ignore[index] # it always matches
    templates: list[tuple[str, int]] = []  # how each ends that we are in, and the depth of the expression
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise UnreadableError(f"line {source.count(chr(10), 0, at) + 1}: illegal character or unclosed string")
        begun, at, kind, text = at, found.end(), found.lastgroup or "", found[0]
        if kind == "gap":
            close, first = False, first or "\n" in text
            continue
        if text in "([{":
            depth += 1
        elif text in ")]}":
            depth -= 1
        ended = text == "}" and bool(templates) and templates[-1][1] == depth
        if kind == "template" or ended:
            if ended:
                yield Token("mark", "}", close, first, depth + 1, begun)
            else:
                yield Token("opening", text, close, first, depth, begun)
                close, first = True, False
            quote = templates.pop()[0] if ended else text[1]
            at, goes_on = _template(source, at, quote)
            if not goes_on:
                close, first = True, False
                continue
            templates.append((quote, depth))
            yield Token("template", "{", close, first, depth, at)
            depth, close, first = depth + 1, True, False
            continue
        yield Token(kind, text, close, first, depth - (text in "([{"), begun)
        close, first = True, False


def _template(source: str, at: int, quote: str) -> tuple[int, bool]:
    """Where a piece of a template string ends, and whether an expression follows."""
    found = _PIECES[quote].match(source, at)
    if found is None:
        raise UnreadableError(f"line {source.count(chr(10), 0, at) + 1}: unclosed template string")
    return found.end(), found[1] == "{"


class Path(NamedTuple):
    """A name with what follows it: `names` the parts, `tokens[start:stop]` where it stands.

    `called` is whether a parenthesis follows, `at_once` whether without a blank.
    """

    names: tuple[str, ...]
    start: int
    stop: int
    called: bool
    at_once: bool


def paths_of(tokens: list[Token]) -> Iterator[Path]:
    """Every path that begins with a name: what follows a dot belongs to the path before it."""
    index = 0
    while index < len(tokens):
        if tokens[index].kind != "name" or (
            index and tokens[index - 1].text == "." and tokens[index - 1].kind == "mark"
        ):
            index += 1
            continue
        start, names, index = index, [tokens[index].text], index + 1
        while (step := _step(tokens, index)) is not None:
            name, index = step
            names.append(name)
        behind = tokens[index] if index < len(tokens) else None
        called = behind is not None and behind.kind == "mark" and behind.text == "("
        yield Path(tuple(names), start, index, called, called and behind is not None and behind.close)


def _step(tokens: list[Token], index: int) -> tuple[str, int] | None:
    """The part that stands at `index`, and where the next one may; None where the path ends."""
    if index + 1 >= len(tokens) or tokens[index].kind != "mark":
        return None
    mark, behind = tokens[index].text, tokens[index + 1]
    if mark == "." and behind.kind == "name":
        return behind.text, index + 2
    if mark != "[" or behind.kind != "text" or index + 2 >= len(tokens) or tokens[index + 2].text != "]":
        return None
    if behind.text[0] == "`":
        return behind.text[1:-1], index + 3
    try:
        return str(strict_json.parse(behind.text.encode(), subject="a name").value), index + 3
    except (Refused, UnicodeEncodeError) as error:
        raise UnreadableError("a name in brackets that is not Unicode") from error
