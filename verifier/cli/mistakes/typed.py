"""What is wrong with a command line before anybody reads it: slips that would be taken for something else.

* an argument, or the value of an option, that is empty: a variable that is not set; as a path it would be the folder
  that the command runs in
* a dash that is none: word processors and web pages turn `--key` into `–key`
* an option that takes one value and is given twice: the first would be ignored
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from verifier.core.errors import ConfigurationError

_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"


def slips(arguments: Sequence[str]) -> None:
    """Refuse what is a slip, whatever command it is for; raises `ConfigurationError`."""
    for at, text in enumerate(arguments):
        before = arguments[at - 1] if at else ""
        if not text.strip():
            where = before if before.startswith("--") else "an argument"
            hint = 'See that the variable is set, and write it in quotes: "$NAME".'
            raise ConfigurationError("is empty, expected a value", where=where, hint=hint)
        if text.startswith("--") and text.endswith("=") and text.count("=") == 1:
            hint = "See that the variable is set; an option that is not needed is left away."
            raise ConfigurationError("is empty, expected a value behind the equals sign", where=text[:-1], hint=hint)
        if text[0] in _DASHES:
            plain = f"--{text.lstrip(_DASHES + '-')}"
            message = f"{text.partition('=')[0]!r} begins with a dash that is no hyphen"
            raise ConfigurationError(message, where=plain.partition("=")[0], hint=f"Type it anew: {plain}")


def refuse_twice(command: Any, arguments: Sequence[str]) -> None:
    """Refuse an option that is given twice, though the command that `arguments` name takes one of it."""
    rest = list(arguments)
    while rest and rest[0] in (commands := getattr(command, "commands", {})):
        command = commands[rest.pop(0)]
    given = Counter(text.partition("=")[0] for text in _options(rest))
    for parameter in getattr(command, "params", ()):
        if getattr(parameter, "multiple", True) or getattr(parameter, "is_flag", True):
            continue
        names = [name for name in parameter.opts if given[name]]
        if sum(given[name] for name in names) > 1:
            message = "is given more than once, and takes one value"
            raise ConfigurationError(message, where=names[0], hint="Leave all but one of them away.")


def _options(arguments: Sequence[str]) -> Iterator[str]:
    for text in arguments:
        if text == "--":
            return
        if text.startswith("--"):
            yield text
