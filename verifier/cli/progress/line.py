"""How far long work has come, as one line at the bottom of a terminal.

* only where standard error is a terminal, only after a second, never on standard output; gone before anything else is
  written there, and at the end
* as wide as the terminal, whatever that is; names are escaped
* elsewhere nothing is shown; with --verbose a line for each piece of work that begins
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.cli.progress.drawn import Line
    from verifier.cli.progress.log import Log
    from verifier.core.costs.progress import Progress

_shown: Line | Log | None = None


def told() -> Progress:
    """Who is told of work in this run: the line, where there is one."""
    if _shown is not None:
        return _shown.tell
    from verifier.core.costs.progress import silent  # noqa: PLC0415 - only for who tells of work

    return silent


def tell(what: str, done: int = 0, whole: int | None = None, unit: str = "") -> None:
    """Tell whoever looks what is done now."""
    if _shown is not None:
        from verifier.core.costs.progress import Step  # noqa: PLC0415 - only where somebody looks

        _shown.tell(Step(what, done, whole, unit))


@contextmanager
def showing(*, quiet: bool = False, verbose: bool = False) -> Iterator[None]:
    """Show the progress of what is done in the block, where somebody looks."""
    global _shown  # noqa: PLW0603 - a terminal has one last line
    if quiet or _shown is not None:
        yield
        return
    line = _line(verbose=verbose)
    if line is None:
        yield
        return
    _shown = line
    try:
        with line:
            yield
    finally:
        _shown = None


def _line(*, verbose: bool) -> Line | Log | None:
    if _looked_at():
        from verifier.cli.progress.drawn import Line  # noqa: PLC0415 - only on a terminal

        return Line()
    if not verbose:
        return None
    from verifier.cli.progress.log import Log  # noqa: PLC0415 - only for who asks for it

    return Log()


def _looked_at() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
