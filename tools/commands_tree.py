"""verifier/cli/help/commands.json: every command with what it takes, from the commands themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from verifier.cli.help.rows import choices, metavar
from verifier.cli.help.sentence import first_sentence
from verifier.cli.options.parameter import Parameter
from verifier.cli.spread import parameters_of

_RULES = frozenset({"--name"})
_FILES = ("FILE", "DIR", "PATH", "REF", "TARGET", "PYTHON", "SOURCE", "BUNDLE", "ARTIFACT", "SBOM", "OLD", "NEW")


def commands_tree() -> str:
    """The file's text: a command a paragraph, what it takes a line each."""
    return "{\n" + ",\n".join(_entry(path, heading, command) for path, heading, command in walk()) + "\n}\n"


def walk() -> Iterator[tuple[str, str, Any]]:
    """Every command by the words behind `verify`, with the heading that it stands under, in order."""
    from typer.main import get_command  # noqa: PLC0415

    from verifier.cli.app import HEADINGS, command_line  # noqa: PLC0415

    root: Any = get_command(command_line())
    for heading, names in HEADINGS.items():
        for name in names:
            yield from _below(name, heading, root.commands[name])


def _below(path: str, heading: str, command: Any) -> Iterator[tuple[str, str, Any]]:
    yield path, heading, command
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from _below(f"{path} {name}", heading, child)


def _entry(path: str, heading: str, command: Any) -> str:
    unnamed = getattr(command, "unnamed", None)
    taken = parameters_of((command if unnamed is None else unnamed()).callback)
    head = (
        f'{json.dumps(path)}: {{"heading": {json.dumps(heading)}, "says": {_text(first_sentence(command.help or ""))}'
    )
    rows = ",\n".join(f"  {_row(each)}" for each in taken)
    return f'{head}, "takes": [{chr(10) if rows else ""}{rows}]}}'


def _row(parameter: Parameter) -> str:
    said = parameter.said
    takes = _takes(parameter)
    words = choices(parameter.takes) if takes == "words" else ()
    return _text([said.flags, takes, words, said.repeated, said.variables, first_sentence(said.help)])


def _takes(parameter: Parameter) -> str:
    said, name = parameter.said, metavar(parameter)
    if said.switch:
        return "switch"
    if choices(parameter.takes):
        return "words"
    if _RULES.intersection(said.flags):
        return "rule"
    special = {"SCOPE": "scope", "CODE": "code", "[COMMAND]...": "command"}
    if not said.flags and name in special:
        return special[name]
    if said.flags == ("--scope",) and "ledger" in said.help:
        return "scope"
    return "file" if parameter.takes is Path or any(word in name for word in _FILES) else "text"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
