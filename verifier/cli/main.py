"""The command `verify`: one entry, one place where errors become messages and exit statuses.

Exit status: 0 accepted, 1 denied, 2 wrong usage or configuration, 3 could not decide (a denial for whoever asks).
Nothing but the report goes to standard output; no input ends in a traceback.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper, UnsupportedOperation
from typing import TYPE_CHECKING, NoReturn

from verifier.cli import output
from verifier.core.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from typer import Context

_ALLOCATIONS = 500_000
"""Objects made before Python looks for unreachable cycles among them."""


def run() -> NoReturn:
    """The console script."""
    # A run is short and makes no cycles to speak of; looking for them takes a tenth of it.
    gc.set_threshold(_ALLOCATIONS)
    if isinstance(sys.stdout, TextIOWrapper):
        # A letter that the terminal's encoding lacks is written as an escape: no report fails for a name.
        sys.stdout.reconfigure(errors="backslashreplace")
    _leave(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    try:
        status = _dispatch(list(arguments))
        sys.stdout.flush()
    except ConfigurationError as error:
        return output.configuration_error(error)
    except Refused as refusal:
        return output.refusal(refusal)
    except KeyboardInterrupt:
        return output.interrupted()
    except OSError as error:
        _discard_output()
        return output.unwritable(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence: whatever it is, it is not a pass
        from verifier.cli.defects import defect  # noqa: PLC0415 - there is none

        return defect(error)
    return status


def _dispatch(arguments: list[str]) -> int:
    if any("\0" in each for each in arguments):  # no shell can pass one, but whoever calls `main` can
        return output.usage_error("an argument holds a NUL character, which no name or value has", "verify")
    if arguments[:1] == ["preload"]:
        # Whoever loads policies pays for every start: a plain command line is read without typer.
        from verifier.cli.preload.decide import decide  # noqa: PLC0415
        from verifier.cli.preload.line import groups_of  # noqa: PLC0415

        groups = groups_of(decide, arguments[1:])
        if groups is not None:
            return decide(**groups)
    # typer is loaded for commands, not for importers; its own entry point would answer for errors in its own way.
    from typer import Abort, Exit  # noqa: PLC0415
    from typer.exceptions import TyperException  # noqa: PLC0415
    from typer.main import get_command  # noqa: PLC0415

    from verifier.cli.app import command_line  # noqa: PLC0415

    try:
        with get_command(command_line(*arguments[:1])).make_context("verify", arguments) as context:
            result = context.command.invoke(context)
    except Exit as finished:
        return finished.exit_code
    except Abort:
        return output.interrupted()
    except TyperException as error:
        return _mistyped(error.format_message(), getattr(error, "ctx", None))
    return result if isinstance(result, int) else output.EXIT_ACCEPTED


def _mistyped(message: str, context: Context | None) -> int:
    from verifier.cli.mistakes.explained import explained  # noqa: PLC0415 - only for mistakes
    from verifier.cli.mistakes.other_words import in_its_place  # noqa: PLC0415 - as above

    commands = getattr(context.command, "commands", {}) if context else {}
    where = context.command_path if context else ""
    return output.usage_error(explained(message, where), where, in_its_place(message, tuple(commands), where))


def _leave(status: int) -> NoReturn:
    """End the process as it is. Every command closes what it opens; taking the rest apart is a tenth of a run."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # what an answer needs is flushed, and counted, by `main`
            stream.flush()
    os._exit(status)


def _discard_output() -> None:
    # The interpreter's own flush on the way out would fail once more, loudly and with a status of its own.
    with suppress(UnsupportedOperation):  # a standard output that is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
