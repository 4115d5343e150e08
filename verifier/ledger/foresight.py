"""What an operator's order would deny that people count on: asked before it is given, as it is never taken back. Pure.

* a floor above everything that was accepted: nothing that is there would pass any more
* a quarantine of all that was accepted, or of versions above it that nobody has accepted yet

To withdraw what was accepted last, by its digest or its version, is what a quarantine is for.
"""

from __future__ import annotations

from verifier.versions.schemes import order_key
from verifier.versions.state import Effect, ScopeState, VersionRange, spoken


def grave(before: ScopeState | None, after: ScopeState) -> str | None:
    """Why an order that leads from one state to the other is to be confirmed; None where it need not be."""
    if before == after:
        return None
    effect = Effect.between(before, after)
    mark = after.mark
    if effect.floor is not None and (mark is None or effect.floor.key > mark.key):
        return f"the floor {spoken(effect.floor)} lies above everything that was accepted: {_highest(after)}"
    return next((why for each in effect.quarantined_versions if (why := _withdrawn(after, each))), None)


def _withdrawn(state: ScopeState, versions: VersionRange) -> str | None:
    mark = state.mark
    if mark is None:
        return f"the range {versions} withdraws what nobody has accepted yet: {_highest(state)}"
    if versions.lowest is None and versions.contains(mark.key[1]):
        return f"the range {versions} withdraws all that was accepted: {_highest(state)}"
    if versions.highest is None or order_key(versions.scheme, versions.highest) > mark.key[1]:
        return f"the range {versions} withdraws what nobody has accepted yet: {_highest(state)}"
    return None


def _highest(state: ScopeState) -> str:
    return "nothing was accepted yet" if state.mark is None else f"the highest is {spoken(state.mark)}"
