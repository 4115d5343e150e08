"""A command by its words: typer reads them, and what is wrong with them is said in our own way."""

from __future__ import annotations

from collections.abc import Sequence

from typer import Abort, Exit
from typer.exceptions import TyperException
from typer.main import get_command

from verifier.cli import output
from verifier.cli.app import command_line
from verifier.cli.mistakes.typed import refuse_twice
from verifier.cli.typed.environment import Environment


def run_command(arguments: Sequence[str], environment: Environment) -> int:
    """Run the command that the arguments begin with; typer's own entry point would answer for errors in its own way."""
    try:
        command = get_command(command_line(arguments[0]))
        refuse_twice(command, arguments)
        with command.make_context("verify", list(arguments), obj=environment) as context:
            result = context.command.invoke(context)
    except Exit as finished:
        return finished.exit_code
    except Abort:  # typer's word for Ctrl-C
        return output.interrupted()
    except TyperException as error:
        from verifier.cli.mistakes.mistyped import mistyped  # noqa: PLC0415 - only for mistakes

        return mistyped(error, environment)
    return result if isinstance(result, int) else output.EXIT_ACCEPTED
