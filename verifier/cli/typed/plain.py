"""A plain command line, read without typer, which takes longer to load than most commands take to answer.

* what is read here is read as typer reads it: both go by the same options, and by the same environment
* whatever is not plain is left to typer: help, mistakes, options given twice, values that look like options, streams,
  and groups of commands
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, EnumType
from pathlib import Path
from typing import Any

from verifier.cli import output
from verifier.cli.app import command_of, is_group
from verifier.cli.options.option import Option
from verifier.cli.options.parameter import Parameter, words_of
from verifier.cli.typed.environment import Environment
from verifier.cli.typed.remarks import remark

_Setting = tuple[Parameter, Any]
_MOST_DIGITS = 9


def run_plain(arguments: Sequence[str], environment: Environment) -> int | None:
    """Run a plain line; its exit status, or None where typer has to look at it."""
    if not arguments or is_group(arguments[0]) is not False or arguments[-1] == "help":
        return None
    from verifier.cli.spread import parameters_of  # noqa: PLC0415 - only where a command follows

    command = command_of(arguments[0])
    given = plain(parameters_of(command), arguments[1:], environment)
    if given is None:
        return None
    remark(environment)
    result = command(**given)
    return result if isinstance(result, int) else output.EXIT_ACCEPTED


def plain(known: Sequence[Parameter], arguments: Sequence[str], environment: Environment) -> dict[str, Any] | None:
    """What a plain line gives to a command that takes what is `known`, by name; None where typer has to look at it."""
    typed = _chosen(arguments, known)
    if typed is None:
        return None
    chosen = _chosen(environment.words(known, typed), known)
    if chosen is None:
        return None
    chosen |= typed
    return None if any(each.required and each.name not in chosen for each in known) else chosen


def _chosen(arguments: Sequence[str], known: Sequence[Parameter]) -> dict[str, Any] | None:
    """What is typed, by the names of its parameters."""
    chosen: dict[str, Any] = {}
    for setting in _settings(arguments, known):
        if setting is None:
            return None
        parameter, value = setting
        if parameter.said.repeated:
            chosen[parameter.name] = (*chosen.get(parameter.name, ()), value)
        elif parameter.name in chosen:
            return None
        else:
            chosen[parameter.name] = value
    return chosen


def _settings(arguments: Sequence[str], known: Sequence[Parameter]) -> Iterator[_Setting | None]:
    """Each parameter with one value; None for what is not plain."""
    places = _places(each for each in known if not each.said.flags)
    flags = {flag: each for each in known for flag in each.said.flags}
    remaining = iter(arguments)
    for word in remaining:
        option, equals, value = word.partition("=")
        parameter = flags.get(option)
        if not word.startswith("-"):
            yield _read(next(places, None), word)
        elif parameter is None or not parameter.said.switch:
            yield _read(parameter, value if equals else next(remaining, "-"))
        else:
            yield None if equals else (parameter, option not in parameter.said.off)


def _places(arguments: Iterable[Parameter]) -> Iterator[Parameter]:
    """What each word without a flag is for: all that are left are for what may be given several times."""
    for each in arguments:
        yield each
        while each.said.repeated:
            yield each


def _read(parameter: Parameter | None, text: str) -> _Setting | None:
    if parameter is None or text.startswith(("-", "/dev/", "/proc/")):
        return None
    takes = parameter.takes
    if takes in (str, Path):
        return parameter, takes(text)
    if takes is int:
        return (parameter, int(text)) if _is_number(text, parameter.said) else None
    if isinstance(takes, EnumType):
        members: Iterable[Enum] = takes.__members__.values()
        found = next((each for each in members if each.value == text), None)
        return None if found is None else (parameter, found)
    return (parameter, text) if text in words_of(takes) else None


def _is_number(text: str, said: Option) -> bool:
    """Whether it is a whole number within bounds, in digits alone."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return False
    return (said.least is None or said.least <= int(text)) and (said.most is None or int(text) <= said.most)
