"""Values that many ledger tests share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from verifier.core.digest import Digest
from verifier.core.value import replace
from verifier.ledger.advance import Circumstances
from verifier.ledger.interface import Change, EventKind, LedgerEvent
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.schemes import Scheme
from verifier.versions.state import HighWaterMark, ScopeState

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCOPE = "bundle:authz"
RULES = VersionRules(scheme=Scheme.SEMVER)
COUNTING = VersionRules(scheme=Scheme.INTEGER)


def content(name: str) -> Digest:
    return Digest.of(name.encode(errors="surrogatepass"))


def candidate(version: str, digest: str | None = None, **fields: Any) -> Candidate:
    """A SemVer candidate whose content is named after its version unless told otherwise."""
    fields.setdefault("scheme", Scheme.SEMVER)
    return Candidate(version=version, digest=content(digest or version), **fields)


def counted(number: int, **fields: Any) -> Candidate:
    return candidate(str(number), scheme=Scheme.INTEGER, **fields)


def mark(version: str, digest: str | None = None, **fields: Any) -> HighWaterMark:
    fields.setdefault("epoch", 0)
    fields.setdefault("scheme", Scheme.SEMVER)
    fields.setdefault("seen_at", NOW)
    return HighWaterMark(version=version, digest=content(digest or version), **fields)


def state(version: str, digest: str | None = None, **fields: Any) -> ScopeState:
    """A scope that accepted `version`."""
    return ScopeState(revision=1, mark=mark(version, digest), **fields)


def at(now: datetime = NOW, **fields: Any) -> Circumstances:
    return Circumstances(now=now, **fields)


def event(kind: EventKind = EventKind.ACCEPTED, scope: str = SCOPE, **fields: Any) -> LedgerEvent:
    fields.setdefault("time", NOW)
    return LedgerEvent(kind=kind, scope=scope, **fields)


def acceptance(accepted: HighWaterMark, scope: str = SCOPE) -> LedgerEvent:
    """The event that leads to the mark `accepted`."""
    said = {"version": accepted.version, "scheme": accepted.scheme, "epoch": accepted.epoch, "digest": accepted.digest}
    return event(scope=scope, time=accepted.seen_at, verdict=accepted.verdict, **said)


def founding(held: ScopeState, scope: str = SCOPE) -> Change:
    """A scope that comes to be whole, as an import makes it."""
    said = event(EventKind.IMPORT, scope)
    if held.mark is not None:
        said = replace(acceptance(held.mark, scope), kind=EventKind.IMPORT, verdict=None)
    return Change(event=said, state=held)


def advance(after: ScopeState, scope: str = SCOPE) -> Change:
    """The acceptance that leads to a state."""
    revision = None if after.revision == 1 else after.revision - 1
    return Change(event=acceptance(after.mark, scope), state=after, expected_revision=revision)
