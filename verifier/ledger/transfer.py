"""Carrying a ledger elsewhere: for backup, for a second machine, for moving to another back end.

* an export is one consistent moment of the ledger, and the same ledger gives the same document
* an import only restricts: marks, floors, quarantine and time move up, or stay, in the epoch that is
* a later epoch than the scope's is `ledger.epoch-unapproved`: it would let older versions follow
* what the document knows by a version is known here too from then on, and what it knows of tags that nobody has told of
  here, and of layers
* the document's head says whose it is: another one than was expected is `ledger.unvouched`
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
from verifier.ledger.chains.reached import Reached
from verifier.ledger.document import Accepted, Export, header_line, read_document, scope_line
from verifier.ledger.interface import Change, EventKind, Head, Ledger, LedgerEvent, Moment
from verifier.ledger.view import MAX_TRIES
from verifier.versions.restrict import merge
from verifier.versions.state import ScopeState

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
    reached = Reached()
    for entry in ledger.events(until=moment.head.sequence):
        try:
            reached.add(entry)
        except ValueError as error:
            raise refuse("ledger.corrupt", ledger.url, f"event {entry.head.sequence}: {error}") from error
        yield entry.text + "\n"
    if reached.head != moment.head:
        raise refuse("ledger.corrupt", ledger.url, f"its events lead to {reached.head}, its head is {moment.head}")


def import_ledger(
    ledger: Ledger, stream: BinaryIO, circumstances: Circumstances, *, expect_head: Head | None
) -> Imported:
    """Merge an exported document into `ledger`; the document is read and judged before anything is written.

    `expect_head` is the head that was kept of it; `ledger.unvouched` for a document with another one. None: nobody
    vouches for it, and it may deny whatever it likes.
    """
    document = _judged(stream, circumstances, expect_head)
    for _ in range(MAX_TRIES):
        changes = _needed(ledger, document, circumstances)
        if not changes or ledger.swap(changes):
            changed = tuple(change.event.scope for change in changes if change.state is not None)
            return Imported(head=document.head, scopes=changed)
    raise refuse("ledger.locked", ledger.url, f"other writers were faster {MAX_TRIES} times in a row")


def would_import(
    ledger: Ledger, stream: BinaryIO, circumstances: Circumstances, *, expect_head: Head | None
) -> tuple[tuple[str, ScopeState], ...]:
    """Where the scopes would stand that `import_ledger` would move now; nothing is written."""
    document = _judged(stream, circumstances, expect_head)
    changes = _needed(ledger, document, circumstances)
    return tuple((change.event.scope, change.state) for change in changes if change.state is not None)


def _judged(stream: BinaryIO, circumstances: Circumstances, expect_head: Head | None) -> Export:
    document = read_document(stream)
    if expect_head is not None:
        require_vouched(document, expect_head)
    _require_past(document, circumstances.now)
    return document


def _needed(ledger: Ledger, document: Export, circumstances: Circumstances) -> tuple[Change, ...]:
    # The moment comes first: what is accepted after it is either in the events that are read next, or has moved a
    # scope that is not written then.
    moment = ledger.scopes()
    unknown, images = _require_agreement(ledger, document)
    return (
        *_changes(moment, document, unknown, circumstances),
        *(Change(event=_told(circumstances, document, each)) for each in images),
    )


def require_vouched(document: Export, head: Head) -> None:
    """Refuse a document that is not the one that the kept head is of (`ledger.unvouched`)."""
    if document.head != head:
        message = f"the document's head is {document.head}, expected {head}"
        raise refuse("ledger.unvouched", str(document.head), message, "Use the export that this head was kept of.")


def _changes(
    moment: Moment, document: Export, unknown: tuple[LedgerEvent, ...], circumstances: Circumstances
) -> tuple[Change, ...]:
    """An event for each content that is not known here by its version, and one for each scope that moves."""
    imported = replace(event_of(EventKind.IMPORT, "", circumstances), detail=f"from {document.head}")
    here, moves = dict(moment.states), []
    for name, theirs in document.states:
        mine = here.get(name)
        merged = merge(mine, theirs)
        if merged == mine:
            continue
        event, mark = replace(imported, scope=name), merged.mark
        if mark is not None and (mine is None or mark != mine.mark):
            event = replace(event, version=mark.version, scheme=mark.scheme, epoch=mark.epoch, digest=mark.digest)
        moves.append(Change(state=merged, expected_revision=None if mine is None else mine.revision, event=event))
    moved = {(move.event.scope, move.event.digest) for move in moves}
    said = [Change(event=_known(imported, each)) for each in unknown if (each.scope, each.digest) not in moved]
    if not _is_later(document.max_time_seen, moment.max_time_seen):
        return (*said, *moves)
    return (Change(event=replace(imported, time_seen=document.max_time_seen)), *said, *moves)


def _known(imported: LedgerEvent, by: LedgerEvent) -> LedgerEvent:
    """The event that makes content known here as it is there."""
    return replace(imported, scope=by.scope, version=by.version, scheme=by.scheme, epoch=by.epoch, digest=by.digest)


def _told(circumstances: Circumstances, document: Export, by: LedgerEvent) -> LedgerEvent:
    """The event that tells here of a tag and of layers what the document knows."""
    imported = replace(event_of(EventKind.IMPORT, by.scope, circumstances), detail=f"from {document.head}")
    return replace(_known(imported, by), tag=by.tag, layers=by.layers, inputs=by.inputs if by.layers else ())


def _require_agreement(ledger: Ledger, document: Export) -> tuple[tuple[LedgerEvent, ...], tuple[LedgerEvent, ...]]:
    """What the document knows and this ledger does not: contents, then tags and layers; `Refused` where they contradict
    each other."""
    together, here = document.accepted.copy(), Accepted()
    for entry in ledger.events():
        together.add(entry.event)
        here.add(entry.event)
    return tuple(document.accepted.unknown_to(here)), tuple(document.accepted.images_unknown_to(here))


def _require_past(document: Export, now: datetime) -> None:
    marks = (state.mark for _, state in document.states if state.mark is not None)
    times = [document.max_time_seen, *(moment for mark in marks for moment in (mark.seen_at, mark.signed_time))]
    newest = max((moment for moment in times if moment is not None), default=now)
    if newest - now > SKEW:
        message = f"now is {format_rfc3339(now)}, the document has seen {format_rfc3339(newest)}"
        raise refuse("clock.skew", str(document.head), message)


def _is_later(theirs: datetime | None, mine: datetime | None) -> bool:
    return theirs is not None and (mine is None or theirs > mine)
