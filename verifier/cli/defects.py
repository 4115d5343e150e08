"""A defect of this program: whatever it is, it is no pass."""

from __future__ import annotations

import os
import sys

from verifier.cli import output
from verifier.core.outcome import cleared


def defect(error: Exception) -> int:
    """A defect of this program, shown in full only to whoever asks for it."""
    output.hint(f"verify: internal.error: {type(error).__name__}: {error}")
    output.hint("  This is a defect; nothing was accepted. Set VERIFY_DEBUG=1 to see where it happened, and report it.")
    if os.environ.get("VERIFY_DEBUG"):
        import traceback  # noqa: PLC0415 - only for a defect

        for text in traceback.format_exception(error):
            sys.stderr.write(cleared(text))
    return output.EXIT_UNDECIDED
