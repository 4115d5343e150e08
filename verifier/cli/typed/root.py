"""What `verify` itself answers, without any of its commands: its help, its version, and a first word that is none."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.cli import output
from verifier.cli.mistakes.usage import usage_error
from verifier.cli.typed.words import HELP, VERSION


def answered(arguments: Sequence[str]) -> int | None:
    """The exit status, where the arguments are about no command; None where they begin with one."""
    if not arguments:
        return usage_error(_help(), "verify")
    first = arguments[0]
    if first in HELP:
        output.line(_help())
        return output.EXIT_ACCEPTED
    if first in VERSION:
        return _version(arguments[1:])
    from verifier.cli.help.catalogue import catalogue  # noqa: PLC0415 - only where a command follows

    if first in catalogue():
        return None
    from verifier.cli.mistakes.mistyped import no_such_word  # noqa: PLC0415 - only for a mistake

    return no_such_word(first)


def _help() -> str:
    from verifier.cli.help.columns import help_columns  # noqa: PLC0415 - only where it is asked for
    from verifier.cli.help.page import render  # noqa: PLC0415 - as above
    from verifier.cli.help.root import root_page  # noqa: PLC0415 - as above

    return render(root_page(), help_columns())


def _version(more: Sequence[str]) -> int:
    from verifier.cli.typed.released import told  # noqa: PLC0415 - only where it is asked for

    if more:
        return usage_error(f"--version stands alone, and {more[0]!r} follows", "verify")
    return told()
