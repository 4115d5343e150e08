"""What an event may change follows from its kind: the one table of causes, which every store asks before it writes. Pure.

| kind | may change | where |
|---|---|---|
| accepted | the mark, to what it says was accepted; the newest time seen | in the scope's epoch, above the mark, not below the floor, not withdrawn, of content that is not known under another version |
| accepted, of what stands | nothing; the newest time seen | it is the mark, still not below the floor and not withdrawn; without a version only where nothing orders the scope |
| denied | nothing | |
| floor | the floor, upwards | in the scope's epoch; in any, where nothing has an epoch yet |
| quarantine | the quarantine, by more | |
| import | the mark and the floor, upwards, and the quarantine, by more; the newest time seen | in the scope's epoch; in any, where nothing has an epoch yet |

No kind raises an epoch that a mark or a floor has: that takes a signed approval, which no event of this release carries.
Mark, floor and quarantine of a scope are of one scheme. What a tag stands for, and layers, are told with an acceptance or
an import alone; that nobody has told of the tag meanwhile, the store says. What is written can be read again (`require_readable`).

PostgreSQL has the same table in SQL (`postgres.causes`), and `ledger.checker` knows it by heart: neither asks this one.
"""  # noqa: E501 - a table

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from verifier.core.errors import Refused, refuse
from verifier.core.value import Value
from verifier.ledger.interface import EventKind, LedgerEvent
from verifier.ledger.record import MAX_TEXT
from verifier.versions.memory import require_layers
from verifier.versions.schemes import OrderKey, Scheme, order_key
from verifier.versions.state import (
    MAX_SCOPE_BYTES,
    Effect,
    Floor,
    HighWaterMark,
    ScopeState,
    hides_characters,
)

_NOTHING = Effect()


class Known(Value):
    """The version that a scope knows content by."""

    scheme: Scheme
    version: str

    @classmethod
    def of(cls, event: LedgerEvent) -> Known | None:
        """What an event adds to what its scope knows."""
        if event.version is None or event.scheme is None:
            return None
        return cls(scheme=Scheme(event.scheme), version=event.version)

    def is_other_than(self, event: LedgerEvent) -> bool:
        """Whether the content has another version here. A signed time is no label: content may be signed anew."""
        if event.version is None or event.scheme is None or event.scheme == Scheme.SIGNED_TIME:
            return False
        scheme = Scheme(event.scheme)
        return scheme is not self.scheme or order_key(scheme, event.version) != order_key(scheme, self.version)


def adds_content(event: LedgerEvent, effect: Effect | None) -> bool:
    """Whether the scope knows the event's content by its version from then on."""
    if event.kind is EventKind.IMPORT:
        return event.version is not None
    return event.kind is EventKind.ACCEPTED and effect is not None


def effect_of(
    before: ScopeState | None, event: LedgerEvent, after: ScopeState | None, known: Known | None
) -> Effect | None:
    """What `event` changes, None for nothing; `ledger.unsound` where an event of its kind cannot have led there.

    `known` is what the scope knows the event's content by, None where it does not know it.
    """
    try:
        require_readable(event)
        effect = None if after is None else Effect.between(before, after)
        if effect == _NOTHING:
            raise ValueError("a new revision of the scope says nothing new")
        _CAUSES[event.kind](before, event, effect)
        if known is not None and adds_content(event, effect) and known.is_other_than(event):
            raise ValueError(f"{event.digest} is known as version {known.version}, not {event.version}")
    except ValueError as error:
        raise unsound(event, error) from error
    return effect


def stands(state: ScopeState | None, event: LedgerEvent) -> bool:
    """Whether an acceptance that changes nothing is of what stands, and still may be."""
    if event.version is None:
        return state is None or (not _schemes(state) and not _is_withdrawn(state, event))
    mark = None if state is None else state.mark
    if state is None or mark is None or (event.epoch, event.digest) != (mark.epoch, mark.digest):
        return False
    try:
        key = order_key(mark.scheme, event.version)
        return event.scheme == mark.scheme and key == mark.key[1] and _obstacle(state, mark, key) is None
    except ValueError:
        return False


