"""What comes of a comparison of versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.outcome import NotApplicable, Outcome
from verifier.core.value import Value

if TYPE_CHECKING:
    from verifier.versions.rules import Judgement


class Compared(Value):
    """What the comparison says, and what would be written: None where nothing is ordered.

    `bounded` says whether there was a mark or a floor to compare with: what nothing bounds has not stayed above it.
    """

    outcome: Outcome
    decision: Judgement | None = None
    bounded: bool = False


NOT_COMPARED = Compared(outcome=NotApplicable(why="there is no version to compare"))
