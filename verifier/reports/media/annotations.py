"""Annotations: commands to the runner of GitHub's workflows, one a line.

* GitHub shows ten errors and ten warnings of a step: the first ones; the others are counted in the last of them
* every text is escaped for the command that it stands in, so that it ends none and begins none

Source: https://docs.github.com/actions, "Workflow commands".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from verifier.reports.media.escaping import command_data, command_property

MOST_SHOWN: Final = 10
"""Annotations of one level that a step shows."""
_ELSEWHERE: Final = "are not shown here: the job summary (--format markdown) and --format json have all."


class Annotation(NamedTuple):
    """What is said, and where; lines of the text stay lines."""

    title: str
    text: str
    file: str = ""
    line: int = 0


def shown(level: Literal["error", "warning"], found: Sequence[Annotation]) -> Iterator[str]:
    """The commands for what was found, the most severe first."""
    kept = found if len(found) <= MOST_SHOWN else found[: MOST_SHOWN - 1]
    for each in kept:
        yield command(level, each)
    if left := len(found) - len(kept):
        yield command(level, Annotation(f"and {left:,} more", f"{left:,} more {_ELSEWHERE}"))


def command(level: Literal["error", "warning", "notice"], said: Annotation) -> str:
    """One command."""
    properties = [("title", said.title)]
    if said.file:
        properties = [("file", said.file), ("line", str(max(1, said.line))), *properties]
    written = ",".join(f"{name}={command_property(value)}" for name, value in properties)
    return f"::{level} {written}::{command_data(said.text)}"
