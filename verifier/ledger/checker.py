"""A history judged from outside: replayed from its beginning, from nothing but the texts of its events. Pure.

* it accepts what the rules of docs/monotonicity.md could have done, and nothing else
* each event continues the chain, or its scope's own (`chains.heads`), is canonical, and changes only what its kind may
  change, where it may
* the state of each scope is made from the events; each event carries the digest of what came of it
* it asks neither the table of causes nor the values that stores write with: of the package it shares how versions
  order, and the one writer of JSON. Whatever it does not know is unsound

It raises `ValueError`, and then must not be asked again: what it holds is where everything was sound.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from verifier.formats.json.write import canonical
from verifier.ledger.chains.heads import Followed, linked
from verifier.versions.schemes import Scheme, order_key
from verifier.versions.state import MAX_EPOCH, MAX_QUARANTINED, hides_characters

Members = dict[str, Any]

_FIRST: Final = b"verifier/ledger/history/v1\n"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}\Z", re.ASCII)
_MEMBERS: Final = frozenset(
    {"actor", "comment", "correlationId", "detail", "digest", "effect", "epoch", "inputs", "kind", "policy", "reasons"}
    | {"ruleDigest", "scheme", "scope", "sequence", "state", "time", "timeSeen", "verdict", "version"}
)
_REMEMBERED: Final = frozenset({"layers", "tag"})
"""Members that are there only where there is something to tell."""
_LINKED: Final = frozenset({"beside", "previous"})
"""Members of an event that stands in its scope's own chain: both, or neither."""
_EFFECT: Final = frozenset({"floor", "mark", "quarantinedDigests", "quarantinedVersions"})
_INPUT: Final = frozenset({"digest", "kind"})
_MARK: Final = frozenset({"digest", "epoch", "scheme", "seenAt", "signedTime", "verdict", "version"})
_TAG: Final = frozenset({"after", "digest", "name"})
_TAG_NAME: Final = re.compile(r"[A-Za-z0-9._:/\[\]-]{1,768}\Z", re.ASCII)
_MOST_LAYERS: Final = 64
_FLOOR: Final = frozenset({"epoch", "scheme", "version"})
_RANGE: Final = frozenset({"highest", "lowest", "scheme"})
_MAY_CHANGE: Final = {
    "accepted": {"mark"},
    "denied": set[str](),
    "floor": {"floor"},
    "quarantine": {"quarantinedDigests", "quarantinedVersions"},
    "import": {"mark", "floor", "quarantinedDigests", "quarantinedVersions"},
}


