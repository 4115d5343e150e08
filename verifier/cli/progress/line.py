"""How far long work has come, as one line at the bottom of a terminal.

* only where standard error is a terminal, only after a second, never on standard output; gone before anything else is
  written there, and at the end
* as wide as the terminal, whatever that is; names are escaped
* elsewhere nothing is shown; with --verbose a line for each piece of work that begins
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from verifier.cli.progress.log import Log
from verifier.cli.progress.room import before_writing
from verifier.cli.progress.text import fitted
from verifier.core.costs.progress import Progress, Step, silent

AFTER_S: Final = 1.0
"""What takes less is not worth a line."""
_EACH_S: Final = 0.1
_CLEARED: Final = "\r\x1b[K"

_shown: _Line | Log | None = None


def told() -> Progress:
    """Who is told of work in this run: the line, where there is one."""
    return silent if _shown is None else _shown.tell


@contextmanager
def showing(*, quiet: bool = False, verbose: bool = False) -> Iterator[None]:
    """Show the progress of what is done in the block, where somebody looks."""
    global _shown  # noqa: PLW0603 - a terminal has one last line
    if quiet or _shown is not None:
        yield
        return
    line = _Line() if _looked_at() else Log() if verbose else None
    if line is None:
        yield
        return
    _shown = line
    try:
        with line:
            yield
    finally:
        _shown = None


def _looked_at() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class _Line:
    """The line, drawn by a thread of its own, so that whoever works is not held up."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}
        self._drawn = False
        self._over = threading.Event()
        self._turn = threading.RLock()
        self._thread = threading.Thread(target=self._draw_on, name="progress", daemon=True)

    def __enter__(self) -> _Line:
        before_writing(self.clear)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        before_writing(None)
        self.clear()

    def tell(self, step: Step) -> None:
        """Keep what is done: that of several artifacts, and what is done of one."""
        self._steps[(step.unit == "artifacts" and "all") or "one"] = step

    def clear(self) -> None:
        """Take the line away, until there is something new to show."""
        with self._turn:
            self._steps.pop("one", None)
            if self._drawn:
                self._drawn = False
                self._write(_CLEARED)

    def _draw_on(self) -> None:
        began, last = time.monotonic(), ""
        wait = AFTER_S
        while not self._over.wait(wait):
            wait = _EACH_S
            with self._turn:
                one = self._steps.get("one")
                text = fitted(self._steps.get("all"), one, _columns(), time.monotonic() - began) if one else ""
                if not self._over.is_set() and text and (text != last or not self._drawn):
                    self._drawn, last = True, text
                    self._write(f"{_CLEARED}{text}")

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that is gone needs no line
            sys.stderr.write(text)
            sys.stderr.flush()


def _columns() -> int:
    with suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    return 80
