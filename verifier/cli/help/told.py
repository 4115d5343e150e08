"""The page of a command, from its groups of options."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from verifier.cli.help.examples import EXAMPLES
from verifier.cli.help.headings import under_headings
from verifier.cli.help.page import Page, Section
from verifier.cli.help.rows import metavar, row
from verifier.cli.options.parameter import Parameter


def page_of_command(path: str, text: str, parameters: tuple[Parameter, ...]) -> Page:
    """What the help of the command at `path` says; `text` is what it is for."""
    return Page(
        usage=" ".join((path, *_arguments(parameters), "[OPTIONS]")),
        text=inspect.cleandoc(text),
        sections=tuple(_sections(parameters)),
        examples=EXAMPLES.get(path.partition(" ")[2], ()),
        notes=tuple(_notes(parameters)),
    )


def _sections(parameters: tuple[Parameter, ...]) -> Iterator[Section]:
    arguments = tuple(row(each) for each in parameters if not each.said.flags)
    if arguments:
        yield Section("Arguments", arguments)
    for title, found in under_headings(parameters):
        yield Section(title, tuple(map(row, found)))
    yield Section("Help", (("-h, --help", "Show this and exit."),))


def _arguments(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    for each in parameters:
        if not each.said.flags:
            name = metavar(each)
            name = f"{name}..." if each.said.repeated and "..." not in name else name
            yield name if each.required or name.startswith("[") else f"[{name}]"


def _notes(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    first = next((each for _, found in under_headings(parameters) for each in found if each.said.variables), None)
    if first is not None:
        name, flag = first.said.variables[0], first.said.variables[0].removeprefix("VERIFY_").lower().replace("_", "-")
        yield f"Every option by environment: VERIFY_ and its name, as in {name} for --{flag}."
