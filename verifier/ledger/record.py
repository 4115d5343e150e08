"""States and events as text, and the chain that holds the history together. Pure.

* one value has one text: canonical JSON (sorted keys, no spaces, ASCII); any other spelling is refused
* unknown, missing and mistyped members are refused
* each event's digest covers the digest before it, its own length and its text, so that an event that is
  changed, dropped, added or moved breaks every digest after it
* an event that changes a scope carries the digest of the state it led to
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from verifier.core.clock import format_rfc3339, parse_rfc3339
from verifier.core.digest import Digest
from verifier.formats.json import write
from verifier.ledger.interface import EventKind, Head, LedgerEvent
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, HighWaterMark, ScopeState, VersionRange

MAX_RECORD_BYTES = 1024 * 1024
"""Bytes of one state or event as text: a scope with a full quarantine has about half of it."""
MAX_TEXT = 1_024
"""Characters of one free text of an event; longer ones are cut when the event is made."""

_DOMAIN = b"verifier/ledger/history/v1\n"

GENESIS = Head(sequence=0, digest=Digest.of(_DOMAIN))
"""The head of a history without events."""


def canonical(members: object) -> str:
    """The one text of a record."""
    return write.canonical(members)


def read_canonical(text: str) -> dict[str, Any]:
    """Read an object that is written canonically; raises `ValueError` for any other text."""
    members = _read_object(text)
    # Writing it again finds duplicate keys, spaces, other orders and other spellings of numbers in one go.
    _require_same(canonical(members), text)
    return members


def chain(previous: Head, event: str) -> Head:
    """The head after the event with the canonical text `event`."""
    content = event.encode()
    previous_digest = bytes.fromhex(previous.digest.value)
    covered = b"".join((_DOMAIN, previous_digest, len(content).to_bytes(8, "big"), content))
    return Head(sequence=previous.sequence + 1, digest=Digest.of(covered))


def state_digest(text: str) -> Digest:
    """The digest of a state's canonical text, as events carry it."""
    return Digest.of(text.encode())


def state_text(state: ScopeState) -> str:
    """The canonical text of a state."""
    mark, floor = state.mark, state.floor
    return canonical(
        {
            "revision": state.revision,
            "mark": mark
            and {
                "epoch": mark.epoch,
                "version": mark.version,
                "scheme": mark.scheme,
                "digest": str(mark.digest),
                "signedTime": mark.signed_time and format_rfc3339(mark.signed_time),
                "seenAt": format_rfc3339(mark.seen_at),
                "verdict": mark.verdict and str(mark.verdict),
            },
            "floor": floor and {"epoch": floor.epoch, "version": floor.version, "scheme": floor.scheme},
            "quarantinedDigests": [str(digest) for digest in state.quarantined_digests],
            "quarantinedVersions": [
                {"lowest": item.lowest, "highest": item.highest, "scheme": item.scheme}
                for item in state.quarantined_versions
            ],
        }
    )


def read_state(text: str) -> ScopeState:
    """Read a state's canonical text; raises `ValueError`."""
    record = Members(_read_object(text))
    state = ScopeState(
        revision=record.whole("revision"),
        mark=_read_mark(record.inner("mark")),
        floor=_read_floor(record.inner("floor")),
        quarantined_digests=tuple(Digest.parse(item) for item in record.texts("quarantinedDigests")),
        quarantined_versions=tuple(_read_range(item) for item in record.inners("quarantinedVersions")),
    )
    _require_same(state_text(state), text)
    return state


def placed_text(event: LedgerEvent, sequence: int, state: str | None) -> str:
    """The canonical text of an event as a store writes it: in its place, with the text of the state it leads to."""
    return _event_text(event, sequence, None if state is None else state_digest(state))


def event_text(event: LedgerEvent) -> str:
    """The canonical text of an event that a store has written."""
    if event.sequence is None:
        raise ValueError("an event has no text before its place in the history is known")
    return _event_text(event, event.sequence, event.state)


def _event_text(event: LedgerEvent, sequence: int, state: Digest | None) -> str:
    return canonical(
        {
            "sequence": sequence,
            "time": format_rfc3339(event.time),
            "kind": event.kind,
            "scope": event.scope,
            "version": event.version,
            "scheme": event.scheme,
            "epoch": event.epoch,
            "digest": event.digest and str(event.digest),
            "reasons": list(event.reasons),
            "detail": event.detail,
            "comment": event.comment,
            "actor": event.actor,
            "correlationId": event.correlation_id,
            "policy": event.policy and str(event.policy),
            "verdict": event.verdict and str(event.verdict),
            "state": state and str(state),
        }
    )


