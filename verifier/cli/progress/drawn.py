"""One line at the bottom of a terminal, drawn by a thread of its own, so that whoever works is not held up."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import Final

from verifier.cli.progress.room import before_writing
from verifier.cli.progress.text import fitted
from verifier.core.costs.progress import Step

AFTER_S: Final = 1.0
"""What takes less is not worth a line."""
_EACH_S: Final = 0.1
_CLEARED: Final = "\r\x1b[K"


class Line:
    """The line, as long as something is done."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}
        self._drawn = False
        self._over = threading.Event()
        self._turn = threading.RLock()
        self._thread = threading.Thread(target=self._draw_on, name="progress", daemon=True)

    def __enter__(self) -> Line:
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
