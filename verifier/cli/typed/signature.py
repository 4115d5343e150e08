"""The signature of a command, written from its options: what typer reads help, bounds and defaults from."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Annotated

import typer

from verifier.cli.options.parameter import Parameter


def signature(parameters: Iterable[Parameter]) -> inspect.Signature:
    """A parameter for each option or argument, by keyword alone."""
    return inspect.Signature([_for_typer(each) for each in parameters])


def _for_typer(parameter: Parameter) -> inspect.Parameter:
    said, takes, default = parameter.said, parameter.takes, parameter.said.default
    if parameter.said.flags:
        info = typer.Option(
            *said.written.split(),
            help=said.help,
            metavar=said.metavar,
            min=said.least,
            max=said.most,
            rich_help_panel=parameter.panel or None,
        )
    else:
        info = typer.Argument(metavar=said.metavar, help=said.help)
    if said.repeated:
        takes, default = list[takes], None  # type: ignore[valid-type]
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if parameter.required else default,
        annotation=Annotated[takes if default is not None or parameter.required else takes | None, info],
    )
