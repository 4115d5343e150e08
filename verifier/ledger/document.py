"""An exported ledger as a document: JSON Lines, the same bytes for the same ledger. Pure.

The first line is the header (schema, head, newest time seen, number of scopes), then one line a scope, sorted
by name, then the events as the ledger holds them, from the first. Guarantees:

* a document is read whole or refused (`ledger.corrupt`), with the line that is wrong
* its events form one chain that ends in the header's head, and each could have come about (`ledger.checker`)
* its scopes and its newest time are exactly those that its events led to
* one version names one digest in all that it says was accepted, else `version.equivocation`
* every line, and their number, is bounded before it is read further
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.value import Value, replace
from verifier.formats.json.fields import Fields
from verifier.ledger.checker import Checker
from verifier.ledger.history import require_reached
from verifier.ledger.interface import EventKind, Head, LedgerEvent, Moment
from verifier.ledger.record import (
    MAX_RECORD_BYTES,
    canonical,
    read_canonical,
    read_event,
    read_members,
    read_state,
    state_text,
)
from verifier.versions.schemes import OrderKey, Scheme, order_key
from verifier.versions.state import ScopeState

SCHEMA = "verifier/ledger/v1"
MAX_SCOPES = 100_000
"""Scopes of one document: more than any fleet names artifacts."""
MAX_EVENTS = 10_000_000
"""Events of one document: ten years of a decision every half a minute."""


class Export(Value):
    """What a document says, once all of it holds together."""

    head: Head
    max_time_seen: datetime | None
    states: tuple[tuple[str, ScopeState], ...]
    events: int
    accepted: Accepted


class Accepted:
    """Which content every accepted (scope, epoch, version) names, and by which version a scope knows content; what tags
    stand for, and whose layers are known."""

    __slots__ = ("_contents", "_digests", "_layers", "_tags")

    def __init__(self) -> None:
        self._digests: dict[OrderKey, LedgerEvent] = {}
        self._contents: dict[tuple[str, Digest], LedgerEvent] = {}
        self._tags: dict[tuple[str, str], LedgerEvent] = {}
        self._layers: dict[tuple[str, Digest | None, Digest], LedgerEvent] = {}

    def add(self, event: LedgerEvent) -> None:
        """Take in one event; `version.equivocation` where it contradicts another, `ValueError` for nonsense."""
        if event.tag is not None:
            self._tags[event.scope, event.tag.name] = event
        for chain in event.layers:
            self._layers.setdefault((event.scope, event.digest, chain), event)
        if event.kind not in {EventKind.ACCEPTED, EventKind.IMPORT} or event.version is None:
            return  # a policy may order nothing: then nothing is pinned
        if event.scheme is None or event.epoch is None or event.digest is None:
            raise ValueError("an acceptance says what was accepted")
        scheme = Scheme(event.scheme)
        other = self._digests.setdefault(_place_of(event, scheme), event)
        if other.digest != event.digest:
            message = (
                f"version {other.version} was accepted with {other.digest}, and as {event.version} with {event.digest}"
            )
            raise refuse("version.equivocation", _shown(event), message)
        other = self._contents.setdefault((event.scope, event.digest), event)
        if (
            scheme is not Scheme.SIGNED_TIME
            and _place_of(other, Scheme(str(other.scheme)))[2:] != _place_of(event, scheme)[2:]
        ):
            message = f"{event.digest} was accepted as version {other.version}, and as {event.version}"
            raise refuse("version.relabelled", _shown(event), message)

    def unknown_to(self, other: Accepted) -> Iterator[LedgerEvent]:
        """The contents that `other` does not know, each by the event that made it known, in a scope's own order."""
        missing = [event for place, event in self._contents.items() if place not in other._contents]
        return iter(sorted(missing, key=lambda event: (event.scope, event.sequence or 0)))

    def images_unknown_to(self, other: Accepted) -> Iterator[LedgerEvent]:
        """What is told of tags and layers of which `other` knows nothing, by events that tell of nothing else besides.

        What a tag stands for here and there may differ: what `other` knows of it stays.
        """
        tags = {id(event): event.tag for place, event in self._tags.items() if place not in other._tags}
        layers: dict[int, list[Digest]] = {}
        for (scope, content, chain), event in self._layers.items():
            if (scope, content, chain) not in other._layers:
                layers.setdefault(id(event), []).append(chain)
        for event in dict.fromkeys((*self._tags.values(), *self._layers.values())):
            tag, chains = tags.get(id(event)), tuple(layers.get(id(event), ()))
            if tag is not None or chains:
                yield replace(event, tag=None if tag is None else replace(tag, after=0), layers=chains)

    def copy(self) -> Accepted:
        """An independent one with the same content."""
        other = Accepted()
        other._digests, other._contents = dict(self._digests), dict(self._contents)
        other._tags, other._layers = dict(self._tags), dict(self._layers)
        return other


