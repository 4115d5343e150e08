"""The only place that prints. Reports go to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from errno import EBADF
from typing import TextIO

from verifier.cli import screen
from verifier.cli.progress.room import make_room
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import Reason, cleared
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.escape import printable
from verifier.reports.media.wrapping import filled
from verifier.reports.table import Screen, renderer

EXIT_ACCEPTED = 0
EXIT_DENIED = 1
EXIT_USAGE = 2
EXIT_UNDECIDED = 3
EXIT_INTERRUPTED = 130


def report(dossier: Dossier, style: str, shown: Screen | None = None) -> int:
    """Print the verdicts in a format of `REPORTS` and return the exit status that the worst of them stands for."""
    rendered(renderer(style)(dossier, shown or screen.standard_output()), style)
    worst = dossier.worst
    if worst.passed:
        return EXIT_ACCEPTED
    return EXIT_UNDECIDED if worst.undecided else EXIT_DENIED


def rendered(text: str, style: str) -> None:
    """A whole report: text as the terminal's encoding has it, every other format in UTF-8, whatever the locale."""
    if style == "text":
        _standard_output().write(text)
        sys.stdout.flush()
    else:
        document(text)


def line(text: str = "") -> None:
    """One line of a command's answer; `text` is the program's own or escaped."""
    _standard_output().write(text + "\n")


def paragraph(text: str, *, hang: int = 2) -> None:
    """A sentence, for a person in lines of whole words, and for a program in one; `text` is escaped."""
    parts(text.split(" "), hang=hang, gap=" ")


def parts(texts: Sequence[str], *, hang: int = 8, gap: str = "  ") -> None:
    """A row of texts, as `paragraph` has words: none is broken."""
    width = screen.width()
    for each in [gap.join(texts)] if width is None else filled(texts, width, begin=0, hang=hang, gap=gap):
        line(each)


def document(content: str | bytes) -> None:
    """A machine-readable answer, byte for byte."""
    _standard_output().flush()
    sys.stdout.buffer.write(content.encode() if isinstance(content, str) else content)
    sys.stdout.buffer.flush()


def _standard_output() -> TextIO:
    """Standard output, which Python has none of where it was closed: no answer is no acceptance."""
    make_room()
    if sys.stdout is None:
        raise OSError(EBADF, "standard output is closed, and the answer goes there")
    return sys.stdout


def hint(text: str) -> None:
    """One line for the person at the terminal, out of the way of whoever reads the answer."""
    make_room()
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(screen.at_a_terminal(printable(cleared(text)), sys.stderr) + "\n")
    except OSError:  # a full disk, a pipe that nobody reads: the exit status says it all the same
        return


def finding(reason: Reason) -> None:
    """Something that does not stop a command, and is not to be overlooked."""
    hint(f"{reason.severity.value}: {reason.code}: {reason.subject}: {reason.message}")


def configuration_error(error: ConfigurationError) -> int:
    """What is wrong, where, and what to do."""
    from verifier.cli.mistakes.examples import example  # noqa: PLC0415 - only for mistakes

    hint(f"verify: error: {error}")
    if todo := error.hint or example(error.where):
        hint(f"  {todo}")
    return EXIT_USAGE


def refusal(refused: Refused) -> int:
    """A command other than a verification met something that it will not use."""
    for reason in refused.reasons:
        hint(f"verify: {reason.code}: {reason.subject}: {reason.message}")
        hint(f"  {reason.hint}")
    return EXIT_UNDECIDED if all(reason.is_undecided for reason in refused.reasons) else EXIT_DENIED


def interrupted(status: int = EXIT_INTERRUPTED) -> int:
    """Somebody ended it, by Ctrl-C or a signal: no answer, and so no acceptance."""
    hint("verify: interrupted")
    return status