def require_readable(event: LedgerEvent) -> None:
    """Refuse what a reader of the history would stumble over; raises `ValueError`."""
    scope = event.scope
    if scope or event.kind is not EventKind.IMPORT:
        kind, colon, name = scope.partition(":")
        if not (kind and colon and name) or len(scope.encode(errors="surrogatepass")) > MAX_SCOPE_BYTES:
            raise ValueError(f"a scope is kind:name, of at most {MAX_SCOPE_BYTES} bytes, not {scope[:80]!r}")
        if hides_characters(scope):
            raise ValueError(f"a scope has no characters that do not show: {scope!r}")
    longest = max(map(len, (event.version or "", event.detail, event.comment, event.actor, event.correlation_id)))
    if longest > MAX_TEXT:
        raise ValueError(f"a text of an event has at most {MAX_TEXT} characters, not {longest}")
    _require_memory(event)


def unsound(event: LedgerEvent, error: ValueError) -> Refused:
    """The refusal of an event, ready to be raised."""
    message = f"nothing was written: an event of kind {event.kind} cannot lead there: {error}"
    return refuse("ledger.unsound", event.scope or "ledger", message)


def _require_memory(event: LedgerEvent) -> None:
    """What a tag stands for, and layers, are told of what was accepted, here or where it comes from."""
    if event.tag is None and not event.layers:
        return
    if event.kind not in {EventKind.ACCEPTED, EventKind.IMPORT} or event.digest is None:
        raise ValueError("it accepts no image whose tag or layers it could tell of")
    require_layers(event.layers)


def _accepted(before: ScopeState | None, event: LedgerEvent, effect: Effect | None) -> None:
    if event.reasons or event.time_seen is not None:
        raise ValueError("what is accepted has no reasons against it, and says no other time than its own")
    if effect is None:
        return  # `stands` says whether it is true
    mark = effect.mark
    if mark is None or effect.floor is not None or effect.quarantined_digests or effect.quarantined_versions:
        raise ValueError("it moves the mark and nothing else")
    said = (event.version, event.scheme, event.epoch, event.digest, event.time, event.verdict)
    if said != (mark.version, mark.scheme, mark.epoch, mark.digest, mark.seen_at, mark.verdict):
        raise ValueError("the mark is not what it says was accepted")
    if mark.epoch != (before.epoch if before is not None else 0):
        raise ValueError(f"epoch {mark.epoch} is not the scope's")
    if mark.scheme is Scheme.SIGNED_TIME and (mark.signed_time is None or (mark.signed_time,) < mark.key[1]):
        raise ValueError("the version is a signed time that nobody states")
    _require_higher(None if before is None else before.mark, mark)
    if before is not None and (obstacle := _obstacle(before, mark, mark.key[1])) is not None:
        raise ValueError(obstacle)


def _denied(before: ScopeState | None, event: LedgerEvent, effect: Effect | None) -> None:  # noqa: ARG001 - as the others
    if effect is not None or event.time_seen is not None:
        raise ValueError("it changes nothing")


def _floor(before: ScopeState | None, event: LedgerEvent, effect: Effect | None) -> None:
    _require_order(event)
    if effect is None:
        return
    if effect.floor is None or effect != Effect(floor=effect.floor):
        raise ValueError("it raises the floor and nothing else")
    _require_restriction(before, effect)


def _quarantine(before: ScopeState | None, event: LedgerEvent, effect: Effect | None) -> None:
    _require_order(event)
    if effect is None:
        return
    if effect.mark is not None or effect.floor is not None:
        raise ValueError("it adds to the quarantine and nothing else")
    _require_restriction(before, effect)


