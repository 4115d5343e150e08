"""Chains of a scope each, and the one head over them: for stores whose writers wait for nobody of another scope. Pure.

* a history begins with one chain that holds all scopes together (`ledger.record.chain`): the trunk, which may be empty
* from its end on each scope has a chain of its own: an event names the digest of the event before it in its scope
  (`previous`), the trunk's end where there is none; its own digest covers its length and its text, so that one too
* it names the newest event besides, of whatever scope, that stood when it was written (`beside`): the end of one scope
  is not cut off without a trace in the others
* places only rise, with gaps where a writer gave up; what a head covers is every event up to its place
* the head is the trunk's end where no scope goes on from there; else the place of the newest event, and a digest over
  the trunk's end and the end of each scope's chain, sorted by the scope's name in UTF-8
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

End = tuple[int, str]
"""The place of an event and its digest, a SHA-256 in hex."""

LINK_DOMAIN: Final = b"verifier/ledger/history/v2\n"
HEADS_DOMAIN: Final = b"verifier/ledger/heads/v1\n"


def linked(text: str) -> str:
    """The digest, in hex, of an event whose canonical text names the one before it."""
    content = text.encode()
    return hashlib.sha256(b"".join((LINK_DOMAIN, len(content).to_bytes(8, "big"), content))).hexdigest()


def over(trunk: End, ends: Mapping[str, End]) -> End:
    """The head of a ledger: `ends` are those of its scopes' chains."""
    if not ends:
        return trunk
    covered = hashlib.sha256(HEADS_DOMAIN + trunk[0].to_bytes(8, "big") + bytes.fromhex(trunk[1]))
    for name, (place, digest) in sorted((name.encode(), end) for name, end in ends.items()):
        covered.update(len(name).to_bytes(4, "big") + name + place.to_bytes(8, "big") + bytes.fromhex(digest))
    return max(place for place, _ in ends.values()), covered.hexdigest()


class Followed:
    """Chains as a history is read, from its first event. Raises `ValueError` where one breaks.

    `last` is the newest event's place and digest, `count` how many events there were.
    """

    __slots__ = ("_digests", "_ends", "_trunk", "count", "last")

    def __init__(self, trunk: End) -> None:
        self._trunk = self.last = trunk
        self._ends: dict[str, End] = {}
        self._digests: dict[int, str] = {trunk[0]: trunk[1]}
        self.count = 0

    @property
    def head(self) -> End:
        """The head over what was taken in."""
        return over(self._trunk, self._ends)

    @property
    def forked(self) -> bool:
        """Whether scopes have chains of their own by now."""
        return bool(self._ends)

    def end(self, scope: str) -> End:
        """The end of a scope's chain: the trunk's where it has none of its own."""
        return self._ends.get(scope, self._trunk)

    def require_linked(self, scope: str, place: object, previous: object, beside: object) -> None:
        """Refuse an event that does not go on from where its scope's chain ends."""
        if type(place) is not int or not self.last[0] < place < 2**63:
            raise ValueError(f"it says to be event {place!r}, after event {self.last[0]}")
        before = self.end(scope)
        if previous != f"sha256:{before[1]}":
            raise ValueError(f"it does not follow event {before[0]}, the newest of its scope")
        if not isinstance(beside, str) or not self._stood(beside):
            raise ValueError(f"it was written beside {beside!r}, which no event before it led to")

    def _stood(self, beside: str) -> bool:
        place, _, digest = beside.partition("@")
        known = self._digests.get(int(place)) if place.isascii() and place.isdigit() and len(place) < 20 else None
        return known is not None and beside == f"{int(place)}@sha256:{known}" and digest != ""

    def take(self, scope: str | None, end: End) -> None:
        """Go on: the trunk for None, the scope's chain else."""
        self.last, self.count = end, self.count + 1
        if scope is None:
            self._trunk, self._digests = end, {end[0]: end[1]}
        else:
            self._ends[scope] = end
            self._digests[end[0]] = end[1]