def _place_of(event: LedgerEvent, scheme: Scheme) -> OrderKey:
    return (event.scope, event.epoch, scheme, order_key(scheme, str(event.version)))


def _shown(event: LedgerEvent) -> str:
    return f"{event.scope} {event.epoch}:{event.version}"


def header_line(head: Head, max_time_seen: datetime | None, scopes: int) -> str:
    """The first line."""
    seen = None if max_time_seen is None else format_rfc3339(max_time_seen)
    return canonical({"schema": SCHEMA, "head": str(head), "maxTimeSeen": seen, "scopes": scopes})


def scope_line(name: str, state: ScopeState) -> str:
    """The line of one scope."""
    return canonical({"scope": name, "state": read_canonical(state_text(state))})


def read_document(stream: BinaryIO, take: Callable[[LedgerEvent], object] = lambda _: None) -> Export:
    """Read a whole document; `Refused` with the line that is wrong.

    `take` is told each event as it is read, before it is known whether all of it holds together.
    """
    lines = _Lines(stream)
    try:
        return _read(lines, take)
    except ValueError as error:
        hint = "Give the file that `verify ledger export` wrote, whole."
        raise refuse("ledger.corrupt", f"line {lines.number}", f"not an exported ledger: {error}", hint) from error
    except OSError as error:
        raise refuse("input.unreadable", "export", f"it cannot be read: {error.strerror}") from error


def _read(lines: _Lines, take: Callable[[LedgerEvent], object]) -> Export:
    head, max_time_seen, count = read_members(read_canonical(lines.required()), _read_header)
    states = dict(_read_scopes(lines, count))
    checker, accepted = _read_events(lines, take)
    require_reached(checker, Moment(head=head, max_time_seen=max_time_seen, states=tuple(states.items())))
    return Export(
        head=head, max_time_seen=max_time_seen, states=tuple(states.items()), events=checker.count, accepted=accepted
    )


def _read_header(header: Fields) -> tuple[Head, datetime | None, int]:
    header.exactly("schema", "head", "maxTimeSeen", "scopes")
    if header.string("schema") != SCHEMA:
        raise ValueError(f"the schema is {SCHEMA}, not {header.string('schema')!r}")
    count = header.whole("scopes")
    if not 0 <= count <= MAX_SCOPES:
        raise ValueError(f"a ledger has 0 to {MAX_SCOPES} scopes, not {count}")
    return Head.parse(header.string("head")), header.optional_moment("maxTimeSeen"), count


def _read_scopes(lines: _Lines, count: int) -> Iterator[tuple[str, ScopeState]]:
    previous = ""
    for _ in range(count):
        scope, state = read_members(read_canonical(lines.required()), _read_scope)
        if scope <= previous:
            raise ValueError("the scopes are not sorted, or one comes twice")
        previous = scope
        yield scope, state


def _read_scope(line: Fields) -> tuple[str, ScopeState]:
    line.exactly("scope", "state")
    return line.string("scope"), read_state(canonical(line.value["state"]))


def _read_events(lines: _Lines, take: Callable[[LedgerEvent], object]) -> tuple[Checker, Accepted]:
    checker, accepted = Checker(), Accepted()
    while (line := lines.following()) is not None:
        event = read_event(line)
        checker.add(line)
        if checker.count > MAX_EVENTS:
            raise ValueError(f"a document has at most {MAX_EVENTS} events")
        accepted.add(event)
        take(event)
    return checker, accepted


class _Lines:
    """Lines that end in a newline, bounded, and counted for messages."""

    __slots__ = ("_stream", "number")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0

    def following(self) -> str | None:
        line = self._stream.readline(MAX_RECORD_BYTES + 2)
        if not line:
            return None
        self.number += 1
        if not line.endswith(b"\n"):
            raise ValueError("the line is too long, or the document ends in the middle of it")
        return line[:-1].decode("ascii")

    def required(self) -> str:
        line = self.following()
        if line is None:
            raise ValueError("the document ends too early")
        return line
