"""`verify help`: the help of a command, by the words that call it."""

from __future__ import annotations

from functools import partial

from verifier.cli import output
from verifier.cli.help.columns import help_columns
from verifier.cli.help.page import render
from verifier.cli.help.root import root_page
from verifier.cli.options.option import argument
from verifier.cli.spread import spread


@partial(spread, ends=False)
def help_(*, words: tuple[str, ...] = argument("[COMMAND]...", "The command, as in ledger floor.", default=())) -> int:
    """Show the help of a command. Without one, of `verify` itself."""
    if not words:
        output.line(render(root_page(), help_columns()))
        return output.EXIT_ACCEPTED
    from verifier.cli.main import main  # noqa: PLC0415 - a command's own help is what its own line says

    return main([*words, "--help"])
