"""What a store of scopes must do, in ten members. Back ends share what rows mean, and a contract suite.

* a change is a compare-and-swap: it happens in whole, with its event, or not at all (False)
* the history is append-only; every event is chained to the one before it (`ledger.record`)
* the newest time seen never decreases; acceptances move it, denials and operators do not
* every answer is of one moment: whoever writes meanwhile is seen whole or not at all, and is never taken for damage
* what goes wrong with the store is `Refused`: `ledger.unavailable`, `ledger.corrupt` or `ledger.locked`

What else is asked of a history is a function over these: `ledger.history`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self, TypeVar

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.core.verdict import Input
from verifier.ledger.view import MAX_TRIES, View
from verifier.versions.memory import Tag
from verifier.versions.state import Effect, ScopeState

T = TypeVar("T")


class EventKind(StrEnum):
    """What happened; what may come of it is the table of `ledger.causes`."""

    ACCEPTED = "accepted"
    DENIED = "denied"
    FLOOR = "floor"
    QUARANTINE = "quarantine"
    IMPORT = "import"


class LedgerEvent(Value):
    """One line of the history.

    `sequence` counts from 1, with gaps where scopes have chains of their own (`ledger.chains`); there `previous` is
    the digest of the event before it in its scope, and `beside` the newest event that stood when it was written.
    `effect` is what it changed in its scope and `state` the digest of the state that came of it, None where nothing
    changed: the store gives an event these when it writes it. `scope` is empty where an import concerns the whole
    ledger, whose newest time seen it may raise to `time_seen`. `version` may be hostile text where `kind` is DENIED.
    `reasons` are codes. `detail` says what an operator did, `comment` why. `policy` and `rule` are the digests of the
    policy and of the effective rule that decided, `inputs` what was judged. `tag` is told where it stands for
    something that its scope did not know, and `layers`, the ChainIDs of images, where they were not kept.
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
    rule: Digest | None = None
    inputs: tuple[Input, ...] = ()
    verdict: Digest | None = None
    tag: Tag | None = None
    layers: tuple[Digest, ...] = ()
    time_seen: datetime | None = None
    effect: Effect | None = None
    state: Digest | None = None
    previous: Digest | None = None
    beside: Head | None = None


class Head(Value):
    """The end of the history: keep it elsewhere, and a ledger that was put back is found out.

    `sequence` is the place of the newest event. Of a store with one chain the digest is that event's; where scopes have
    chains of their own it is one over the ends of all (`ledger.chains`). An old one is known in either.
    """

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


class Entry(Value):
    """One line of the history as it stands: an event, its canonical text, its place and its digest in its chain."""

    event: LedgerEvent
    text: str
    head: Head


class Moment(Value):
    """Where all scopes stood at one head, sorted by name, and the newest time seen then."""

    head: Head
    max_time_seen: datetime | None
    states: tuple[tuple[str, ScopeState], ...]


class Change(Value):
    """One event, and the state of its scope that it leads to (None: it changes no scope).

    `expected_revision` is what the state replaces, None where the scope must not exist yet. Without a state it may say
    at which revision the event is true: one that repeats an acceptance is not written once that has been overtaken.
    """

    event: LedgerEvent
    state: ScopeState | None = None
    expected_revision: int | None = None


class TagName(Value):
    """The events of one scope that say what the tag `name` stands for."""

    name: str


class Layers(Value):
    """The events, of any scope, that name one of these ChainIDs as the layers of an image."""

    chains: tuple[Digest, ...]


Naming = Digest | TagName | Layers
"""What events may be asked for by: content that they made known by a version, or one of the above."""


class Ledger(Protocol):
    """A durable store of scopes. One object may be used by several threads, not across a fork.

    It is its own context manager: leaving the block closes it.
    """

    @property
    def url(self) -> str:
        """Where it is, without secrets."""

    @property
    def findings(self) -> tuple[Reason, ...]:
        """Warnings about the place that the store lies in."""

    def fetch(self, scope: str) -> View:
        """The newest committed view of one scope."""

    def swap(self, changes: Sequence[Change]) -> bool:
        """Make all changes, each to the scope of its event, or none.

        False where a scope is not at the expected revision, what is to be accepted as it stands does not stand, or the
        scope was told of the tag after the place that the event says.
        `ledger.unsound` for a change that its event cannot cause, or that nobody could read. Raises the newest time
        seen to that of every acceptance, and to the `time_seen` of every import.
        """

    def decide(self, scope: str, judge: Callable[[View], tuple[T, Change]]) -> T:
        """Judge the newest view of a scope, and make the change of it that is to be made: the answer, once it is made.

        `judge` may be asked again where others are faster, and by another thread of this process: it looks at nothing
        but the view. `ledger.locked` where others are faster again and again.
        """
        for _ in range(MAX_TRIES):
            answer, change = judge(self.fetch(scope))
            if self.swap((change,)):
                return answer
        raise refuse("ledger.locked", scope, f"other writers were faster {MAX_TRIES} times in a row")

    def scopes(self) -> Moment:
        """All scopes at one moment; the history up to its head is what led there."""

    def events(
        self,
        scope: str | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        newest: int | None = None,
        naming: Naming | None = None,
    ) -> Iterator[Entry]:
        """The history (of one scope), oldest first, page by page: what was written stays as it is.

        From the sequence after `after` to `until` included; of these the newest `newest`. It may be asked for the
        events alone that name what `naming` says; for content and tags, of one scope.
        """

    def head(self) -> Head:
        """The end of the history; `ledger.corrupt` where the newest event does not lead to it."""

    def had(self, head: Head) -> bool:
        """Whether the history once ended in this head: where it has one chain, an event led to it."""
        found = next(self.events(after=head.sequence - 1, until=head.sequence), None)
        return found is not None and found.head == head

    def close(self) -> None:
        """Let go of the store; nothing else may be called afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def time_moved_by(event: LedgerEvent) -> datetime | None:
    """The time that an event proves to have come, if any: that of an acceptance, here or where it comes from."""
    return event.time if event.kind is EventKind.ACCEPTED else event.time_seen
