"""In which a finding is settled: what `engine.settle` and `engine.recording` are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from verifier.checks.version.compared import NOT_COMPARED, Compared
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.value import Value, field
from verifier.engine.finding import Finding
from verifier.ledger.view import View

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger


class Recording(StrEnum):
    """What a ledger is told of a decision."""

    FULLY = "fully"
    """Every decision."""
    NEWS = "news"
    """Every decision but an acceptance that it knows, for a bounded time; by whoever asks over and over."""
    QUIETLY = "quietly"
    """An acceptance that it does not know; by whoever asks about the same all the time."""
    NOT = "not"
    """Nothing, which is said aloud."""
    NEVER = "never"
    """Nothing, and nobody would expect it."""


Compare = Callable[[Finding, View | Refused], Compared]


def compare_nothing(_: Finding, __: View | Refused) -> Compared:
    """Where no rule says what could be compared."""
    return NOT_COMPARED


class Situation(Value):
    """In which a finding is settled: by whom, when, with which ledger, and what it is to be told.

    `compare` judges the version against the ledger's view of `scope`. `ask` asks the ledger in the caller's own way, by
    default as it is. `levels` are demanded of what was verified in full. `told` is the revision at which the same
    caller has written this very acceptance before, `newest` the newest time at which it has asked, and `warned` how
    long before some of what an acceptance rests on ends that is said.
    """

    ledger: Ledger
    scope: str
    recording: Recording
    now: datetime
    correlation_id: str
    actor: str = "verify"
    compare: Compare = compare_nothing
    ask: Callable[[], View | Refused] | None = None
    levels: tuple[str, ...] = ()
    told: int | None = None
    newest: datetime | None = None
    warned: timedelta | None = None
    verifier_id: str = ""
    verifier_version: Mapping[str, str] = field(default_factory=dict)


def require_aware(now: datetime) -> None:
    """Refuse a time without an offset: the caller's mistake."""
    if now.tzinfo is None:
        raise ConfigurationError("a time needs its offset", where="now")