def read_event(text: str) -> LedgerEvent:
    """Read an event's canonical text; raises `ValueError`."""
    record = Members(_read_object(text))
    event = LedgerEvent(
        sequence=record.whole("sequence"),
        time=parse_rfc3339(record.text("time")),
        kind=EventKind(record.text("kind")),
        scope=record.text("scope"),
        version=record.text_or_none("version"),
        scheme=record.text_or_none("scheme"),
        epoch=None if record.is_null("epoch") else record.whole("epoch"),
        digest=record.digest_or_none("digest"),
        reasons=record.texts("reasons"),
        detail=record.text("detail"),
        comment=record.text("comment"),
        actor=record.text("actor"),
        correlation_id=record.text("correlationId"),
        policy=record.digest_or_none("policy"),
        verdict=record.digest_or_none("verdict"),
        state=record.digest_or_none("state"),
    )
    _require_same(event_text(event), text)
    return event


def leads_to(event: str, scope: str, state: str) -> bool:
    """Whether an event's canonical text says that `scope` came to have the state with the text `state`.

    Looks without parsing, since every fetch does: inside a JSON text a quotation mark is escaped, so that only
    the members themselves can look like this.
    """
    return f',"scope":{canonical(scope)},' in event and f',"state":"{state_digest(state)}",' in event


def _read_object(text: str) -> dict[str, Any]:
    if len(text) > MAX_RECORD_BYTES:
        raise ValueError(f"a record has at most {MAX_RECORD_BYTES} bytes")
    try:
        members = json.loads(text)
    except RecursionError as error:
        raise ValueError("the record is nested too deeply") from error
    if not isinstance(members, dict):
        raise ValueError(  # noqa: TRY004 - hostile text, not a caller's mistake
            "the record is not an object"
        )
    return members


def _read_mark(record: Members | None) -> HighWaterMark | None:
    if record is None:
        return None
    return HighWaterMark(
        epoch=record.whole("epoch"),
        version=record.text("version"),
        scheme=Scheme(record.text("scheme")),
        digest=Digest.parse(record.text("digest")),
        signed_time=record.time_or_none("signedTime"),
        seen_at=parse_rfc3339(record.text("seenAt")),
        verdict=record.digest_or_none("verdict"),
    )


def _read_floor(record: Members | None) -> Floor | None:
    if record is None:
        return None
    return Floor(epoch=record.whole("epoch"), version=record.text("version"), scheme=Scheme(record.text("scheme")))


def _read_range(record: Members) -> VersionRange:
    return VersionRange(
        lowest=record.text_or_none("lowest"),
        highest=record.text_or_none("highest"),
        scheme=Scheme(record.text("scheme")),
    )


def _require_same(written: str, text: str) -> None:
    """What a value does not carry (an unknown member, another spelling) must not have been there."""
    if written != text:
        raise ValueError("the record is not canonical: it has members or spellings that are not ours")


class Members:
    """The members of one JSON object, each asked for with the type it must have."""

    __slots__ = ("_members",)

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = members

    def _of(self, name: str, kind: type) -> Any:
        value = self._members.get(name)
        if type(value) is not kind:  # `isinstance` would take true for a number
            raise ValueError(f"{name} must be {kind.__name__}")
        return value

    def require_only(self, *names: str) -> None:
        """Refuse an object with other members than these."""
        if self._members.keys() != set(names):
            raise ValueError(f"the members are {', '.join(names)}, not {', '.join(sorted(self._members))}")

    def is_null(self, name: str) -> bool:
        """Whether the member is there and null."""
        return name in self._members and self._members[name] is None

    def whole(self, name: str) -> int:
        """A whole number."""
        return int(self._of(name, int))

    def text(self, name: str) -> str:
        """A text."""
        return str(self._of(name, str))

    def text_or_none(self, name: str) -> str | None:
        """A text or null."""
        return None if self.is_null(name) else self.text(name)

    def time_or_none(self, name: str) -> datetime | None:
        """A time or null."""
        return None if self.is_null(name) else parse_rfc3339(self.text(name))

    def digest_or_none(self, name: str) -> Digest | None:
        """A digest or null."""
        return None if self.is_null(name) else Digest.parse(self.text(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        items = self._of(name, list)
        if not all(type(item) is str for item in items):
            raise ValueError(f"{name} must hold texts")
        return tuple(items)

    def inner(self, name: str) -> Members | None:
        """An object or null."""
        return None if self.is_null(name) else Members(self._of(name, dict))

    def inners(self, name: str) -> tuple[Members, ...]:
        """A list of objects."""
        items = self._of(name, list)
        if not all(type(item) is dict for item in items):
            raise ValueError(f"{name} must hold objects")
        return tuple(Members(item) for item in items)
