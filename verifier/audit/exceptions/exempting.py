"""The exceptions of findings: which covers one, and which cover nothing. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from verifier.audit.exceptions.model import EXPIRED, UNUSED, Exemption
from verifier.audit.exceptions.scope import Name, covers, name_of
from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.formats.audit.result import Excuse, Finding


class Exempting:
    """The exceptions of findings, found by id; which of them have been of use."""

    def __init__(self, exemptions: Sequence[Exemption], now: datetime) -> None:
        self._all, self._now = exemptions, now
        self._about: dict[tuple[str, Name], list[Exemption]] = defaultdict(list)
        for each in exemptions:
            self._about[each.id, each.package.name].append(each)
        self._used: dict[int, bool] = {}

    def excuse(self, finding: Finding) -> Excuse | None:
        """The exception that covers a finding; of several the one that lasts longest."""
        name = name_of(finding.package) if self._about else None
        found = [
            each
            for identifier in finding.ids
            for each in (self._about.get((identifier, name), ()) if name is not None else ())
            if covers(each.package, finding.package)
        ]
        if not found:
            return None
        chosen = max(found, key=lambda each: each.expires)
        for each in found:
            self._used[id(each)] = self._used.get(id(each), False) or each is chosen
        return Excuse(
            by="exceptions",
            where=chosen.where,
            id=chosen.id,
            status=chosen.status,
            justification=chosen.justification,
            reason=chosen.reason,
            owner=chosen.owner,
            expires=chosen.expires,
            expired=chosen.expires <= self._now,
        )

    def reasons(self) -> Iterator[Reason]:
        """What is to be said of those that are of no use."""
        for each in self._all:
            ended = each.expires <= self._now
            if id(each) not in self._used:
                too = f"; it ended on {format_rfc3339(each.expires)}" if ended else ""
                message = f"{each.where}: no finding of {each.package.written} has the id {each.id}{too}"
                yield Reason(code=UNUSED, subject=each.id, message=message)
            elif ended and not self._used[id(each)]:
                message = f"{each.where}: it ended on {format_rfc3339(each.expires)}; another one covers the same"
                yield Reason(code=EXPIRED, subject=each.id, message=message)
