"""Every command with what it takes, as `python -m tools.generate` has written it down: read without loading any.

It serves whoever needs all of them at once: the list of commands, completion, what is near to a mistake.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

FILE: Final = Path(__file__).with_name("commands.json")


class Taken(NamedTuple):
    """An option, or an argument, which has no flags.

    `takes` is "switch", "words", "file", "rule", "scope", "code", "command" or "text"; `words` are what "words" takes.
    """

    flags: tuple[str, ...]
    takes: str
    words: tuple[str, ...]
    repeated: bool
    variables: tuple[str, ...]
    says: str


class Known(NamedTuple):
    """A command: the heading that it is listed under, what it is for, and what it takes; a group takes nothing."""

    heading: str
    says: str
    taken: tuple[Taken, ...]


@cache
def catalogue() -> dict[str, Known]:
    """Every command by the words behind `verify`, as in "ledger show"; the order is that of the help."""
    return parsed(FILE.read_text("utf-8"))


def parsed(text: str) -> dict[str, Known]:
    """The commands that the text of such a file has."""
    read: dict[str, Any] = json.loads(text)
    return {path: Known(each["heading"], each["says"], _taken(each["takes"])) for path, each in read.items()}


def _taken(rows: list[list[Any]]) -> tuple[Taken, ...]:
    return tuple(
        Taken(tuple(flags), takes, tuple(words), repeated, tuple(variables), says)
        for flags, takes, words, repeated, variables, says in rows
    )
