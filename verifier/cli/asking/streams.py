"""The standard streams, as `cli.running.streams` and `cli.output` have them.

Nothing here imports what Python has not loaded already.
"""

import os
import sys

from verifier.files.sealed import write_all


def occupy() -> None:
    """Before anything is opened, occupy each that was closed: no file that is opened later takes its place, and no
    program is handed one in it."""
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)


def write_report(report: str, style: str, descriptor: int) -> None:
    """As `cli.output.rendered`: text as the locale has it, every other format in UTF-8; raises `OSError`."""
    stream = sys.stdout if descriptor == 1 else sys.stderr
    if stream is None and descriptor == 2:  # the program's exit status is the answer, and nobody hears the rest
        return
    if stream is None:
        raise OSError(9, "standard output is closed, and the answer goes there")
    encoding = stream.encoding if style in ("", "text") else "utf-8"
    stream.flush()
    write_all(descriptor, report.encode(encoding, "backslashreplace"))
