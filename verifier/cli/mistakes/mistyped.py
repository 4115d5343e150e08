"""What is said of a command line that is no command's; read after a mistake only."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from verifier.cli.help.catalogue import catalogue
from verifier.cli.mistakes.explained import explained
from verifier.cli.mistakes.other_words import in_its_place
from verifier.cli.mistakes.usage import usage_error
from verifier.cli.typed.environment import Environment
from verifier.core.text.shown import shown

_LONGEST = 64


def mistyped(error: Any, environment: Environment) -> int:
    """Say what is wrong with the words of a command, in typer's `error`, and what to type instead."""
    context = getattr(error, "ctx", None)
    commands = getattr(context.command, "commands", {}) if context else {}
    where = context.command_path if context else ""
    message = error.format_message()
    if message.startswith("Missing "):  # of a choice typer lists the words, a line each
        message = " ".join(message.split())
    parameter = getattr(error, "param", None)
    flag = parameter.opts[0] if parameter is not None and parameter.opts else ""
    if name := environment.named(flag):
        message = f"{name}: {message}"
    instead = in_its_place(message, tuple(commands), where) or _nearest(error, message)
    return usage_error(explained(message, where), where, instead)


def no_such_word(word: str) -> int:
    """Say that `verify` itself has no such command or option."""
    if word.startswith("-"):
        message = f"No such option: {_in_a_line(word.partition('=')[0])}"
        having = _commands_with(word.partition("=")[0])
        instead = in_its_place(message, (), "verify") or (f"It stands behind a command: {having}." if having else "")
        return usage_error(message, "verify", instead)
    names = tuple(path for path in catalogue() if " " not in path)
    message = f"No such command {_in_a_line(word)!r}."
    close = _near(word, names) or [path for path in catalogue() if path.split()[-1] == word]
    if close:
        message = f"{message[:-1]}. Did you mean {' or '.join(close[:3])}?"
    return usage_error(message, "verify", in_its_place(message, names, "verify"))


def _in_a_line(word: str) -> str:
    return "".join(shown(word).splitlines()[:1])[:_LONGEST]


def _nearest(error: Any, message: str) -> str:
    """What is near to an option or a value that there is not."""
    option = getattr(error, "option_name", "")
    if message.startswith("No such option") and option:
        having = _commands_with(option)
        return f"It is an option of {having}." if having and not getattr(error, "possibilities", ()) else ""
    parameter = getattr(error, "param", None)
    words = tuple(map(str, getattr(getattr(parameter, "type", None), "choices", ())))
    return _meant(message, words)


def _meant(message: str, words: tuple[str, ...]) -> str:
    typed = message.partition("Invalid value")[2].partition(": '")[2].partition("' is not")[0]
    close = _near(typed.lower(), words) if typed else []
    return f"Did you mean {close[0]}?" if close else ""


def _commands_with(option: str) -> str:
    """The commands that have an option, a few of them."""
    found = [path for path, known in catalogue().items() if any(option in each.flags for each in known.taken)]
    named = ", ".join(f"`verify {path}`" for path in found[:3])
    return f"{named} and {len(found) - 3} more" if len(found) > 3 else named


def _near(word: str, words: tuple[str, ...]) -> list[str]:
    return get_close_matches(word[:_LONGEST], words, n=3)
