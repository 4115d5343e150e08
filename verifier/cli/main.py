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
from io import TextIOWrapper
from typing import NoReturn

from verifier.cli import defects, output
from verifier.cli.running import interrupts
from verifier.cli.typed.environment import Environment
from verifier.cli.typed.remarks import named_by_variable, remark
from verifier.cli.typed.words import as_meant, refuse_slips
from verifier.core.errors import ConfigurationError, Refused

_ALLOCATIONS = 500_000
"""Objects made before Python looks for unreachable cycles among them."""


def run() -> NoReturn:
    """The console script."""
    # A run is short and makes no cycles to speak of; looking for them takes a tenth of it.
    gc.set_threshold(_ALLOCATIONS)
    interrupts.end_cleanly()
    if isinstance(sys.stdout, TextIOWrapper):
        # A letter that the terminal's encoding lacks is written as an escape: no report fails for a name.
        sys.stdout.reconfigure(errors="backslashreplace")
    _leave(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    environment = Environment(os.environ)
    try:
        status = _dispatch(list(arguments), environment)
        sys.stdout.flush()
    except ConfigurationError as error:
        return output.configuration_error(named_by_variable(error, environment))
    except Refused as refusal:
        return output.refusal(refusal)
    except (KeyboardInterrupt, interrupts.TimedOut) as ending:
        return _ended(ending)
    except OSError as error:
        return defects.unwritable(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence: whatever it is, it is not a pass
        return defects.defect(error)
    return status


def _ended(ending: BaseException) -> int:
    if isinstance(ending, interrupts.TimedOut):
        from verifier.cli.running.time_limit import undecided  # noqa: PLC0415 - loaded by whoever was given a time

        return undecided(ending)
    return output.interrupted(interrupts.status_of(ending))


def _dispatch(arguments: list[str], environment: Environment) -> int:
    if any("\0" in each for each in arguments):  # no shell can pass one, but whoever calls `main` can
        from verifier.cli.mistakes.usage import usage_error  # noqa: PLC0415 - only for mistakes

        return usage_error("an argument holds a NUL character, which no name or value has", "verify")
    refuse_slips(arguments)
    if arguments[:1] == ["preload"]:
        # Whoever loads policies pays for every start: a plain command line is read without typer.
        from verifier.cli.preload.decide import decide  # noqa: PLC0415
        from verifier.cli.preload.line import plain  # noqa: PLC0415

        said = plain(decide, arguments[1:], environment)
        if said is not None:
            remark(environment)
            with said.running.bounded():
                return decide(**said.groups)
    from verifier.cli.typed.root import answered  # noqa: PLC0415 - what there is besides the hook

    status = answered(arguments := as_meant(arguments))
    return status if status is not None else _run(arguments, environment)


def _run(arguments: list[str], environment: Environment) -> int:
    """Run the command that the arguments begin with."""
    # typer is loaded for commands, not for importers; its own entry point would answer for errors in its own way.
    from typer import Abort, Exit  # noqa: PLC0415
    from typer.exceptions import TyperException  # noqa: PLC0415
    from typer.main import get_command  # noqa: PLC0415

    from verifier.cli.app import command_line  # noqa: PLC0415
    from verifier.cli.mistakes.typed import refuse_twice  # noqa: PLC0415

    try:
        command = get_command(command_line(arguments[0]))
        refuse_twice(command, arguments)
        with command.make_context("verify", arguments, obj=environment) as context:
            result = context.command.invoke(context)
    except Exit as finished:
        return finished.exit_code
    except Abort:  # typer's word for Ctrl-C
        return output.interrupted()
    except TyperException as error:
        from verifier.cli.mistakes.mistyped import mistyped  # noqa: PLC0415 - only for mistakes

        return mistyped(error, environment)
    return result if isinstance(result, int) else output.EXIT_ACCEPTED


def _leave(status: int) -> NoReturn:
    """End the process as it is. Every command closes what it opens; taking the rest apart is a tenth of a run."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # what an answer needs is flushed, and counted, by `main`
            stream.flush()
    os._exit(status)
