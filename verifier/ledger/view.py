"""What a ledger says of one scope, and how often it is asked where others are faster."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from verifier.core.value import Value

if TYPE_CHECKING:
    # Where no ledger is consulted nothing is loaded that orders versions.
    from verifier.core.digest import Digest
    from verifier.versions.state import ScopeState

MAX_TRIES: Final = 1_000
"""Lost races before giving up; each one means that another writer made progress."""


class TagSeen(Value):
    """What a scope was told last that a tag stands for, in the event at `place`, and the version that it had."""

    digest: Digest
    place: int
    version: str | None
    time: datetime


class KnownLayers(Value):
    """An image that was accepted in `scope`, whose layers have the ChainID `chain`.

    It `stands` unless its scope has withdrawn it since, by its digest or its version, or has a floor above it.
    """

    chain: Digest
    scope: str
    digest: Digest
    version: str | None
    stands: bool


class View(Value):
    """What a decision is made from: one scope, and the newest time that the whole ledger has seen.

    `consulted` is False where no ledger was to be asked (`absent.NoLedger`): nothing is known then, which is not the
    same as that nothing was accepted. `known_as` are versions, each with its scheme, under which the content that is
    judged was accepted in the scope; it is asked for where that may tell something that the state does not. `tagged`
    is what the tag stood for, by which an image was asked for, None where the scope was told nothing of it. `kept` are
    the ChainIDs that the scope knows of the content. `known_layers` are accepted images that one may be built on, None
    where nobody has asked.
    """

    state: ScopeState | None
    max_time_seen: datetime | None
    consulted: bool = True
    known_as: tuple[tuple[str, str], ...] = ()
    tagged: TagSeen | None = None
    kept: tuple[Digest, ...] = ()
    known_layers: tuple[KnownLayers, ...] | None = None

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
