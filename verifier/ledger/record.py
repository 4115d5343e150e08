"""States and events as text, and the chain that holds the history together. Pure.

* one value has one text: canonical JSON (sorted keys, no spaces, ASCII); any other spelling is refused
* unknown, missing and mistyped members are refused; what is told of tags, layers and scopes' own chains is left out
  where there is none
* each event's digest covers the digest before it, its own length and its text, so that an event that is
  changed, dropped, added or moved breaks every digest after it
* an event that changes a scope carries what it changed, and the digest of the state it led to: states can be made from
  events alone
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.verdict import Input
from verifier.formats.json import write
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import quoted
from verifier.ledger.interface import EventKind, Head, LedgerEvent
from verifier.versions.memory import MAX_LAYERS, Tag
from verifier.versions.schemes import Scheme
from verifier.versions.state import Effect, Floor, HighWaterMark, ScopeState, VersionRange

T = TypeVar("T")

MAX_RECORD_BYTES = 1024 * 1024
"""Bytes of one state or event as text: a scope with a full quarantine has about half of it."""
MAX_TEXT = 1_024
"""Characters of one free text of an event; longer ones are cut when the event is made."""

_DOMAIN = b"verifier/ledger/history/v1\n"
SHA256 = "sha256:"
"""How a digest begins in a text or a row."""

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
    digest = Digest(algorithm="sha256", value=link(previous.digest.value, event))
    return Head(sequence=previous.sequence + 1, digest=digest)


def link(previous: str, event: str) -> str:
    """The SHA-256 of the head after the event with the canonical text `event`, from that of the head before; in hex."""
    content = event.encode()
    covered = b"".join((_DOMAIN, bytes.fromhex(previous), len(content).to_bytes(8, "big"), content))
    return hashlib.sha256(covered).hexdigest()


def state_digest(text: str) -> Digest:
    """The digest of a state's canonical text, as events carry it."""
    return Digest(algorithm="sha256", value=_sha256(text))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def state_text(state: ScopeState) -> str:
    """The canonical text of a state."""
    return f'{{{_parts_text(state)},"revision":{state.revision}}}'


# An advance writes two of these texts, and a check every one of a history. Their members never vary, so that they are
# written in their sorted order, a fifth as long as sorting them anew takes; a test holds them to `canonical`.
def _parts_text(held: ScopeState | Effect) -> str:
    """What a state holds, and what an effect changes in it, in the same words."""
    mark, floor = held.mark, held.floor
    said = "null" if floor is None else _floor_text(floor)
    marked = "null" if mark is None else _mark_text(mark)
    digests = ",".join([_digest_text(each) for each in held.quarantined_digests])
    ranges = ",".join(map(_range_text, held.quarantined_versions))
    return f'"floor":{said},"mark":{marked},"quarantinedDigests":[{digests}],"quarantinedVersions":[{ranges}]'


def _mark_text(mark: HighWaterMark) -> str:
    return (
        f'{{"digest":{_digest_text(mark.digest)},"epoch":{mark.epoch},"scheme":"{mark.scheme}",'
        f'"seenAt":{_time_text(mark.seen_at)},"signedTime":{_time_text(mark.signed_time)},'
        f'"verdict":{_digest_text(mark.verdict)},"version":{quoted(mark.version)}}}'
    )


def _floor_text(floor: Floor) -> str:
    return f'{{"epoch":{floor.epoch},"scheme":"{floor.scheme}","version":{quoted(floor.version)}}}'


def _range_text(item: VersionRange) -> str:
    return f'{{"highest":{_text(item.highest)},"lowest":{_text(item.lowest)},"scheme":"{item.scheme}"}}'


def _digest_text(digest: Digest | None) -> str:
    return "null" if digest is None else quoted(f"{digest.algorithm}:{digest.value}")


def _time_text(moment: datetime | None) -> str:
    return "null" if moment is None else f'"{format_rfc3339(moment)}"'


def _text(text: str | None) -> str:
    return "null" if text is None else quoted(text)


def read_state(text: str) -> ScopeState:
    """Read a state's canonical text; raises `ValueError`."""
    state = read_members(_read_object(text), _read_state)
    _require_same(state_text(state), text)
    return state


def placed_text(event: LedgerEvent, sequence: int, effect: Effect | None, state: str | None) -> str:
    """The canonical text of an event as a store writes it: in its place, with its effect and the state's text."""
    return _event_text(event, sequence, effect, "null" if state is None else f'"{SHA256}{_sha256(state)}"')


def event_text(event: LedgerEvent) -> str:
    """The canonical text of an event that a store has written."""
    if event.sequence is None:
        raise ValueError("an event has no text before its place in the history is known")
    return _event_text(event, event.sequence, event.effect, _digest_text(event.state))


