"""The commands of `verify`, one file each; a run loads the one that it is about, and typer where that has to look."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

HEADINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Verify": {
            "bundle": "bundle:bundle",
            "image": "image:image",
            "artifact": "artifact:artifact",
            "verdict": "verdict:verdict",
        },
        "Look": {
            "inspect": "inspect:inspect",
            "audit": "audit.app:app",
            "sbom": "sbom.app:app",
            "report": "report:report",
            "explain": "explain:explain",
        },
        "Publish": {
            "sign": "sign.app:app",
            "attest": "attest:attest",
            "publish": "publish:publish",
            "key": "key:app",
        },
        "Run": {
            "preload": "preload:preload",
            "serve": "serve:serve",
            "agent": "agent:agent",
        },
        "Keep": {
            "trust": "trust.app:app",
            "ledger": "ledger.app:app",
        },
        "Learn": {
            "demo": "demo:demo",
            "help": "learn.help:help_",
            "version": "learn.version:version",
            "completion": "learn.completion:completion",
        },
    }
)
"""Each heading of the list of commands, with where each command is defined below `cli/commands`: a function, or the
application of a group."""
COMMANDS: Mapping[str, str] = MappingProxyType(
    {name: where for each in HEADINGS.values() for name, where in each.items()}
)
"""Where each command is defined."""


def is_group(name: str) -> bool | None:
    """Whether what `name` calls is a group of commands; None where that is nothing."""
    return COMMANDS[name].endswith(":app") if name in COMMANDS else None


def command_of(name: str) -> Any:
    """The command, or the application of a group, that `name` calls."""
    module, _, attribute = COMMANDS[name].partition(":")
    return getattr(import_module(f"verifier.cli.commands.{module}"), attribute)


def command_line(first: str = "") -> typer.Typer:
    """The command line for arguments that begin with `first`.

    Where that is a command it is the only one: typer prepares every option of every command that it is given, and
    that takes longer than most verifications. Otherwise all of them are there.
    """
    from verifier.cli.help.root import SAYS  # noqa: PLC0415 - only where typer reads the line
    from verifier.cli.typed.command import App  # noqa: PLC0415 - as above

    app = App(SAYS)
    app.callback()(_root)
    for name in (first,) if first in COMMANDS else COMMANDS:
        if is_group(name):
            app.add_typer(command_of(name), name=name)
        else:
            app.command(name)(command_of(name))
    return app


def _root() -> None:
    """What is said of `verify` itself is `cli.help.root`'s; with a callback, one command alone still has a name."""
