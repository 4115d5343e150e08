"""What an operator does to a ledger without a signature: raise a floor, quarantine. Nothing here weakens a scope.

* each action is one compare-and-swap with its event, which says who did it and why
* an action that changes nothing is written down and changes nothing
"""

from __future__ import annotations

from collections.abc import Callable

from verifier.core.digest import Digest
from verifier.core.value import replace
from verifier.ledger.advance import Circumstances, change_of, event_of
from verifier.ledger.interface import Change, EventKind, Ledger
from verifier.ledger.view import View
from verifier.versions.restrict import quarantine_digest, quarantine_versions, raise_floor
from verifier.versions.state import Floor, ScopeState, VersionRange


def set_floor(ledger: Ledger, scope: str, floor: Floor, circumstances: Circumstances) -> ScopeState:
    """Raise the scope's floor; `Refused` (`version.below-floor`) where that would lower it."""
    detail = f"floor {floor} ({floor.scheme})"
    return _apply(ledger, scope, (EventKind.FLOOR, detail), lambda state: raise_floor(state, floor), circumstances)


def withdraw_digest(ledger: Ledger, scope: str, digest: Digest, circumstances: Circumstances) -> ScopeState:
    """Quarantine content."""
    what = (EventKind.QUARANTINE, f"digest {digest}")
    return _apply(ledger, scope, what, lambda state: quarantine_digest(state, digest), circumstances)


def withdraw_versions(ledger: Ledger, scope: str, withdrawn: VersionRange, circumstances: Circumstances) -> ScopeState:
    """Quarantine a range of versions."""
    what = (EventKind.QUARANTINE, f"versions {withdrawn} ({withdrawn.scheme})")
    return _apply(ledger, scope, what, lambda state: quarantine_versions(state, withdrawn), circumstances)


def _apply(
    ledger: Ledger,
    scope: str,
    what: tuple[EventKind, str],
    transition: Callable[[ScopeState | None], ScopeState],
    circumstances: Circumstances,
) -> ScopeState:
    kind, detail = what
    event = replace(event_of(kind, scope, circumstances), detail=detail)

    def judge(view: View) -> tuple[ScopeState, Change]:
        state = transition(view.state)
        return state, change_of(view.state, event, state)

    return ledger.decide(scope, judge)