def _event_text(event: LedgerEvent, sequence: int, effect: Effect | None, state: str) -> str:
    layers = tag = ""
    if event.layers:
        layers = f'"layers":[{",".join(map(_digest_text, event.layers))}],'
    if event.tag is not None:
        told = event.tag
        tag = f'"tag":{{"after":{told.after},"digest":{_digest_text(told.digest)},"name":{quoted(told.name)}}},'
    beside = previous = ""
    if event.previous is not None or event.beside is not None:
        beside = f'"beside":{_text(None if event.beside is None else str(event.beside))},'
        previous = f'"previous":{_digest_text(event.previous)},'
    changed = "null" if effect is None else f"{{{_parts_text(effect)}}}"
    inputs = ",".join([f'{{"digest":{_digest_text(each.digest)},"kind":{quoted(each.kind)}}}' for each in event.inputs])
    return (
        f'{{"actor":{quoted(event.actor)},{beside}"comment":{quoted(event.comment)},'
        f'"correlationId":{quoted(event.correlation_id)},"detail":{quoted(event.detail)},'
        f'"digest":{_digest_text(event.digest)},"effect":{changed},'
        f'"epoch":{"null" if event.epoch is None else event.epoch},"inputs":[{inputs}],"kind":"{event.kind}",{layers}'
        f'"policy":{_digest_text(event.policy)},{previous}"reasons":[{",".join(map(quoted, event.reasons))}],'
        f'"ruleDigest":{_digest_text(event.rule)},"scheme":{_text(event.scheme)},"scope":{quoted(event.scope)},'
        f'"sequence":{sequence},"state":{state},{tag}"time":{_time_text(event.time)},'
        f'"timeSeen":{_time_text(event.time_seen)},"verdict":{_digest_text(event.verdict)},'
        f'"version":{_text(event.version)}}}'
    )


def read_event(text: str) -> LedgerEvent:
    """Read an event's canonical text; raises `ValueError`."""
    event = read_members(_read_object(text), _read_event)
    _require_same(event_text(event), text)
    return event


def read_members(members: dict[str, Any], read: Callable[[Fields], T]) -> T:
    """What `read` makes of an object's members; raises `ValueError`: who asks knows where the record stands."""
    try:
        return read(Fields(value=members, code="ledger.corrupt", subject="record", path=""))
    except Refused as refusal:
        raise ValueError(refusal.reasons[0].message) from refusal


def leads_to(event: str, scope: str, state: str) -> bool:
    """Whether an event's canonical text says that `scope` came to have the state with the text `state`.

    Looks without parsing, since every fetch does: inside a JSON text a quotation mark is escaped, so that only
    the members themselves can look like this.
    """
    return f',"scope":{quoted(scope)},' in event and f',"state":"{SHA256}{_sha256(state)}",' in event


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


def _read_state(fields: Fields) -> ScopeState:
    # A member that is missing is found where the state is written again: there it is null.
    return ScopeState(revision=fields.whole("revision"), **_read_parts(fields))


def _read_effect(fields: Fields | None) -> Effect | None:
    return None if fields is None else Effect(**_read_parts(fields))


def _read_parts(fields: Fields) -> dict[str, Any]:
    return {
        "mark": _read_mark(fields.optional_object("mark")),
        "floor": _read_floor(fields.optional_object("floor")),
        "quarantined_digests": fields.digests("quarantinedDigests", most=MAX_RECORD_BYTES),
        "quarantined_versions": tuple(map(_read_range, fields.objects("quarantinedVersions", most=MAX_RECORD_BYTES))),
    }


def _read_mark(fields: Fields | None) -> HighWaterMark | None:
    if fields is None:
        return None
    return HighWaterMark(
        epoch=fields.whole("epoch"),
        version=fields.string("version"),
        scheme=fields.choice("scheme", Scheme),
        digest=fields.digest("digest"),
        signed_time=fields.optional_moment("signedTime"),
        seen_at=fields.moment("seenAt"),
        verdict=fields.optional_digest("verdict"),
    )


def _read_floor(fields: Fields | None) -> Floor | None:
    if fields is None:
        return None
    return Floor(epoch=fields.whole("epoch"), version=fields.string("version"), scheme=fields.choice("scheme", Scheme))


def _read_range(fields: Fields) -> VersionRange:
    return VersionRange(
        lowest=fields.optional_string("lowest"),
        highest=fields.optional_string("highest"),
        scheme=fields.choice("scheme", Scheme),
    )


def _read_event(fields: Fields) -> LedgerEvent:
    return LedgerEvent(
        sequence=fields.whole("sequence"),
        time=fields.moment("time"),
        kind=fields.choice("kind", EventKind),
        scope=fields.string("scope"),
        version=fields.optional_string("version"),
        scheme=fields.optional_string("scheme"),
        epoch=fields.optional_whole("epoch"),
        digest=fields.optional_digest("digest"),
        reasons=fields.strings("reasons", most=MAX_RECORD_BYTES),
        detail=fields.string("detail"),
        comment=fields.string("comment"),
        actor=fields.string("actor"),
        correlation_id=fields.string("correlationId"),
        policy=fields.optional_digest("policy"),
        rule=fields.optional_digest("ruleDigest"),
        inputs=tuple(map(_read_input, fields.objects("inputs", most=MAX_RECORD_BYTES))),
        verdict=fields.optional_digest("verdict"),
        tag=_read_tag(fields.optional_object("tag")),
        layers=fields.digests("layers", most=MAX_LAYERS) if fields.value.get("layers") is not None else (),
        time_seen=fields.optional_moment("timeSeen"),
        effect=_read_effect(fields.optional_object("effect")),
        state=fields.optional_digest("state"),
        previous=fields.optional_digest("previous"),
        beside=None if (beside := fields.optional_string("beside")) is None else Head.parse(beside),
    )


def _read_tag(fields: Fields | None) -> Tag | None:
    if fields is None:
        return None
    return Tag(name=fields.string("name"), digest=fields.digest("digest"), after=fields.whole("after"))


def _read_input(fields: Fields) -> Input:
    return Input(kind=fields.text("kind"), digest=fields.digest("digest"))


def _require_same(written: str, text: str) -> None:
    """What a value does not carry (an unknown member, another spelling) must not have been there."""
    if written != text:
        raise ValueError("the record is not canonical: it has members or spellings that are not ours")
