"""What an operator may do to a scope without a signature: restrict it further. Pure transitions.

* a floor only rises; lowering one is `version.below-floor`
* quarantine only grows
* no restriction raises an epoch or makes a scope's versions incomparable: that is a `ConfigurationError`
* merging two ledgers keeps the stricter of each part, in the epoch that is: a later one is no stricter, and is refused;
  two digests for one version are `version.equivocation`
* a transition that changes nothing returns the state it was given
"""

from __future__ import annotations

from typing import TypeVar

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, refuse
from verifier.core.value import replace
from verifier.versions.schemes import Scheme
from verifier.versions.state import MAX_QUARANTINED, Floor, HighWaterMark, ScopeState, VersionRange, spoken

T = TypeVar("T")


def raise_floor(state: ScopeState | None, floor: Floor) -> ScopeState:
    """The state with `floor` as its lowest acceptable (epoch, version); `Refused` where that would lower it."""
    if state is None:
        return ScopeState(revision=1, floor=floor)
    if floor == state.floor:
        return state
    if (state.mark is not None or state.floor is not None) and floor.epoch > state.epoch:
        # Below a floor of a later epoch lies nothing of what a lower one has kept out.
        message = f"a floor cannot raise the epoch: the scope's is {state.epoch}, the floor's {floor.epoch}"
        raise ConfigurationError(message, where="floor")
    if state.floor is None and floor.epoch < state.epoch:
        message = f"a floor of epoch {floor.epoch} restricts nothing: the scope's epoch is {state.epoch}"
        raise ConfigurationError(message, where="floor")
    _require_comparable(state, floor.scheme)
    if state.floor is not None and floor.key <= state.floor.key:
        raise refuse(
            "version.below-floor", str(floor), f"the floor {spoken(state.floor)} cannot be lowered to {spoken(floor)}"
        )
    return replace(state, revision=state.revision + 1, floor=floor)


def quarantine_digest(state: ScopeState | None, digest: Digest) -> ScopeState:
    """The state with the content `digest` withdrawn for ever."""
    if state is None:
        return ScopeState(revision=1, quarantined_digests=(digest,))
    if digest in state.quarantined_digests:
        return state
    return _quarantined(state, (*state.quarantined_digests, digest), state.quarantined_versions)


def quarantine_versions(state: ScopeState | None, withdrawn: VersionRange) -> ScopeState:
    """The state with a range of versions withdrawn for ever, in every epoch."""
    if state is None:
        return ScopeState(revision=1, quarantined_versions=(withdrawn,))
    if withdrawn in state.quarantined_versions:
        return state
    _require_comparable(state, withdrawn.scheme)
    return _quarantined(state, state.quarantined_digests, (*state.quarantined_versions, withdrawn))


def merge(mine: ScopeState | None, theirs: ScopeState) -> ScopeState:
    """The state that is at least as strict as both, in my epoch; `Refused` where they contradict each other.

    A later epoch of theirs is `ledger.epoch-unapproved`, since it lets older versions follow; of an earlier one their
    quarantine alone still means anything.
    """
    if mine is None:
        return replace(theirs, revision=1)
    has_epoch = mine.mark is not None or mine.floor is not None
    if has_epoch and theirs.epoch > mine.epoch:
        message = (
            f"the document's epoch is {theirs.epoch}, the scope's {mine.epoch}, and nobody has signed the difference"
        )
        raise refuse("ledger.epoch-unapproved", str(theirs.mark or theirs.floor), message)
    current = not has_epoch or theirs.epoch == mine.epoch
    digests = _union(mine.quarantined_digests, theirs.quarantined_digests)
    ranges = _union(mine.quarantined_versions, theirs.quarantined_versions)
    _require_room(digests, ranges)
    merged = replace(
        mine,
        mark=_higher_mark(mine.mark, theirs.mark if current else None),
        floor=_higher_floor(mine.floor, theirs.floor if current else None),
        quarantined_digests=digests,
        quarantined_versions=ranges,
    )
    if merged == mine:
        return mine
    _require_one_scheme(merged)
    return replace(merged, revision=mine.revision + 1)


def _quarantined(state: ScopeState, digests: tuple[Digest, ...], ranges: tuple[VersionRange, ...]) -> ScopeState:
    _require_room(digests, ranges)
    return replace(state, revision=state.revision + 1, quarantined_digests=digests, quarantined_versions=ranges)


def _require_room(digests: tuple[Digest, ...], ranges: tuple[VersionRange, ...]) -> None:
    if max(len(digests), len(ranges)) > MAX_QUARANTINED:
        message = f"the scope already quarantines {MAX_QUARANTINED}: withdraw a range of versions, or raise the floor"
        raise ConfigurationError(message, where="quarantine")


def _require_comparable(state: ScopeState, scheme: Scheme) -> None:
    """A restriction in a scheme that the scope does not use would deny everything for ever."""
    used = _schemes(state)
    if used - {scheme}:
        message = f"the scope's versions are of scheme {', '.join(sorted(used))}, not {scheme}"
        raise ConfigurationError(message, where="scheme")


def _require_one_scheme(merged: ScopeState) -> None:
    schemes = _schemes(merged)
    if len(schemes) > 1:
        message = f"the merged scope would mix the schemes {', '.join(sorted(schemes))}"
        raise refuse("version.unorderable", str(merged.mark or merged.floor), message)


def _schemes(state: ScopeState) -> set[Scheme]:
    return {part.scheme for part in (state.mark, state.floor, *state.quarantined_versions) if part is not None}


def _higher_mark(mine: HighWaterMark | None, theirs: HighWaterMark | None) -> HighWaterMark | None:
    """The higher of two marks of one epoch; it keeps the newest signed time."""
    if mine is None or theirs is None:
        return mine or theirs
    if mine.scheme is not theirs.scheme:
        message = f"{mine} is of scheme {mine.scheme}, {theirs} of {theirs.scheme}, and the epoch is the same"
        raise refuse("version.unorderable", str(theirs), message)
    if mine.key == theirs.key and mine.digest != theirs.digest:
        message = f"version {mine} was accepted with {mine.digest} here and with {theirs.digest} there"
        raise refuse("version.equivocation", str(theirs), message)
    if theirs.key <= mine.key:
        return mine
    signed = max((each.signed_time for each in (mine, theirs) if each.signed_time is not None), default=None)
    return theirs if signed == theirs.signed_time else replace(theirs, signed_time=signed)


def _higher_floor(mine: Floor | None, theirs: Floor | None) -> Floor | None:
    """The higher of two floors of one epoch."""
    if mine is None or theirs is None:
        return mine or theirs
    if mine.scheme is not theirs.scheme:
        message = f"the floor {mine} is of scheme {mine.scheme}, {theirs} of {theirs.scheme}"
        raise refuse("version.unorderable", str(theirs), message)
    return theirs if theirs.key > mine.key else mine


def _union(mine: tuple[T, ...], theirs: tuple[T, ...]) -> tuple[T, ...]:
    return (*mine, *(item for item in theirs if item not in mine))
