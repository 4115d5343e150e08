"""One page of help: how it is used, what it is for, what may be typed, an example; for a terminal of any width.

* names stand left and texts right of them; what is too long for its column gets a line of its own
* nothing is cut: a text goes on in the next line, a word that is wider than the page stands alone
* the lines of an example end with a backslash where they go on, so that all of it can be pasted
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_NARROWEST, _WIDEST = 40, 100
_INDENT: Final = "  "
_LEAST_NAMES: Final = 12
_TIE: Final = "\0"
"""A space at which no line ends."""


class Section(NamedTuple):
    """A heading, and rows of a name and what it is; a row without a text is its name alone."""

    title: str
    rows: tuple[tuple[str, str], ...]


class Page(NamedTuple):
    """What is shown of one command; `text` has paragraphs, `examples` are lines of a shell."""

    usage: str
    text: str
    sections: tuple[Section, ...]
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def render(page: Page, columns: int) -> str:
    """The page, `columns` wide within what is good to read; it ends without a line break."""
    width = min(max(columns, _NARROWEST), _WIDEST)
    return "\n".join(_lines(page, width)).rstrip("\n")


def _lines(page: Page, width: int) -> Iterator[str]:
    yield from _wrapped(f"Usage: {page.usage}", width, "", " " * len("Usage: "))
    for paragraph in page.text.split("\n\n"):
        yield ""
        yield from _wrapped(paragraph, width, _INDENT)
    for section in page.sections:
        yield ""
        yield f"{section.title}:"
        yield from _rows(section.rows, width)
    if page.examples:
        yield ""
        yield "Example:" if len(page.examples) == 1 else "Examples:"
        for example in page.examples:
            yield from continued(example, width)
    for note in page.notes:
        yield ""
        yield from _wrapped(note, width, "")


def _rows(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    rows = tuple(rows)
    most = max(_LEAST_NAMES, width * 2 // 5 - 4)
    names = max((len(name) for name, _ in rows if len(name) <= most), default=_LEAST_NAMES)
    margin = " " * (len(_INDENT) + names + 2)
    for name, text in rows:
        lines = _wrapped(text, width, margin)
        if len(name) <= names and lines:
            lines[0] = f"{_INDENT}{name:<{names}}  {lines[0].lstrip()}"
        else:
            lines = [*_wrapped(name, width, _INDENT, _INDENT * 2), *lines]
        yield from lines


def continued(example: str, width: int) -> list[str]:
    """An example, cut between its words where it is too wide; an option and its value stay together."""
    tied = re.sub(r"(?<=\s)(--?[\w-]+) (?!-)", rf"\1{_TIE}", example)
    lines = [line.replace(_TIE, " ") for line in _wrapped(tied, width - len(" \\"), _INDENT, _INDENT * 2)]
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def _wrapped(text: str, width: int, indent: str, further: str | None = None) -> list[str]:
    """The words of a text in lines."""
    lines, line, margin = [], indent, indent
    for word in text.split():
        if line != margin and len(line) + 1 + len(word) > width:
            lines.append(line)
            margin = line = indent if further is None else further
        line = f"{line}{word}" if line == margin else f"{line} {word}"
    return [*lines, line] if line != margin else lines
