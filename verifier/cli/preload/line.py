"""A plain `verify preload` command line, read without typer, which takes longer to load than the decision takes.

* what is read here is read as typer reads it (`preload_command` defines the options)
* whatever is not plain is left to typer: help, mistakes, options given twice, values that look like options
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from verifier.cli.preload.decide import Choices

VALUES = {
    "--verdict": ("verdict", Path),
    "--policy": ("policy", Path),
    "--name": ("name", str),
    "--resource-uri": ("resource_uri", str),
    "--ledger": ("ledger", str),
    "--fallback": ("fallback", str),
    "--out": ("out", Path),
    "--cache": ("cache", Path),
    "--format": ("style", str),
    "--now": ("now", str),
    "--correlation-id": ("correlation_id", str),
}
REPEATED = {"--level": "level", "--attestation": "attestation"}
SWITCHES = {"--record": True, "--no-record": False}
ONE_OF = {"fallback": ("deny", "full"), "style": ("text", "json")}

_Setting = tuple[str, Any]


def choices_of(arguments: Sequence[str]) -> Choices | None:
    """What a plain command line says, or None where typer has to look at it."""
    chosen: dict[str, Any] = {}
    for setting in _settings(arguments):
        if setting is None:
            return None
        name, value = setting
        if isinstance(value, tuple):
            chosen[name] = (*chosen.get(name, ()), *value)
        elif name in chosen or value not in ONE_OF.get(name, (value,)):
            return None
        else:
            chosen[name] = value
    return Choices(**chosen) if {"artifact", "verdict", "policy"} <= chosen.keys() else None


def _settings(arguments: Sequence[str]) -> Iterator[_Setting | None]:
    """Each parameter with its value, as a tuple where it may be repeated; None for what is not plain."""
    remaining = iter(arguments)
    for word in remaining:
        if not word.startswith("-"):
            yield "artifact", Path(word)
        elif word in SWITCHES:
            yield "record", SWITCHES[word]
        else:
            option, equals, value = word.partition("=")
            yield _valued(option, value if equals else next(remaining, "-"))


def _valued(option: str, value: str) -> _Setting | None:
    if value.startswith("-"):
        return None
    if option in REPEATED:
        return REPEATED[option], (value,)
    if option not in VALUES:
        return None
    name, read = VALUES[option]
    return name, read(value)
