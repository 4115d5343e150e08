"""The command `verify`: one entry, one place where errors become messages and exit statuses.

Exit status: 0 accepted, 1 denied, 2 wrong usage or configuration, 3 could not decide (a denial for whoever asks).
Nothing but the report goes to standard output; no input ends in a traceback.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from verifier.cli import defects, output
from verifier.cli.running import interrupts, streams
from verifier.cli.typed.environment import Environment
from verifier.cli.typed.remarks import named_by_variable
from verifier.cli.typed.words import as_meant, refuse_slips
from verifier.core.errors import ConfigurationError, Refused

_ALLOCATIONS = 500_000
"""Objects made before Python looks for unreachable cycles among them."""


def run() -> NoReturn:
    """The console script."""
    # A run is short and makes no cycles to speak of; looking for them takes a tenth of it.
    gc.set_threshold(_ALLOCATIONS)
    interrupts.end_cleanly()
    streams.prepare()
    streams.leave(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    environment = Environment(os.environ)
    try:
        status = _dispatch(list(arguments), environment)
        streams.flush_output()
    except ConfigurationError as error:
        from verifier.cli.mistakes.near import with_what_is_near  # noqa: PLC0415 - only for mistakes

        return output.configuration_error(with_what_is_near(named_by_variable(error, environment)))
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
    if arguments[:1] == ["--complete"]:
        from verifier.cli.completion.asked import tell  # noqa: PLC0415 - only for a shell, of words as they are typed

        return tell(arguments[1:])
    refuse_slips(arguments)
    from verifier.cli.typed.plain import run_plain  # noqa: PLC0415 - loaded by whoever runs a command

    status = run_plain(arguments, environment)
    if status is not None:
        return status
    from verifier.cli.typed.root import answered  # noqa: PLC0415 - what there is besides plain lines

    status = answered(arguments := as_meant(arguments))
    if status is not None:
        return status
    from verifier.cli.typed.run import run_command  # noqa: PLC0415 - typer is loaded for commands, not for importers

    return run_command(arguments, environment)
