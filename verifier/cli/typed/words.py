"""What is meant by the first words of a command line, where they are no command: help, a version, -q and -v.

* `verify help` is the help of all; `verify COMMAND help` that of a command, unless a file is
  called so
* -v alone is the version; before a command -q and -v are its own
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

HELP: Final = frozenset({"-h", "--help"})
VERSION: Final = frozenset({"-V", "--version"})
_PASSED_ON: Final = frozenset({"-q", "--quiet", "-v", "--verbose"})


def as_meant(arguments: Sequence[str]) -> list[str]:
    """The arguments, where they begin with what is no command, as they are written in full."""
    first = next((number for number, word in enumerate(arguments) if word not in _PASSED_ON), len(arguments))
    flags, rest = list(arguments[:first]), list(arguments[first:])
    if not rest:
        return ["--version"] if flags and {"-v", "--verbose"}.issuperset(flags) else flags
    if rest == ["help"] or rest[0] in HELP:
        return ["--help"]
    if rest[-1] == "help" and _is_command(rest[:-1]) and not os.path.lexists("help"):
        return [*rest[:-1], "--help"]
    if not flags or rest[0].startswith("-"):
        return [*flags, *rest]
    behind = next((count for count in range(len(rest), 0, -1) if _is_command(rest[:count])), 1)
    return [*rest[:behind], *flags, *rest[behind:]]


def _is_command(words: Sequence[str]) -> bool:
    from verifier.cli.help.catalogue import catalogue  # noqa: PLC0415 - most lines begin with a command

    return " ".join(words) in catalogue()


def refuse_slips(arguments: Sequence[str]) -> None:
    """Refuse what would be taken for something else, such as an empty path; raises `ConfigurationError`."""
    if any(not text.strip() or text[0] > "\x7f" or text[-1] == "=" for text in arguments):
        from verifier.cli.mistakes.typed import slips  # noqa: PLC0415 - only for what looks like a mistake

        slips(arguments)
