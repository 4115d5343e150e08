"""The summary of a step of GitHub's workflows: a file that the runner names, to which the Markdown report is appended.

* what other commands of the step have written there stays; nothing is written through a link, nor into what is no file
* a step's summary is at most 1 MiB, or GitHub shows none of it: the report is made to fit, and where nothing fits that
  is said
* it is asked for before anything is decided, as every other output

Source: https://docs.github.com/actions, "Adding a job summary".
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from verifier.cli import output
from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown
from verifier.files.append import append, size_to_append
from verifier.files.output import OutputKind, Outputs
from verifier.reports.media.tables import MAX_SUMMARY

VARIABLE: Final = "GITHUB_STEP_SUMMARY"
_LEAST: Final = 4_096
"""Bytes in which a report says anything."""
_HINT: Final = "The runner sets it to a file of the step; unset it, or use --output markdown=FILE."


class StepSummary:
    """The place of the summary, where the environment names one."""

    def __init__(self, path: Path, places: Outputs) -> None:
        self._path = path
        places.place(VARIABLE, path, OutputKind.SUMMARY)
        self._taken()

    def append(self, within: Callable[[int], str]) -> None:
        """Append what `within` makes for so many bytes."""
        taken = self._taken()
        room = MAX_SUMMARY - taken - 1
        if room < _LEAST:
            output.hint(f"verify: the summary of this step is full ({VARIABLE}), and the report is not in it")
            return
        append(self._path, b"\n" * (taken > 0) + within(room).encode())

    def _taken(self) -> int:
        """Bytes that stand there."""
        try:
            return size_to_append(self._path)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            message = f"{shown(str(self._path))} cannot be appended to: {why}"
            raise ConfigurationError(message, where=VARIABLE, hint=_HINT) from error


def step_summary(places: Outputs) -> StepSummary | None:
    """The summary of this step, where a runner has named one; raises `ConfigurationError` where it cannot be one."""
    given = os.environ.get(VARIABLE)
    return StepSummary(Path(given), places) if given else None