def _import(before: ScopeState | None, event: LedgerEvent, effect: Effect | None) -> None:
    if event.version is None:
        if effect is not None and effect.mark is not None:
            raise ValueError("a mark has its version in the event")
    elif event.digest is None or event.digest.algorithm != "sha256" or event.scheme is None or event.epoch is None:
        raise ValueError("content is known by its version, scheme, epoch and digest")
    else:
        Floor(epoch=event.epoch, version=event.version, scheme=Scheme(event.scheme))  # it can be ordered
    if effect is None:
        return
    if (mark := effect.mark) is None:
        if event.version is not None:
            raise ValueError("it names a version, and moves no mark to it")
    else:
        said = (event.version, event.scheme, event.epoch, event.digest)
        if said != (mark.version, mark.scheme, mark.epoch, mark.digest):
            raise ValueError("the mark is not what it says was accepted")
        _require_higher(None if before is None else before.mark, mark)
    _require_restriction(before, effect)


_CAUSES: Mapping[EventKind, Callable[[ScopeState | None, LedgerEvent, Effect | None], None]] = MappingProxyType(
    {
        EventKind.ACCEPTED: _accepted,
        EventKind.DENIED: _denied,
        EventKind.FLOOR: _floor,
        EventKind.QUARANTINE: _quarantine,
        EventKind.IMPORT: _import,
    }
)


def _require_order(event: LedgerEvent) -> None:
    if event.version is not None or event.time_seen is not None:
        raise ValueError("an order accepts nothing, and says no other time than its own")


def _require_higher(before: HighWaterMark | None, after: HighWaterMark) -> None:
    if before is None:
        return
    if before.scheme is not after.scheme or after.key <= before.key:
        raise ValueError(f"the mark {after} ({after.scheme}) is not above {before} ({before.scheme})")
    if before.signed_time is not None and (after.signed_time is None or after.signed_time < before.signed_time):
        raise ValueError("the newest signed time goes back")


def _require_restriction(before: ScopeState | None, effect: Effect) -> None:
    """Floor and quarantine become stricter, in the epoch and the scheme that the scope has."""
    epochs = {part.epoch for part in (effect.mark, effect.floor) if part is not None}
    if before is not None and (before.mark is not None or before.floor is not None):
        epochs.add(before.epoch)
    if len(epochs) > 1:
        raise ValueError(f"it would put epoch {max(epochs)} beside {min(epochs)}")
    schemes = {part.scheme for part in (effect.mark, effect.floor, *effect.quarantined_versions) if part is not None}
    if before is not None:
        schemes |= _schemes(before)
    if len(schemes) > 1:
        raise ValueError(f"it would mix the schemes {', '.join(sorted(schemes))}")
    lowest = before.floor if before is not None else None
    if effect.floor is not None and lowest is not None and effect.floor.key <= lowest.key:
        raise ValueError(f"the floor {effect.floor} is not above {lowest}")


def _obstacle(state: ScopeState, mark: HighWaterMark, key: OrderKey) -> str | None:
    """Why `state` lets nothing be accepted as `mark`, whose version orders by `key`; None where it does."""
    if _schemes(state) - {mark.scheme}:
        return f"the scope's versions are not of scheme {mark.scheme}"
    if state.floor is not None and (mark.epoch, key) < state.floor.key:
        return f"{mark} lies below the floor {state.floor}"
    if mark.digest in state.quarantined_digests:
        return f"{mark.digest} is withdrawn"
    withdrawn = next((each for each in state.quarantined_versions if each.contains(key)), None)
    return None if withdrawn is None else f"{mark} lies in the withdrawn range {withdrawn}"


def _is_withdrawn(state: ScopeState, event: LedgerEvent) -> bool:
    return bool(state.quarantined_digests) and (event.digest is None or event.digest in state.quarantined_digests)


def _schemes(state: ScopeState) -> set[Scheme]:
    return {part.scheme for part in (state.mark, state.floor, *state.quarantined_versions) if part is not None}
