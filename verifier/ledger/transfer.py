"""Carrying a ledger elsewhere: for backup, for a second machine, for moving to another back end.

* an export is one consistent moment of the ledger, and the same ledger gives the same document
* an import only restricts: marks, floors, quarantine and time move up, or stay
* an import happens in whole or not at all
* two digests for one version, here and there, are `version.equivocation` and import nothing, even below the marks
* a time later than now is refused (`clock.skew`): it would stop the ledger until then
* importing again changes nothing
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

from verifier.core.clock import format_rfc3339
from verifier.core.errors import refuse
from verifier.core.value import Value, replace
from verifier.ledger.advance import Circumstances, event_of
from verifier.ledger.document import Export, header_line, read_document, scope_line
from verifier.ledger.interface import Change, EventKind, Head, Ledger, Moment
from verifier.ledger.record import GENESIS, chain
from verifier.ledger.view import MAX_TRIES
from verifier.versions.restrict import merge

SKEW = timedelta(minutes=5)
"""How far the other ledger's clock may run ahead; as in `VersionRules`."""


class Imported(Value):
    """What an import did: the head of the document, and the scopes that it changed."""

    head: Head
    scopes: tuple[str, ...]


def export_ledger(ledger: Ledger, moment: Moment | None = None) -> Iterator[str]:
    """The lines of the document, each with its newline; `ledger.corrupt` where the history does not hold.

    `moment` is which one is exported (`Ledger.scopes`), by default the newest.
    """
    moment = ledger.scopes() if moment is None else moment
    yield header_line(moment.head, moment.max_time_seen, len(moment.states)) + "\n"
    for name, state in moment.states:
        yield scope_line(name, state) + "\n"
    reached = GENESIS
    for entry in ledger.events(until=moment.head.sequence):
        reached = chain(reached, entry.text)
        yield entry.text + "\n"
    if reached != moment.head:
        raise refuse("ledger.corrupt", ledger.url, f"its events lead to {reached}, its head is {moment.head}")


def import_ledger(ledger: Ledger, stream: BinaryIO, circumstances: Circumstances) -> Imported:
    """Merge an exported document into `ledger`; the document is read and judged before anything is written."""
    document = read_document(stream)
    _require_past(document, circumstances.now)
    for _ in range(MAX_TRIES):
        # The moment comes first: what is accepted after it is either in the events that are read next, or has moved a
        # scope that is not written then.
        moment = ledger.scopes()
        _require_agreement(ledger, document)
        changes = tuple(_changes(moment, document, circumstances))
        if not changes or ledger.swap(changes, max_time_seen=document.max_time_seen):
            changed = tuple(change.event.scope for change in changes if change.state is not None)
            return Imported(head=document.head, scopes=changed)
    raise refuse("ledger.locked", ledger.url, f"other writers were faster {MAX_TRIES} times in a row")


def _changes(moment: Moment, document: Export, circumstances: Circumstances) -> Iterator[Change]:
    detail = f"from {document.head}"
    here, moved = dict(moment.states), False
    for name, theirs in document.states:
        mine = here.get(name)
        merged = merge(mine, theirs)
        if merged == mine:
            continue
        moved = True
        event = replace(event_of(EventKind.IMPORT, name, circumstances), detail=detail)
        if merged.mark is not None:
            mark = merged.mark
            event = replace(event, version=mark.version, scheme=mark.scheme, epoch=mark.epoch, digest=mark.digest)
        yield Change(state=merged, expected_revision=None if mine is None else mine.revision, event=event)
    if not moved and _is_later(document.max_time_seen, moment.max_time_seen):
        yield Change(event=replace(event_of(EventKind.IMPORT, "", circumstances), detail=detail))


def _require_agreement(ledger: Ledger, document: Export) -> None:
    accepted = document.accepted.copy()
    for entry in ledger.events():
        accepted.add(entry.event)


def _require_past(document: Export, now: datetime) -> None:
    marks = (state.mark for _, state in document.states if state.mark is not None)
    times = [document.max_time_seen, *(moment for mark in marks for moment in (mark.seen_at, mark.signed_time))]
    newest = max((moment for moment in times if moment is not None), default=now)
    if newest - now > SKEW:
        message = f"now is {format_rfc3339(now)}, the document has seen {format_rfc3339(newest)}"
        raise refuse("clock.skew", str(document.head), message)


def _is_later(theirs: datetime | None, mine: datetime | None) -> bool:
    return theirs is not None and (mine is None or theirs > mine)
