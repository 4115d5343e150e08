"""A line for each piece of work that begins, for whoever reads a log afterwards."""

from __future__ import annotations

from typing import Final

from verifier.cli import output
from verifier.core.costs.progress import Step

MOST_LINES: Final = 1_000
"""Of one run: a log is there to be read."""


class Log:
    """What has begun, said once."""

    def __init__(self) -> None:
        self._begun: set[str] = set()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to take away."""

    def tell(self, step: Step) -> None:
        """Say what has begun."""
        if step.what not in self._begun and len(self._begun) < MOST_LINES:
            self._begun.add(step.what)
            output.hint(f"verify: {step.what}")
