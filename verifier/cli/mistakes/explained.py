"""What is said of a command line that is wrong, beside what typer says; read after a mistake only."""

from __future__ import annotations

from verifier.cli.mistakes.other_words import is_known_there
from verifier.cli.options.demands.spellings import told

_UNKNOWN = "No such option: "
"""How typer begins what it says of one."""


def explained(message: str, where: str) -> str:
    """A mistake behind `where`, with what is known of an option that other tools have."""
    _, unknown, rest = message.partition(_UNKNOWN)
    if not unknown:
        return message
    option = rest.partition(" ")[0]
    if is_known_there(option, where):
        return f"{_UNKNOWN}{option}"
    said = told(option)
    return message if said is None else f"{_UNKNOWN}{option}: {said}"
