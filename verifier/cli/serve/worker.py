"""A worker of `verify serve --workers`: the command that is one, and what it runs."""

from __future__ import annotations

import os
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from verifier.cli import output, settings
from verifier.cli.serve.collecting import collect_as_a_service

if TYPE_CHECKING:
    from verifier.cli.serve.log import LogFormat

_PROGRAM: Final = (
    "import os, sys; sys.path[:] = sys.argv.pop(1).split(os.pathsep);"
    " from verifier.cli.serve.worker import main; main(*sys.argv[1:])"
)
"""It imports from where this process does, and from nowhere else."""


def command(log_format: LogFormat) -> tuple[str, ...]:
    """The command, without the numbers of its two descriptors."""
    paths = os.pathsep.join(os.path.abspath(each) for each in sys.path)  # noqa: PTH100 - texts, as they stand there
    return (sys.executable, "-I", "-c", _PROGRAM, paths, log_format)


def main(log_format: LogFormat, end: str, listening: str) -> None:
    """Be a worker until told to stop."""
    from verifier.cli.serve.log import Log  # noqa: PLC0415 - as others
    from verifier.gateway.workers.worker import Worker  # noqa: PLC0415 - as others

    log = Log(clock=partial(settings.now, None), style=log_format)
    log.take_over_warnings()
    collect_as_a_service()
    worker = Worker(socket.socket(fileno=int(end)), socket.socket(fileno=int(listening)), log.event)
    ended_well = worker.run()
    sys.stderr.flush()
    os._exit(output.EXIT_ACCEPTED if ended_well else output.EXIT_UNDECIDED)
