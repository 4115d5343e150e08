"""States of scopes that are proven: the newest event that moved the scope has led to this one. Raises `ValueError`.

* which event that is, another tree of the file says (`history_of_moves`) than the one that the row stands in: a row
  that is lost, has another name, or was replaced, would let an older version be accepted
* what was proven and read once is not read again while the file says the same of it, letter by letter
"""

from __future__ import annotations

from typing import Final

from verifier.ledger.record import read_state
from verifier.ledger.rows import require_led_to
from verifier.versions.state import ScopeState

_KEPT: Final = 64
"""Scopes whose states are kept: the loaders of one process work with few."""
_LARGE: Final = 16 * 1024
"""Characters of a state and its event above which they are kept for one scope at a time: a full quarantine has many."""

_VIEW: Final = """SELECT store.max_time_seen, store.sequence, store.head, scope.state, history.event, scope.sequence,
    (SELECT max(sequence) FROM history INDEXED BY {moves})
    FROM store LEFT JOIN scope ON scope.name = ?1 LEFT JOIN history ON history.sequence = scope.sequence"""
VIEW: Final = _VIEW.format(moves="history_of_moves WHERE scope = ?1 AND moved = 1")
"""The newest time, the end of the history, and what is said of one scope, as `Proven.state` takes it."""
# Inside a JSON text a quotation mark is escaped, so that only the member itself can look like this.
OLDER_VIEW: Final = _VIEW.format(moves="""history_of_scope WHERE scope = ?1 AND instr(event, ',"state":"sha256:')""")
"""The same of a file without that tree, which may not be brought to the newest schema."""

_Proof = tuple[str, str, str | None, ScopeState]


class Proven:
    """What was proven last; any thread may ask."""

    __slots__ = ("_kept", "_large")

    def __init__(self) -> None:
        self._kept: dict[str, _Proof] = {}
        self._large: _Proof | None = None

    def state(
        self, scope: str, text: str | None, event: str | None, sequence: int | None, moved: int | None
    ) -> ScopeState | None:
        """The state with the text `text`, that `event` at `sequence` is said to have led to; None where there is none.

        `moved` is the newest event that has led the scope to a state.
        """
        if sequence != moved:
            was = "none" if sequence is None else f"that of event {sequence}"
            came = "to none" if moved is None else f"to one by event {moved}"
            raise ValueError(f"the state of {scope} is {was}, and its history has led {came}")
        if text is None:
            return None
        for known in (self._kept.get(scope), self._large):
            if known is not None and known[:3] == (scope, text, event):
                return known[3]
        require_led_to(scope, text, event)
        state = read_state(text)
        self.keep(scope, text, event, state)
        return state

    def keep(self, scope: str, text: str, event: str | None, state: ScopeState) -> None:
        """Remember what is proven: `event` has led `scope` to `state`, whose text is `text`."""
        proof = (scope, text, event, state)
        if len(text) + len(event or "") > _LARGE:
            self._large = proof
            return
        if len(self._kept) >= _KEPT and scope not in self._kept:
            self._kept.clear()
        self._kept[scope] = proof
