"""What was seen in a place where it does not belong."""

from __future__ import annotations

from typing import NamedTuple


class Sight(NamedTuple):
    """The code that it is refused with, what it is in words, and, where that is known, at which line.

    Nothing of the secret itself is kept.
    """

    code: str
    what: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.what}, line {self.line}" if self.line else self.what


PRIVATE_KEY = "leak.private-key"
CREDENTIALS = "leak.credentials"
