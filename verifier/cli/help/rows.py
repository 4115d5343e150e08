"""A row of help for an option or an argument: what is typed, what it does, what counts without it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from verifier.cli.options.parameter import Parameter, words_of


def row(parameter: Parameter) -> tuple[str, str]:
    """What is typed, and what it means."""
    said = parameter.said
    if not said.flags:
        return metavar(parameter), " ".join((said.help, *_more(parameter)))
    short, long = _names(said.written.partition("/")[0].split())
    also = f"Also {', '.join(long[1:])}." if long[1:] else ""
    name = ", ".join((*short, *long[:1]))
    if said.off:
        name = f"{name} / {said.off[0]}"
    elif not said.switch:
        name = f"{name} {metavar(parameter)}"
    return name, " ".join(part for part in (said.help, also, *_more(parameter)) if part)


def metavar(parameter: Parameter) -> str:
    """What stands for the value."""
    said, takes = parameter.said, parameter.takes
    if said.metavar is not None:
        return said.metavar
    words = choices(takes)
    if words:
        return "|".join(words)
    return {Path: "PATH", int: "N"}.get(takes, "TEXT")


def choices(takes: Any) -> tuple[str, ...]:
    """The words that a type takes; nothing where it takes any."""
    if isinstance(takes, type) and issubclass(takes, Enum):
        return tuple(str(each.value) for each in takes)
    return words_of(takes)


def _names(flags: list[str]) -> tuple[list[str], list[str]]:
    return [each for each in flags if not each.startswith("--")], [each for each in flags if each.startswith("--")]


def _more(parameter: Parameter) -> Iterator[str]:
    said = parameter.said
    if parameter.required:
        yield "[required]"
        return
    if said.least is not None and said.most is not None:
        yield f"[{said.least} to {said.most}]"
    elif said.least is not None:
        yield f"[{said.least} or more]"
    if said.switch:
        if said.off:
            yield f"[default: {(said.flags if said.default else said.off)[0].lstrip('-')}]"
    elif said.default not in (None, (), "") and said.flags:
        default = said.default
        yield f"[default: {default.value if isinstance(default, Enum) else default}]"
