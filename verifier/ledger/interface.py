"""What a store of scopes must do: fetch, create, replace. Back ends share no code, only a contract suite.

* a change is a compare-and-swap: it happens in whole, with its event, or not at all (False)
* the history is append-only; every event is chained to the one before it (`ledger.record`)
* the newest time seen never decreases; acceptances move it, denials and operators do not
* what goes wrong with the store is `Refused`: `ledger.unavailable`, `ledger.corrupt` or `ledger.locked`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.ledger.view import View
from verifier.versions.state import ScopeState


class EventKind(StrEnum):
    """What happened."""

    ACCEPTED = "accepted"
    DENIED = "denied"
    FLOOR = "floor"
    QUARANTINE = "quarantine"
    IMPORT = "import"


class LedgerEvent(Value):
    """One line of the history.

    `sequence` counts from 1 and `state` is the digest of the scope's state afterwards, None where nothing
    changed: the store gives an event both when it writes it. `scope` is empty where an import concerns the
    whole ledger. `version` may be hostile text where `kind` is DENIED. `reasons` are codes. `detail` says what
    an operator did, `comment` why.
    """

    sequence: int | None = None
    time: datetime
    kind: EventKind
    scope: str
    version: str | None = None
    scheme: str | None = None
    epoch: int | None = None
    digest: Digest | None = None
    reasons: tuple[str, ...] = ()
    detail: str = ""
    comment: str = ""
    actor: str = ""
    correlation_id: str = ""
    policy: Digest | None = None
    verdict: Digest | None = None
    state: Digest | None = None


class Head(Value):
    """The end of the history: keep it elsewhere, and a ledger that was put back is found out."""

    sequence: int
    digest: Digest

    def __str__(self) -> str:
        return f"{self.sequence}@{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read `sequence@sha256:hex`; raises `ValueError`."""
        sequence, at, digest = text.partition("@")
        if not (at and sequence.isascii() and sequence.isdigit() and len(sequence) <= 18):
            raise ValueError(f"a ledger's head is written sequence@sha256:hex, not {text!r}")
        parsed = Digest.parse(digest)
        if parsed.algorithm != "sha256":
            raise ValueError(f"a ledger's head is a sha256, not {parsed.algorithm!r}")
        return cls(sequence=int(sequence), digest=parsed)


class Change(Value):
    """One event, and the state of its scope that it leads to (None: it changes no scope).

    `expected_revision` is what the state replaces, None where the scope must not exist yet. Without a state it may say
    at which revision the event is true: one that repeats an acceptance is not written once that has been overtaken.
    """

    event: LedgerEvent
    state: ScopeState | None = None
    expected_revision: int | None = None


class Ledger(Protocol):
    """A durable store of scopes. One object may be used by several threads, not across a fork."""

    @property
    def url(self) -> str:
        """Where it is, without secrets."""

    @property
    def findings(self) -> tuple[Reason, ...]:
        """Warnings about the place that the store lies in."""

    def fetch(self, scope: str) -> View:
        """The newest committed view of one scope."""

    def create(self, scope: str, state: ScopeState, event: LedgerEvent) -> bool:
        """Make a scope, the event's, that does not exist; False where it does."""

    def replace(self, scope: str, state: ScopeState, *, expected_revision: int, event: LedgerEvent) -> bool:
        """Replace the event's scope where it has `expected_revision`; False where it has another or does not exist."""

    def swap(self, changes: Sequence[Change], *, max_time_seen: datetime | None = None) -> bool:
        """Make all changes, each to the scope of its event, or none; and raise the newest time seen."""

    def append(self, event: LedgerEvent) -> None:
        """Add an event that changes no scope: a denial, or what was accepted before."""

    def scopes(self) -> tuple[str, ...]:
        """The names of all scopes, sorted."""

    def history(self, scope: str | None = None, *, limit: int | None = None) -> Iterator[LedgerEvent]:
        """The newest `limit` events (of one scope), oldest first."""

    def head(self) -> Head:
        """The end of the history."""

    def max_time_seen(self) -> datetime | None:
        """The newest time of an acceptance."""

    def check(self) -> int:
        """Walk the whole history and compare it with the scopes; the number of events, or `ledger.corrupt`."""

    def require_head(self, expected: Head) -> None:
        """`ledger.corrupt` where the ledger never had the head `expected`."""

    def close(self) -> None:
        """Let go of the store; nothing else may be called afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def time_moved_by(event: LedgerEvent) -> datetime | None:
    """The time that an event proves to have come: only an acceptance does (invariant I4 for denials)."""
    return event.time if event.kind is EventKind.ACCEPTED else None
