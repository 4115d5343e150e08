"""A command as it is called: by the names of its options, whoever read them from a command line.

* a parameter that is a group stands for every option of the group; the command gets the group
* a name or a flag that two of them claim is a mistake of whoever wrote the command, and is said when it is defined
* nothing here loads typer, until it is typer that asks what the command takes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from verifier.cli.options.parameter import Parameter, Part, made, parameters, part
from verifier.cli.progress.line import showing
from verifier.cli.running.standard_input import standing_in
from verifier.cli.running.time_limit import Running

if TYPE_CHECKING:
    from inspect import Signature

Command = Callable[..., int]


class Spread:
    """A command that takes each option in its groups by name; `parameters` are those options, in their order."""

    def __init__(self, command: Command, *, ends: bool) -> None:
        update_wrapper(self, command)
        self.__annotations__ = {}
        self._command, self._ends = command, ends
        self._parts = _parts(command)
        running = (Running,) if ends else ()
        self.parameters = tuple(taken for each in (*self._parts.values(), *running) for taken in parameters(each))
        _require_distinct(self.parameters)

    def __call__(self, **typed: Any) -> int:
        """Run it; an option that is not given has its default."""
        given = {each.name: _value(each, typed) for each in self.parameters}
        quiet, verbose = bool(given.get("quiet")), bool(given.get("verbose"))
        bounded = made(Running, given).bounded() if self._ends else nullcontext()
        shown = showing(quiet=quiet, verbose=verbose) if self._ends else nullcontext()
        with bounded, shown:  # a stream may take its time, too
            given = standing_in({each.name: each for each in self.parameters}, given)
            return self._command(**{name: _of(each, given) for name, each in self._parts.items()})

    @property
    def __signature__(self) -> Signature:
        """What typer reads help, bounds and defaults from."""
        from verifier.cli.typed.signature import signature  # noqa: PLC0415 - only where typer reads the line

        return signature(self.parameters)


def spread(command: Command, *, ends: bool = True) -> Command:
    """`command` with an option for each option in its groups; where it `ends` by itself, with those that say how long
    it may take."""
    return Spread(command, ends=ends)


def parameters_of(command: object) -> tuple[Parameter, ...]:
    """The options and arguments of what `spread` has made, in their order; none for anything else."""
    return getattr(command, "parameters", ())


def _parts(command: Command) -> dict[str, Part]:
    said: Mapping[str, object] = getattr(command, "__kwdefaults__", None) or {}
    written = ((name, text) for name, text in command.__annotations__.items() if name != "return")
    return {name: part(name, said.get(name), text, command.__module__) for name, text in written}


def _value(parameter: Parameter, typed: Mapping[str, Any]) -> Any:
    value = typed.get(parameter.name, parameter.said.default)
    return tuple(value or ()) if parameter.said.repeated else value


def _of(each: Part, given: dict[str, Any]) -> Any:
    return given[each.name] if isinstance(each, Parameter) else made(each, given)


def _require_distinct(written: Iterable[Parameter]) -> None:
    seen: set[str] = set()
    for parameter in written:
        for word in (parameter.name, *parameter.said.flags):
            if word in seen:
                raise TypeError(f"two options of one command are called {word}")
            seen.add(word)