class Checker:
    """`scopes` are the states as JSON objects, `newest` is the newest time seen."""

    __slots__ = ("_chains", "_known", "_tags", "newest", "scopes")

    def __init__(self) -> None:
        self._chains = Followed((0, hashlib.sha256(_FIRST).hexdigest()))
        self.scopes: dict[str, Members] = {}
        self.newest: datetime | None = None
        self._known: dict[tuple[str, str], tuple[Scheme, Any]] = {}
        self._tags: dict[tuple[str, str], int] = {}

    @property
    def head(self) -> tuple[int, str]:
        """The ledger's head: a place, and a SHA-256 in hex."""
        return self._chains.head

    @property
    def last(self) -> tuple[int, str]:
        """The newest event's place, and its digest in the chain that it stands in."""
        return self._chains.last

    @property
    def count(self) -> int:
        """How many events were taken in."""
        return self._chains.count

    def add(self, text: str) -> None:
        """Take in the next event's text; raises `ValueError` where no rule led to it."""
        try:
            self._add(text)
        except (TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            raise ValueError(f"it is of another shape: {error}") from error

    def _add(self, text: str) -> None:
        event = json.loads(text)
        own = not _LINKED.isdisjoint(event)
        _object(event, _MEMBERS | (_REMEMBERED & event.keys()) | (_LINKED if own else frozenset()))
        _demand(canonical(event) == text, "it is not canonical")
        _require_types(event)
        end = self._end(event, text, own=own)
        tag = self._tag(event)
        after = self._after(event)
        digest = None if after is None else f"sha256:{hashlib.sha256(canonical(after).encode()).hexdigest()}"
        _demand(event["state"] == digest, "its state is not the one that it leads to")
        moved = self._time(event)
        # Nothing is kept of an event before all of it was judged.
        self._chains.take(event["scope"] if own else None, end)
        if after is not None:
            self.scopes[event["scope"]] = after
        if event["version"] is not None and (after is not None or event["kind"] == "import"):
            self._known.setdefault((event["scope"], event["digest"]), _ordered(event))
        if tag is not None:
            self._tags[event["scope"], tag] = end[0]
        if moved is not None and (self.newest is None or moved > self.newest):
            self.newest = moved

    def _end(self, event: Members, text: str, *, own: bool) -> tuple[int, str]:
        """Where the event leads, in its scope's own chain or in the one of all scopes."""
        if own:
            self._chains.require_linked(event["scope"], event["sequence"], event["previous"], event["beside"])
            return event["sequence"], linked(text)
        _demand(not self._chains.forked, "it does not name the event before it in its scope")
        sequence, before = self.last[0] + 1, bytes.fromhex(self.last[1])
        _demand(event["sequence"] == sequence, f"it says to be event {event['sequence']}")
        content = text.encode()
        covered = _FIRST + before + len(content).to_bytes(8, "big") + content
        return sequence, hashlib.sha256(covered).hexdigest()

    def _after(self, event: Members) -> Members | None:
        """The state that an event leads to, None where it changes nothing."""
        kind, scope = event["kind"], event["scope"]
        _demand(kind in _MAY_CHANGE, f"there are no events of kind {kind!r}")
        _demand(_is_scope(scope) or (scope == "" and kind == "import"), f"{scope!r} names no scope")
        held = self.scopes.get(scope)
        if kind == "accepted":
            _demand(not event["reasons"], "it has reasons against what it accepts")
        elif kind in {"floor", "quarantine"}:
            _demand(event["version"] is None, "an order accepts nothing")
        if event["effect"] is None:
            _demand(kind != "accepted" or _repeats(held, event), "what it accepts again does not stand")
            if kind == "import" and event["version"] is not None:
                self._adds(event)
            return None
        effect = _object(event["effect"], _EFFECT)
        changed = {name for name, value in effect.items() if value not in (None, [])}
        _demand(bool(changed), "its effect is none")
        _demand(changed <= _MAY_CHANGE[kind], f"an event of kind {kind} changes no {', '.join(sorted(changed))}")
        if effect["mark"] is not None:
            self._require_mark(event, effect["mark"], held)
        elif kind == "import":
            _demand(event["version"] is None, "it names a version, and moves no mark")
        _require_restrictions(effect, held)
        after = _applied(held, effect)
        _require_one_order(after)
        return after

    def _require_mark(self, event: Members, mark: Members, held: Members | None) -> None:
        _object(mark, _MARK)
        for name in ("version", "scheme", "epoch", "digest"):
            _demand(mark[name] == event[name], f"the mark's {name} is not what the event says")
        _demand(_whole(mark["epoch"], MAX_EPOCH), "its epoch is none")
        signed, last = _moment(mark["signedTime"]), held and held["mark"]
        _demand(_moment(mark["seenAt"]) is not None, "the mark says no time")
        _demand(mark["verdict"] is None or _is_digest(mark["verdict"]), "the mark's verdict is no digest")
        if last:
            _demand(mark["epoch"] == last["epoch"], "the epoch is another, which nobody approved")
            _demand(_is_above(mark, last), "the mark does not move up")
            before = _moment(last["signedTime"])
            _demand(before is None or (signed is not None and signed >= before), "the signed time goes back")
        self._adds(event)
        if event["kind"] == "accepted":
            _demand(
                (mark["seenAt"], mark["verdict"]) == (event["time"], event["verdict"]), "the mark is of another time"
            )
            _demand(mark["epoch"] == _epoch(held), "the epoch is not the scope's")
            _demand(_may_stand(held, event), "it lies below the floor, or is withdrawn")
            if mark["scheme"] == "signed-time":
                _demand(signed is not None and (signed,) >= _place(mark)[1], "nobody states that signed time")

    def _tag(self, event: Members) -> str | None:
        """The tag of which an event tells; none that was told of since is overlooked."""
        if not _REMEMBERED & event.keys():
            return None
        _demand(event["kind"] in {"accepted", "import"} and _is_digest(event["digest"]), "it accepts no image")
        if "layers" in event:
            layers = _list(event["layers"])
            _demand(0 < len(layers) <= _MOST_LAYERS and all(map(_is_digest, layers)), "its layers are no ChainIDs")
            _demand(len(set(layers)) == len(layers), "layers are named twice")
        if "tag" not in event:
            return None
        tag = _object(event["tag"], _TAG)
        name = tag["name"]
        _demand(isinstance(name, str) and _TAG_NAME.match(name) is not None, "its tag is none")
        _demand(_is_digest(tag["digest"]) and type(tag["after"]) is int, "its tag stands for nothing")
        before = self._tags.get((event["scope"], name), 0)
        _demand(tag["after"] == before, f"the tag was told of in event {before}, which it does not know")
        return str(name)

    def _adds(self, event: Members) -> None:
        """Content is known by one version; a signed time is no label."""
        _demand(_is_digest(event["digest"]), "content has no digest")
        _demand(_whole(event["epoch"], MAX_EPOCH), "its epoch is none")
        known, named = self._known.get((event["scope"], event["digest"])), _ordered(event)
        _demand(known in {None, named} or named[0] is Scheme.SIGNED_TIME, "its content is known as another version")

    def _time(self, event: Members) -> datetime | None:
        moment, imported = _moment(event["time"]), _moment(event["timeSeen"])
        _demand(moment is not None, "it says no time")
        _demand(imported is None or event["kind"] == "import", f"an event of kind {event['kind']} moves no other time")
        return moment if event["kind"] == "accepted" else imported


def _require_types(event: Members) -> None:
    """What no rule looks at is what a reader expects all the same."""
    for name in ("actor", "comment", "correlationId", "detail", "kind", "scope"):
        _demand(isinstance(event[name], str), f"its {name} is no text")
    for name in ("digest", "scheme", "version"):
        _demand(event[name] is None or isinstance(event[name], str), f"its {name} is no text")
    for judged in _list(event["inputs"]):
        kind = _object(judged, _INPUT)["kind"]
        _demand(_is_digest(judged["digest"]) and isinstance(kind, str) and kind != "", "its inputs are none")
    for name in ("policy", "ruleDigest", "verdict"):
        _demand(event[name] is None or _is_digest(event[name]), f"its {name} is no digest")
    _demand(event["epoch"] is None or type(event["epoch"]) is int, "its epoch is no number")
    _demand(all(isinstance(code, str) for code in _list(event["reasons"])), "its reasons are no codes")


def _require_restrictions(effect: Members, held: Members | None) -> None:
    floor, last = effect["floor"], held and held["floor"]
    if floor is not None:
        _object(floor, _FLOOR)
        _demand(_whole(floor["epoch"], MAX_EPOCH), "its epoch is none")
        if held and (held["mark"] or held["floor"]):
            _demand(floor["epoch"] == _epoch(held), "the floor's epoch is not the scope's")
        _demand(not last or _is_above(floor, last), "the floor does not rise")
    for digest in _list(effect["quarantinedDigests"]):
        _demand(_is_digest(digest), f"{digest!r} is no digest")
    for withdrawn in _list(effect["quarantinedVersions"]):
        ends = [order_key(Scheme(withdrawn["scheme"]), end) for end in _ends(withdrawn)]
        _demand(bool(ends) and ends[0] <= ends[-1], "the withdrawn range is empty")


def _applied(held: Members | None, effect: Members) -> Members:
    before = held or {"floor": None, "mark": None, "quarantinedDigests": [], "quarantinedVersions": [], "revision": 0}
    after = {"revision": before["revision"] + 1} | {name: effect[name] or before[name] for name in ("floor", "mark")}
    for name in ("quarantinedDigests", "quarantinedVersions"):
        after[name] = before[name] + effect[name]
        distinct = {canonical(item) for item in after[name]} if effect[name] else after[name]
        _demand(len(distinct) == len(after[name]) <= MAX_QUARANTINED, "it is withdrawn already, or too much is")
    return after


def _require_one_order(state: Members) -> None:
    """Everything in a scope is of one scheme, and its mark and floor of one epoch."""
    parts = [part for part in (state["mark"], state["floor"]) if part]
    _demand(len({part["epoch"] for part in parts}) < 2, "mark and floor are of two epochs")
    schemes = {part["scheme"] for part in (*parts, *state["quarantinedVersions"])}
    _demand(len(schemes) < 2, "the scope has versions of two schemes")


def _repeats(held: Members | None, event: Members) -> bool:
    """Whether an acceptance that changes nothing is true."""
    if event["version"] is None:
        ordered = held and (held["mark"] or held["floor"] or held["quarantinedVersions"])
        withdrawn = held["quarantinedDigests"] if held else []
        return not ordered and (not withdrawn or event["digest"] not in {None, *withdrawn})
    mark = held and held["mark"]
    if not mark or any(mark[name] != event[name] for name in ("scheme", "epoch", "digest")):
        return False
    return _place(event) == _place(mark) and _may_stand(held, event)


def _may_stand(held: Members | None, event: Members) -> bool:
    """Whether floor and quarantine let an event's version and content be accepted."""
    if held is None:
        return True
    if held["floor"] and (event["scheme"] != held["floor"]["scheme"] or _is_above(held["floor"], event)):
        return False
    key = _place(event)[1]
    return event["digest"] not in held["quarantinedDigests"] and not any(
        (each["lowest"] is None or order_key(Scheme(each["scheme"]), each["lowest"]) <= key)
        and (each["highest"] is None or key <= order_key(Scheme(each["scheme"]), each["highest"]))
        for each in held["quarantinedVersions"]
        if each["scheme"] == event["scheme"]
    )


def _is_above(part: Members, other: Members) -> bool:
    _demand(part["scheme"] == other["scheme"], "versions of two schemes do not compare")
    return bool(_place(part) > _place(other))


def _place(part: Members) -> tuple[int, Any]:
    """What marks and floors order by; raises `ValueError` for a version that has no order."""
    return (part["epoch"], _ordered(part)[1])


def _ordered(part: Members) -> tuple[Scheme, Any]:
    _demand(isinstance(part["version"], str), "a version is a text")
    scheme = Scheme(part["scheme"])
    return scheme, order_key(scheme, part["version"])


def _epoch(held: Members | None) -> int:
    part = (held["mark"] or held["floor"]) if held else None
    return int(part["epoch"]) if part else 0


def _ends(withdrawn: object) -> Iterator[str]:
    found = _object(withdrawn, _RANGE)
    for name in ("lowest", "highest"):
        if found[name] is not None:
            _demand(isinstance(found[name], str), "an end of a range is a version")
            yield found[name]


def _is_scope(scope: object) -> bool:
    kind, colon, name = scope.partition(":") if isinstance(scope, str) else ("", "", "")
    return bool(kind and colon and name) and not hides_characters(f"{kind}:{name}")


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.match(value) is not None


def _whole(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _moment(text: object) -> datetime | None:
    """The time that a canonical text says."""
    if text is None:
        return None
    _demand(isinstance(text, str) and text.endswith("Z"), f"{text!r} is no time")
    moment = datetime.fromisoformat(f"{str(text)[:-1]}+00:00")
    _demand(f"{moment.isoformat()[:-6]}Z" == text, f"{text!r} is no time")
    return moment


def _object(value: object, names: frozenset[str]) -> Members:
    _demand(isinstance(value, dict) and value.keys() == names, f"it has not the members {', '.join(sorted(names))}")
    return value  # type: ignore[return-value]


def _list(value: object) -> list[Any]:
    _demand(isinstance(value, list), "what is withdrawn is a list")
    return value  # type: ignore[return-value]


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
