"""A plain command line, read without typer, which takes longer to load than the hook takes to decide.

* what is read here is read as typer reads it: both go by the same groups of options, and by the same environment
* whatever is not plain is left to typer: help, mistakes, options given twice, values that look like options, streams
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from verifier.cli.options.parameter import Parameter, made, meaning, parameters, words_of
from verifier.cli.running.time_limit import Running
from verifier.cli.typed.environment import Environment

_Setting = tuple[Parameter, Any]


class Plain(NamedTuple):
    """What a plain line says: the groups that a command takes, by name, and how long it may take."""

    groups: dict[str, Any]
    running: Running


def plain(command: Callable[..., int], arguments: Sequence[str], environment: Environment) -> Plain | None:
    """What a plain line says to `command`, or None where typer has to look at it."""
    written = {name: text for name, text in command.__annotations__.items() if name != "return"}
    kinds = {name: meaning(text, command.__module__) for name, text in written.items()}
    known = [parameter for kind in (*kinds.values(), Running) for parameter in parameters(kind)]
    typed = _chosen(arguments, known)
    if typed is None:
        return None
    chosen = _chosen(environment.words(known, typed), known)
    if chosen is not None:
        chosen |= typed
    if chosen is None or any(each.required and each.name not in chosen for each in known):
        return None
    return Plain({name: made(kind, chosen) for name, kind in kinds.items()}, made(Running, chosen))


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
    places = iter([each for each in known if not each.said.flags])
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


def _read(parameter: Parameter | None, text: str) -> _Setting | None:
    if parameter is None or text.startswith(("-", "/dev/", "/proc/")):
        return None
    takes = parameter.takes
    if takes in (str, Path):
        return parameter, takes(text)
    return (parameter, text) if text in words_of(takes) else None
