"""What comes of a comparison of versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.core.outcome import Answer, NotApplicable, Outcome

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.versions.rules import Judgement


class Compared(Answer):
    """What the comparison says, and what would be written: None where nothing is ordered.

    `bounded` says whether there was a mark or a floor to compare with: what nothing bounds has not stayed above it.
    """

    asks: ClassVar[str] = "its `outcome`"
    outcome: Outcome
    decision: Judgement | None = None
    bounded: bool = False


NOT_COMPARED = Compared(outcome=NotApplicable(why="there is no version to compare"))
