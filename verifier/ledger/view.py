"""What a ledger says of one scope, and how often it is asked where others are faster."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from verifier.core.value import Value

if TYPE_CHECKING:
    # Where no ledger is consulted nothing is loaded that orders versions.
    from verifier.versions.state import ScopeState

MAX_TRIES: Final = 1_000
"""Lost races before giving up; each one means that another writer made progress."""


class View(Value):
    """What a decision is made from: one scope, and the newest time that the whole ledger has seen.

    `consulted` is False where no ledger was to be asked (`absent.NoLedger`): nothing is known then, which is not the
    same as that nothing was accepted. `known_as` are versions, each with its scheme, under which the content that is
    judged was accepted in the scope; it is asked for where that may tell something that the state does not.
    """

    state: ScopeState | None
    max_time_seen: datetime | None
    consulted: bool = True
    known_as: tuple[tuple[str, str], ...] = ()

    @property
    def revision(self) -> int:
        """How often the scope has changed; 0 where it does not exist, or nothing is known of it."""
        return self.state.revision if self.state is not None else 0

    @property
    def standing(self) -> str | None:
        """The scope's high-water mark as `epoch:version`, None where nothing was accepted in it."""
        return str(self.state.mark) if self.state is not None and self.state.mark is not None else None


NOT_CONSULTED: Final = View(state=None, max_time_seen=None, consulted=False)
"""What is known where no ledger was asked."""
