"""The commands of `verify`, one file each; a run loads the one that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Annotated

import typer

from verifier.cli import output
from verifier.core.version import VERSION

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "bundle": "bundle:bundle",
        "image": "image:image",
        "artifact": "artifact:artifact",
        "verdict": "verdict:verdict",
        "inspect": "inspect:inspect",
        "preload": "preload:preload",
        "serve": "serve:serve",
        "sign": "sign.app:app",
        "attest": "attest:attest",
        "publish": "publish:publish",
        "sbom": "sbom.app:app",
        "audit": "audit.app:app",
        "key": "key:app",
        "trust": "trust.app:app",
        "ledger": "ledger.app:app",
        "explain": "explain:explain",
        "demo": "demo:demo",
    }
)
"""Where each command is defined below `cli/commands`: a function, or the Typer application of a group."""


def command_line(first: str = "") -> typer.Typer:
    """The command line for arguments that begin with `first`.

    Where that is a command it is the only one: typer prepares every option of every command that it is given, and
    that takes longer than most verifications. Otherwise (help, options, mistakes) all of them are there.
    """
    app = typer.Typer(
        name="verify",
        help="May this policy bundle be used, and is it at least as new as what was accepted before?",
        epilog="Exit status: 0 accepted, 1 denied, 2 wrong usage or configuration, 3 could not decide.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(root)
    for name in (first,) if first in COMMANDS else COMMANDS:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(f"verifier.cli.commands.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """May this policy bundle be used, and is it at least as new as what was accepted before?"""
    if version:
        output.line(f"verify {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        output.line(context.get_help())
        raise typer.Exit(output.EXIT_USAGE)
