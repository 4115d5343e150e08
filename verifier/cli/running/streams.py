"""The standard streams of the process, as they are given: open or closed, of whatever encoding.

* a descriptor that was closed is occupied: no file that is opened later, a ledger above all, takes its place
* a letter that the terminal's encoding lacks is written as an escape: no report fails for a name
* an answer that cannot be written is an error (`cli.output`); what is said to nobody is lost, and the status says it
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper, UnsupportedOperation
from typing import NoReturn


def prepare() -> None:
    """Before anything is opened."""
    # Read-only in the place of standard output, so that writing to it fails as it should.
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def leave(status: int) -> NoReturn:
    """End the process as it is. Every command closes what it opens; taking the rest apart is a tenth of a run."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # what an answer needs is flushed, and counted, by `main`
            stream.flush()
    os._exit(status)


def flush_output() -> None:
    """Write what is left of the answer; raises `OSError`."""
    if sys.stdout is not None:  # whoever had an answer was told that there is nowhere to write it
        sys.stdout.flush()


def discard_output() -> None:
    """Write nothing more: the interpreter's own flush on the way out would fail once more, with a status of its own."""
    with suppress(UnsupportedOperation, AttributeError):  # a standard output that is no file, or none
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
