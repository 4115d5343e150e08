"""What standard output can show: how many columns, and whether colours."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from verifier.reports.table import Screen

_USUAL = 100
_NARROWEST, _WIDEST = 60, 120


def standard_output() -> Screen:
    """What a report is shown on: within bounds that are good to read, whatever the terminal's width."""
    return Screen(columns=min(max(columns(), _NARROWEST), _WIDEST), colours=colours())


def columns() -> int:
    """COLUMNS, or the terminal's, or 100: `shutil` knows too, but loads every format of archives with it."""
    with suppress(ValueError):
        if (stated := int(os.environ.get("COLUMNS", "0"))) > 0:
            return stated
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL
    except (OSError, ValueError):  # no terminal, or no file at all
        return _USUAL


def colours() -> bool:
    """Whether a person looks at it, and has not turned colours off."""
    # https://no-color.org: any non-empty value turns colours off.
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
