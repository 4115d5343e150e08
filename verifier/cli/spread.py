"""The signature of a command, written from its groups of options: what typer reads help, bounds and defaults from.

* a parameter that is a group stands for every option of the group; the command gets the group
* a name or a flag that two of them claim is a mistake of whoever wrote the command, and is said when it is defined
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import wraps
from typing import Annotated, Any

import typer

from verifier.cli.options.parameter import Parameter, Part, made, parameters, part
from verifier.cli.progress.line import showing
from verifier.cli.running.standard_input import standing_in
from verifier.cli.running.time_limit import Running

Command = Callable[..., int]


def spread(command: Command, *, ends: bool = True) -> Command:
    """`command` with an option in its signature for each option in its groups, as typer wants them; where it `ends` by
    itself, with those that say how long it may take."""
    parts = {
        name: part(name, own.default, own.annotation, command.__module__)
        for name, own in inspect.signature(command).parameters.items()
    }
    running = (Running,) if ends else ()
    written = [parameter for each in (*parts.values(), *running) for parameter in parameters(each)]
    _require_distinct(written)

    @wraps(command)
    def run(**typed: Any) -> int:
        given = {
            each.name: tuple(typed[each.name] or ()) if each.said.repeated else typed[each.name] for each in written
        }
        bounded = made(Running, given).bounded() if ends else nullcontext()
        shown = showing(quiet=bool(given.get("quiet")), verbose=bool(given.get("verbose"))) if ends else nullcontext()
        with bounded, shown:  # a stream may take its time, too
            given = standing_in({each.name: each for each in written}, given)
            return command(**{name: _of(each, given) for name, each in parts.items()})

    run.parameters = tuple(written)  # type: ignore[attr-defined]
    run.__annotations__ = {}
    run.__signature__ = inspect.Signature([_for_typer(each) for each in written])  # type: ignore[attr-defined]
    return run


def parameters_of(command: object) -> tuple[Parameter, ...]:
    """The options and arguments of what `spread` has made, in their order; none for anything else."""
    return getattr(command, "parameters", ())


def _of(each: Part, given: dict[str, Any]) -> Any:
    return given[each.name] if isinstance(each, Parameter) else made(each, given)


def _require_distinct(written: Iterable[Parameter]) -> None:
    seen: set[str] = set()
    for parameter in written:
        for word in (parameter.name, *parameter.said.flags):
            if word in seen:
                raise TypeError(f"two options of one command are called {word}")
            seen.add(word)


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
