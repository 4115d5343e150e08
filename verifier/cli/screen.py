"""What standard output can show: how many columns, and whether colours; and how much of it a person asked for."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from verifier.core.errors import ConfigurationError
from verifier.reports.table import Detail, Screen

_USUAL = 100
_NARROWEST, _WIDEST = 20, 120


def standard_output(detail: Detail = "usual") -> Screen:
    """What a report is shown on: within bounds that are good to read, whatever the terminal's width."""
    return Screen(columns=min(max(columns(), _NARROWEST), _WIDEST), colours=colours(), detail=detail)


def detail_of(*, quiet: bool, verbose: bool, formats: tuple[str, ...]) -> Detail:
    """How much of a text a person asked for; an option that is given is never ignored."""
    if quiet and verbose:
        raise ConfigurationError("goes without --verbose", where="--quiet", hint="Give one of the two.")
    if (quiet or verbose) and "text" not in formats:
        where = "--quiet" if quiet else "--verbose"
        raise ConfigurationError("is about the text, and none is asked for", where=where, hint="Add --format text.")
    return "quiet" if quiet else "verbose" if verbose else "usual"


def width() -> int | None:
    """The columns of a terminal, or as they are stated; None where nobody looks: then a line is as long as it is."""
    seen = sys.stdout is not None and sys.stdout.isatty()
    return max(columns(), _NARROWEST) if seen or os.environ.get("COLUMNS") else None


def columns(stream: TextIO | None = None) -> int:
    """COLUMNS, or the terminal's, or 100: `shutil` knows too, but loads every format of archives with it."""
    with suppress(ValueError):
        if (stated := int(os.environ.get("COLUMNS", "0"))) > 0:
            return stated
    try:
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or _USUAL
    except (OSError, ValueError, AttributeError):  # no terminal, or no file at all
        return _USUAL


def colours() -> bool:
    """Whether a person looks at it, or says so, and has not turned colours off."""
    # https://no-color.org and https://force-color.org: any non-empty value; who turns them off is heard first.
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def at_a_terminal(text: str, stream: TextIO) -> str:
    """A line as a person sees it: no word, path or digest is broken, so that each can be copied whole."""
    if not stream.isatty() or len(text) <= (width := columns(stream)):
        return text
    from textwrap import wrap  # noqa: PLC0415 - only for a person

    below = " " * (len(text) - len(text.lstrip()) or len("verify: "))
    return "\n".join(wrap(text, width, subsequent_indent=below, break_long_words=False, break_on_hyphens=False))
