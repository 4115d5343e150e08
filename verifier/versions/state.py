"""What a ledger remembers of one scope, as values. Pure.

A scope may have a floor or a quarantine before anything was accepted in it; what was accepted is the
`HighWaterMark`. Specification: docs/monotonicity.md.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TypeVar

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.text.marks import in_epoch
from verifier.core.value import Value
from verifier.versions.schemes import OrderKey, Scheme, order_key

T = TypeVar("T")

MAX_SCOPE_BYTES = 1_024
"""Bytes of one scope's name: a kind, an artifact's name and a channel."""
MAX_QUARANTINED = 512
"""Digests, and version ranges, that one scope may quarantine: bounds what every decision reads."""
# Controls, soft hyphen, marks of direction, zero width, line and paragraph ends, surrogates, private use, tags.
HIDDEN = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E),
    (0x2060, 0x206F), (0xD800, 0xF8FF), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFB), (0xE0000, 0x10FFFF),
)  # fmt: skip
"""Code points, first and last of each range, that no scope's name in a history may hold."""
_HIDDEN = "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in HIDDEN) + "]"
MAX_EPOCH = 2**31 - 1
"""An epoch is raised by hand: whatever is beyond this is not one."""


def scope_name(reference: str, channel: str | None = None) -> str:
    """The scope of an artifact: `kind:name`, and `@channel` where the policy names one.

    Raises `ConfigurationError` for a name that could be confused with another or cannot be stored.
    """
    if channel is not None and (not channel or "@" in channel):
        raise ConfigurationError(f"a channel is a name without '@', not {channel!r}", where="channel")
    name = reference if channel is None else f"{reference}@{channel}"
    kind, colon, rest = reference.partition(":")
    if not (kind and colon and rest):
        raise ConfigurationError(f"a scope is kind:name, not {reference!r}", where="scope")
    if not (name.isascii() and name.isprintable()) and _invisible(name):
        raise ConfigurationError(f"a scope has no invisible characters: {name!r}", where="scope")
    if len(name.encode()) > MAX_SCOPE_BYTES:
        raise ConfigurationError(f"a scope has at most {MAX_SCOPE_BYTES} bytes", where="scope")
    return name


def _invisible(name: str) -> bool:
    """Categories C: control, format (bidirectional overrides), surrogate, private use, unassigned."""
    import unicodedata  # noqa: PLC0415 - most names are ASCII, and its table is a megabyte to load

    return any(unicodedata.category(character)[0] == "C" for character in name)


def hides_characters(name: str) -> bool:
    """Whether a stored name holds a control, or an invisible or bidirectional character: the same for every reader.

    What `scope_name` refuses besides depends on the release of Unicode, so that no reader may ask it of a history.
    """
    return not (name.isascii() and name.isprintable()) and re.search(_HIDDEN, name) is not None


class Floor(Value):
    """The lowest acceptable (epoch, version), set by an operator."""

    epoch: int = 0
    version: str
    scheme: Scheme

    def __post_init__(self) -> None:
        _require_epoch(self.epoch)
        order_key(self.scheme, self.version)

    @property
    def key(self) -> OrderKey:
        """What floors of one scheme order by."""
        return (self.epoch, order_key(self.scheme, self.version))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.version}"


class VersionRange(Value):
    """Withdrawn versions, both ends included, in every epoch; None is an open end."""

    lowest: str | None
    highest: str | None
    scheme: Scheme

    def __post_init__(self) -> None:
        ends = [order_key(self.scheme, end) for end in (self.lowest, self.highest) if end is not None]
        if not ends:
            raise ValueError("a range of versions has at least one end")
        if ends[0] > ends[-1]:
            raise ValueError(f"the range ends before it begins: {self.lowest!r} > {self.highest!r}")

    def contains(self, key: OrderKey) -> bool:
        """Whether the version of the same scheme that orders by `key` is withdrawn."""
        if self.lowest is not None and key < order_key(self.scheme, self.lowest):
            return False
        return self.highest is None or key <= order_key(self.scheme, self.highest)

    def __str__(self) -> str:
        return f"{self.lowest or ''}..{self.highest or ''}"


