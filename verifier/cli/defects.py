"""What ends a run otherwise than by an answer: the system, or a defect of this program. Neither is a pass."""

from __future__ import annotations

import os
import sys

from verifier.cli import output
from verifier.cli.running import streams
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


def unwritable(error: OSError) -> int:
    """The answer could not be written (a full disk), or the system failed otherwise: no answer is no acceptance."""
    streams.discard_output()
    if not isinstance(error, BrokenPipeError):  # whoever reads standard output went away, and knows
        output.hint(
            f"verify: error: {f'{_shown(error.filename)}: ' if error.filename else ''}{error.strerror or error}"
        )
    return output.EXIT_UNDECIDED


def _shown(place: object) -> str:
    from verifier.core.text.shown import shown  # noqa: PLC0415 - only for what went wrong

    return shown(os.fsdecode(place) if isinstance(place, str | bytes) else str(place))
