"""Commands and groups of them, as typer makes them, with this program's help and environment.

* help is a page of `cli.help`; what a command takes is read from its groups of options, as everywhere
* variables stand in the place of options that are not typed; what they come to is read as if it was
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from verifier.cli.help.columns import help_columns
from verifier.cli.help.examples import EXAMPLES
from verifier.cli.help.page import Page, Section, render
from verifier.cli.help.sentence import first_sentence
from verifier.cli.help.told import page_of_command
from verifier.cli.spread import parameters_of
from verifier.cli.typed.environment import Environment
from verifier.cli.typed.remarks import remark

C = TypeVar("C", bound=Callable[..., Any])
_HELP: Final = ("-h", "--help")


class Command(TyperCommand):
    """One command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, with what variables say before them."""
        environment = ctx.find_object(Environment)
        if environment is not None and not ctx.resilient_parsing and not set(_HELP).intersection(args):
            parameters = parameters_of(self.callback)
            typed, _, _ = self.make_parser(ctx).parse_args(args=list(args))
            args = [*environment.words((each for each in parameters if each.said.flags), typed), *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run it, and say first what of the environment nobody should overlook."""
        environment = ctx.find_object(Environment)
        if environment is not None:
            remark(environment)
        return super().invoke(ctx)

    def get_help(self, ctx: Any) -> str:
        """The page of this command."""
        return render(self.page(ctx.command_path), ctx.terminal_width or help_columns())

    def page(self, path: str) -> Page:
        """What its help says, where it is called `path`."""
        return page_of_command(path, self.help or "", parameters_of(self.callback))


class Group(TyperGroup):
    """A command that has commands."""

    def get_help(self, ctx: Any) -> str:
        """The page of this group."""
        return render(self.page(ctx.command_path), ctx.terminal_width or help_columns())

    def page(self, path: str) -> Page:
        """What its help says, where it is called `path`."""
        return Page(
            usage=f"{path} COMMAND [OPTIONS]",
            text=self.help or "",
            sections=(Section("Commands", self.rows()),),
            examples=EXAMPLES.get(path.partition(" ")[2], ()),
            notes=(f"Help of one: {path} COMMAND --help.",),
        )

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Its commands, with what each is for."""
        shown = ((name, each) for name, each in self.commands.items() if not each.hidden)
        return tuple((name, first_sentence(each.help or "")) for name, each in shown)


class App(typer.Typer):
    """A group of commands in the making; what is added to it is one of ours."""

    def __init__(self, says: str, *, cls: type[TyperGroup] = Group) -> None:
        super().__init__(
            help=says,
            cls=cls,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            no_args_is_help=cls is Group,
            context_settings={"help_option_names": list(_HELP)},
        )

    def command(  # type: ignore[override]
        self, name: str | None = None, *, cls: type[TyperCommand] = Command, hidden: bool = False
    ) -> Callable[[C], C]:
        """As typer's, for a command of ours."""
        return super().command(name, cls=cls, hidden=hidden)