class HighWaterMark(Value):
    """The newest that was accepted: its version, its content, when, and by which verdict."""

    epoch: int
    version: str
    scheme: Scheme
    digest: Digest
    signed_time: datetime | None = None
    seen_at: datetime
    verdict: Digest | None = None

    def __post_init__(self) -> None:
        _require_epoch(self.epoch)
        order_key(self.scheme, self.version)
        _require_sha256(self.digest)
        if self.seen_at.tzinfo is None or (self.signed_time is not None and self.signed_time.tzinfo is None):
            raise ValueError("a time without an offset cannot be compared")

    @property
    def key(self) -> OrderKey:
        """What marks of one scheme order by."""
        return (self.epoch, order_key(self.scheme, self.version))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.version}"


def spoken(place: HighWaterMark | Floor) -> str:
    """What was accepted last, or a floor, as people say it."""
    return in_epoch(place.epoch, place.version)


class ScopeState(Value):
    """One scope. `revision` counts its changes from 1 and is what a compare-and-swap compares."""

    revision: int
    mark: HighWaterMark | None = None
    floor: Floor | None = None
    quarantined_digests: tuple[Digest, ...] = ()
    quarantined_versions: tuple[VersionRange, ...] = ()

    def __post_init__(self) -> None:
        if self.revision < 1:
            raise ValueError("a revision counts from 1")
        if max(len(self.quarantined_digests), len(self.quarantined_versions)) > MAX_QUARANTINED:
            raise ValueError(f"a scope quarantines at most {MAX_QUARANTINED} digests and as many ranges")
        for digest in self.quarantined_digests:
            _require_sha256(digest)

    @property
    def epoch(self) -> int:
        """The scope's current epoch: the mark's, else the floor's."""
        if self.mark is not None:
            return self.mark.epoch
        return self.floor.epoch if self.floor is not None else 0


class Effect(Value):
    """What one event changes in a scope: what it sets anew, and what it adds to the quarantine."""

    mark: HighWaterMark | None = None
    floor: Floor | None = None
    quarantined_digests: tuple[Digest, ...] = ()
    quarantined_versions: tuple[VersionRange, ...] = ()

    @classmethod
    def between(cls, before: ScopeState | None, after: ScopeState) -> Effect:
        """What leads from one state to the other; raises `ValueError` where it would take something away."""
        revision, mark, floor = (before.revision, before.mark, before.floor) if before is not None else (0, None, None)
        if after.revision != revision + 1:
            raise ValueError(f"revision {after.revision} does not follow {revision}")
        if (mark is not None and after.mark is None) or (floor is not None and after.floor is None):
            raise ValueError("a mark or a floor would be taken away")
        digests, ranges = (before.quarantined_digests, before.quarantined_versions) if before is not None else ((), ())
        return cls(
            mark=None if after.mark == mark else after.mark,
            floor=None if after.floor == floor else after.floor,
            quarantined_digests=_added(digests, after.quarantined_digests),
            quarantined_versions=_added(ranges, after.quarantined_versions),
        )


def _added(before: tuple[T, ...], after: tuple[T, ...]) -> tuple[T, ...]:
    if before is after:
        return ()
    if after[: len(before)] != before or len(set(after)) < len(after):
        raise ValueError("the quarantine only grows, at its end, by what it does not hold yet")
    return after[len(before) :]


def _require_epoch(epoch: int) -> None:
    if not 0 <= epoch <= MAX_EPOCH:
        raise ValueError(f"an epoch is a whole number from 0 to {MAX_EPOCH}, not {epoch}")


def _require_sha256(digest: Digest) -> None:
    if digest.algorithm != "sha256":
        raise ValueError(f"a ledger holds sha256 digests, not {digest.algorithm!r}")
