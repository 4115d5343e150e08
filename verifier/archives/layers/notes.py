"""What a reader of a layer noticed without having to stop: warnings, each kind of them once.

* hostile input does not fill a report: the first of each kind stands, and how many there were
"""

from __future__ import annotations

from verifier.core.outcome import Reason

BUILD_AGAIN = (
    "Build the image again with a current builder; whoever unpacks this layer may get other files than others."
)
"""What there is to do about a layer that readers read differently."""


class Notes:
    """Warnings about one layer, or about one tree."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._first: dict[tuple[str, str], Reason] = {}

    def add(self, code: str, message: str, *, kind: str = "") -> None:
        """Note this, unless something of its kind was noted; by default the code is the kind."""
        key = (code, kind)
        if key not in self._first:
            self._first[key] = Reason(code=code, subject=self._subject, message=message).as_warning()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All of them, in the order that they were first noticed in."""
        return tuple(self._first.values())
