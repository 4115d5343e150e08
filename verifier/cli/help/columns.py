"""How wide help is shown."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_USUAL = 80


def help_columns() -> int:
    """COLUMNS, or the terminal's, or 80."""
    with suppress(ValueError):
        if (stated := int(os.environ.get("COLUMNS", "0"))) > 0:
            return stated
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL
    except (OSError, ValueError):  # no terminal, or no file at all
        return _USUAL
