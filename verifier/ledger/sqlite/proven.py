"""States of scopes that are proven: the event that is said to have led to one did. Raises `ValueError`.

* what was proven and read once is not read again while the file says the same of it, letter by letter
* that there is no state of a scope is proven by its history, which is another tree of the file: a row that is lost, or
  has another name, would let an older version be accepted as the first
"""

from __future__ import annotations

from typing import Final

from verifier.ledger.record import read_state
from verifier.ledger.rows import require_led_to
from verifier.ledger.sqlite.whole import Execute
from verifier.versions.state import ScopeState

_KEPT: Final = 64
"""Scopes whose states are kept: the loaders of one process work with few."""
_LARGE: Final = 16 * 1024
"""Characters of a state and its event above which they are kept for one scope at a time: a full quarantine has many."""

# Inside a JSON text a quotation mark is escaped, so that only the member itself can look like this.
_MOVED = """SELECT total(instr(event, ',"state":"sha256:')) FROM history INDEXED BY history_of_scope
    WHERE scope = ? AND sequence > ? AND sequence <= ?"""

_Proof = tuple[str, str, str | None, ScopeState]


class Proven:
    """What was proven last; any thread may ask."""

    __slots__ = ("_kept", "_large", "_none")

    def __init__(self) -> None:
        self._kept: dict[str, _Proof] = {}
        self._large: _Proof | None = None
        self._none: dict[str, int] = {}

    def state(self, scope: str, text: str, event: str | None) -> ScopeState:
        """The state with the text `text`, if the event that is said to have led to it did."""
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

    def require_none(self, execute: Execute, scope: str, sequence: int) -> None:
        """Refuse that `scope` has no state where an event up to `sequence` has led to one."""
        after = self._none.get(scope, 0)
        if after >= sequence:
            return
        if execute(_MOVED, (scope, after, sequence)).fetchone()[0]:
            raise ValueError(f"the state of {scope} is not there, and its history has led to one")
        if len(self._none) >= _KEPT:
            self._none.clear()
        self._none[scope] = sequence
