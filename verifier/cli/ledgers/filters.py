"""Which events of a history are meant: the newest that fit all that is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from verifier.cli import settings
from verifier.cli.options.option import Group, option
from verifier.core.clock import parse_duration, parse_rfc3339, shifted
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
from verifier.ledger.interface import EventKind, LedgerEvent


class Asked(Value):
    """What an event has to have; None and nothing ask for nothing."""

    kinds: frozenset[EventKind] = frozenset()
    codes: tuple[str, ...] = ()
    correlation_id: str | None = None
    digest: Digest | None = None
    since: datetime | None = None

    def fits(self, event: LedgerEvent) -> bool:
        """Whether an event is meant."""
        return (
            (not self.kinds or event.kind in self.kinds)
            and (not self.codes or any(_is_of(reason, code) for reason in event.reasons for code in self.codes))
            and self.correlation_id in (None, event.correlation_id)
            and (self.digest is None or self.digest in _digests(event))
            and (self.since is None or event.time >= self.since)
        )

    def newest(self, events: Iterable[LedgerEvent], limit: int) -> list[LedgerEvent]:
        """The newest `limit` of those that fit, oldest first."""
        return list(deque((event for event in events if self.fits(event)), maxlen=limit))


class Filters(Group):
    """What of a history is asked for."""

    panel = "Filters"
    limit: int = option("--limit", "The newest N events.", default=50, least=1)
    kind: tuple[EventKind, ...] = option("--kind", "Events of this kind; repeatable.", default=())
    code: tuple[str, ...] = option(
        "--code", "Denials with this reason code, or of this family, as in version; repeatable.", default=()
    )
    digest: str | None = option(
        "--digest", "Events that name this content, or judged by it.", default=None, metavar="SHA256"
    )
    correlation_id: str | None = option("--correlation-id", "Events of this run.", default=None)
    since: str | None = option("--since", "From this time on: RFC 3339, or as long ago as 7d.", default=None)

    def asked(self) -> Asked:
        """The same, read; raises `ConfigurationError`."""
        return Asked(
            kinds=frozenset(self.kind),
            codes=self.code,
            correlation_id=self.correlation_id,
            digest=None if self.digest is None else _digest(self.digest),
            since=None if self.since is None else _since(self.since),
        )


def _is_of(reason: str, code: str) -> bool:
    return reason == code or reason.startswith(f"{code.removesuffix('*').removesuffix('.')}.")


def _digests(event: LedgerEvent) -> set[Digest | None]:
    return {event.digest, event.policy, event.rule, event.verdict, *(each.digest for each in event.inputs)}


def _digest(text: str) -> Digest:
    try:
        return Digest.parse(text if ":" in text else f"sha256:{text}")
    except ValueError as error:
        raise ConfigurationError(str(error), where="--digest", hint="Write it in full: sha256:HEX.") from error


def _since(text: str) -> datetime:
    try:
        return parse_rfc3339(text)
    except ValueError:
        pass
    try:
        ago: timedelta = parse_duration(text)
    except ValueError as error:
        message = f"neither a time nor how long ago: {text[:40]!r}"
        hint = "Write it as in --since 2026-07-01T00:00:00Z, or --since 7d."
        raise ConfigurationError(message, where="--since", hint=hint) from error
    return shifted(settings.now(None), -ago)
