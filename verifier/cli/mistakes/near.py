"""What is near to a value that is none of a few, where the error lists those; read after a mistake only."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from verifier.core.errors import ConfigurationError

_TYPED: Final = re.compile(r"'([^'\s]{2,64})'")
_LISTED: Final = re.compile(r"\b(?:one of|among|out of|expected|must be|There are):? ([^']+)")
_WORD: Final = re.compile(r"[A-Za-z0-9][\w.:+-]*\w")
_NAMED: Final = re.compile(r"--|VERIFY_|.*:\d+\Z", re.DOTALL)
"""An option, a variable, or the line of a file."""
_LIKELY: Final = 0.7


def with_what_is_near(error: ConfigurationError) -> ConfigurationError:
    """The error of an option; its hint begins with the word that was meant, where one of those listed is near."""
    typed = _TYPED.search(error.message)
    if not _NAMED.match(error.where) or typed is None or "did you mean" in error.hint.lower():
        return error
    told = error.message if "expected" in error.message else f"{error.message} {error.hint}"  # no list goes on there
    words = [word for found in _LISTED.findall(told) for word in _WORD.findall(found)]
    close = get_close_matches(typed[1], words, n=1, cutoff=_LIKELY)
    if not close or close[0] == typed[1]:
        return error
    return ConfigurationError(error.message, where=error.where, hint=f"Did you mean {close[0]}? {error.hint}".rstrip())
