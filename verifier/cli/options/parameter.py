"""What a group of options consists of, for whoever reads a command line by it: typer, and who does without typer.

* the order is that of definition; groups within groups are walked into
* what is read is made into groups again by the names of their fields
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin

from verifier.cli.options.option import Group, Option
from verifier.core.value import REQUIRED, Value, fields_said

G = TypeVar("G", bound=Group)


def meaning(text: str, module: str) -> Any:
    """What an annotation says that is written as `text` in `module`: as `typing` finds it, but for `compile`, whose
    first call in a process costs the hook more than all that it reads of its command line."""
    return eval(text, vars(sys.modules[module]))  # noqa: S307 - our own source


class Parameter(Value):
    """One option or argument of a command; `text` is its annotation, as it is written in `module`."""

    name: str
    said: Option
    text: str
    module: str
    panel: str = ""

    @property
    def required(self) -> bool:
        """Whether it has to be given."""
        return self.said.default is REQUIRED or (not self.said.flags and self.said.least is not None)

    @property
    def takes(self) -> Any:
        """The type of one value: Path, str, int, bool, an enumeration, or a Literal of words."""
        if self.said.words:
            return Literal[self.said.words]
        whole = meaning(self.text, self.module)
        return get_args(whole)[0] if self.said.repeated or NoneType in get_args(whole) else whole


Part = Parameter | type[Group]


def words_of(takes: Any) -> tuple[str, ...]:
    """What a type takes, where that is one of a few words; nothing where it takes any."""
    return get_args(takes) if get_origin(takes) is Literal else ()


def part(name: str, said: object, text: str, module: str, panel: str = "") -> Part:
    """What a field, or a parameter of a command, is: an option, or a group of them."""
    if isinstance(said, Option):
        return Parameter(name=name, said=said, text=text, module=module, panel=panel)
    group: type[Group] = meaning(text, module)
    return group


@cache
def parts(group: type[Group]) -> Mapping[str, Part]:
    """What the fields of a group are, by name."""
    said = fields_said(group)
    return {
        name: part(name, said.get(name), text, kind.__module__, group.panel)
        for kind in reversed(group.__mro__)
        for name, text in vars(kind).get("__annotations__", {}).items()
    }


def parameters(each: Part) -> Iterator[Parameter]:
    """The options and arguments in `each`, in the order of their definition."""
    if isinstance(each, Parameter):
        yield each
        return
    for inner in parts(each).values():
        yield from parameters(inner)


def made(group: type[G], given: Mapping[str, Any]) -> G:
    """The group of what is given by the names of its fields and of its groups' fields; defaults for the rest."""
    values = {}
    for name, each in parts(group).items():
        if not isinstance(each, Parameter):
            values[name] = made(each, given)
        elif name in given:
            values[name] = given[name]
    return group(**values)
