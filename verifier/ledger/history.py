"""What is asked of a history: functions over the events and scopes of any store.

* `check` replays the history up to one moment's head from its beginning (`ledger.checker`), and compares head, scopes
  and newest time of that moment with what came of it; who writes meanwhile adds to its end, and is not taken for damage
* a ledger that was put back or emptied is found by a head that was kept elsewhere (`require_head`)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.ledger.checker import Checker
from verifier.ledger.interface import EventKind, Head, Layers, Ledger, LedgerEvent, Moment, TagName
from verifier.ledger.record import GENESIS, canonical, state_text
from verifier.ledger.view import KnownLayers, TagSeen
from verifier.versions.memory import IMAGE_INPUT
from verifier.versions.schemes import Scheme, order_key
from verifier.versions.state import ScopeState

_ACCEPTING = (EventKind.ACCEPTED, EventKind.IMPORT)


def check(ledger: Ledger) -> Moment:
    """Replay the whole history and compare it with the scopes; the moment that is sound, or `ledger.corrupt`."""
    return checked(ledger)[0]


def checked(ledger: Ledger) -> tuple[Moment, int]:
    """As `check`; and how many events there were."""
    moment, checker = ledger.scopes(), Checker()
    for entry in ledger.events(until=moment.head.sequence):
        try:
            checker.add(entry.text)
            if checker.last != _place(entry.head):
                raise ValueError("the chain breaks here")
        except ValueError as error:
            message = f"event {entry.head.sequence} ({entry.event.kind} in {entry.event.scope or 'all'}): {error}"
            raise refuse("ledger.corrupt", ledger.url, f"its history is not sound: {message}") from error
    try:
        require_reached(checker, moment)
    except ValueError as error:
        raise refuse("ledger.corrupt", ledger.url, f"its rows contradict each other: {error}") from error
    ledger.head()  # nothing follows that the head does not know
    return moment, checker.count


def require_reached(checker: Checker, moment: Moment) -> None:
    """Refuse a moment that the events do not lead to; raises `ValueError`."""
    if checker.head != _place(moment.head):
        sequence, digest = checker.head
        raise ValueError(f"the events lead to {sequence}@sha256:{digest}, the head is said to be {moment.head}")
    reached = {name: canonical(state) for name, state in checker.scopes.items()}
    if reached != {name: state_text(state) for name, state in moment.states}:
        raise ValueError("the scopes are not those that the events lead to")
    if checker.newest != moment.max_time_seen:
        raise ValueError(f"the newest time seen is {checker.newest}, and said to be {moment.max_time_seen}")


def _place(head: Head) -> tuple[int, str]:
    return (head.sequence, head.digest.value)


def history(ledger: Ledger, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:
    """The newest `limit` events (of one scope), oldest first."""
    return (entry.event for entry in ledger.events(scope, newest=limit))


def versions_of(ledger: Ledger, scope: str, content: Digest) -> tuple[tuple[str, str], ...]:
    """The versions that the scope knows `content` by, each with its scheme: the first two of them.

    There is at most one, and a second one shows that it was not always so.
    """
    found: dict[tuple[str, str], None] = {}
    for entry in ledger.events(scope, naming=content):
        event = entry.event
        if event.kind in _ACCEPTING and event.digest == content and event.version and event.scheme:
            found[event.version, event.scheme] = None
        if len(found) > 1:
            break
    return tuple(found)


def tag_seen(ledger: Ledger, scope: str, name: str) -> TagSeen | None:
    """What the scope was told last that the tag stands for, None where it was told nothing."""
    entry = next(ledger.events(scope, naming=TagName(name=name), newest=1), None)
    if entry is None or entry.event.tag is None:
        return None
    event, tag = entry.event, entry.event.tag
    return TagSeen(digest=tag.digest, place=entry.head.sequence, version=event.version, time=event.time)


def layers_kept(ledger: Ledger, scope: str, content: Digest, chains: Sequence[Digest]) -> tuple[Digest, ...]:
    """Those of `chains` that the scope knows as layers of `content`."""
    kept: set[Digest] = set()
    for entry in ledger.events(naming=Layers(chains=tuple(chains))):
        if (entry.event.scope, entry.event.digest) == (scope, content):
            kept.update(entry.event.layers)
        if kept.issuperset(chains):
            break
    return tuple(chain for chain in chains if chain in kept)


def known_layers(ledger: Ledger, chains: Sequence[Digest]) -> tuple[KnownLayers, ...]:
    """The accepted images, of any scope, whose layers have one of these ChainIDs, and whether they still stand."""
    found: dict[KnownLayers, None] = {}
    states: dict[str, ScopeState | None] = {}
    asked = frozenset(chains)
    for entry in ledger.events(naming=Layers(chains=tuple(chains))):
        event = entry.event
        if event.kind not in _ACCEPTING or event.digest is None:
            continue
        if event.scope not in states:
            states[event.scope] = ledger.fetch(event.scope).state
        stands = _stands(states[event.scope], event)
        for chain in asked.intersection(event.layers):
            known = KnownLayers(
                chain=chain, scope=event.scope, digest=event.digest, version=event.version, stands=stands
            )
            found[known] = None
    return tuple(found)


def _stands(state: ScopeState | None, event: LedgerEvent) -> bool:
    """Whether what an event has accepted is neither withdrawn since, nor below the floor, nor past comparing."""
    if state is None:
        return True
    images = (each.digest for each in event.inputs if each.kind == IMAGE_INPUT)
    if not {event.digest, *images}.isdisjoint(state.quarantined_digests):
        return False
    if event.version is None or event.scheme is None:
        return True
    scheme, floor, withdrawn = Scheme(event.scheme), state.floor, state.quarantined_versions
    if any(each.scheme is not scheme for each in withdrawn) or (floor is not None and floor.scheme is not scheme):
        return False
    key = order_key(scheme, event.version)
    if any(each.contains(key) for each in withdrawn):
        return False
    return floor is None or (event.epoch or 0, key) >= floor.key


def require_head(ledger: Ledger, expected: Head) -> None:
    """Refuse a ledger that never had the head `expected`: an older copy was put back, or it is another one."""
    if expected == GENESIS:
        return
    if not ledger.had(expected):
        message = f"its history ends at {ledger.head()} and never was at {expected}: an older or another copy"
        raise refuse("ledger.corrupt", ledger.url, message)


def max_time_seen(ledger: Ledger) -> datetime | None:
    """The newest time of an acceptance, here or where it was imported from: the same in the view of any scope."""
    return ledger.fetch("").max_time_seen
